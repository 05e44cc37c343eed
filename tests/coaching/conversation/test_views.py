"""The pages of a conversation as two browsers meet them, from the first proposal to both signatures."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from kcc import clock
from kcc.access.actor import Function
from kcc.audit.model import AuditLine
from kcc.coaching import boards, erasure
from kcc.coaching.boards import Stages
from kcc.coaching.conversation.paper import pdf
from kcc.coaching.model import Report
from kcc.people.model import CoachAssignment, Person
from kcc.people.model import FunctionPeriod as Period
from tests.coaching.conftest import DRAW_DAY, Month
from tests.coaching.conversation.conftest import SAID, VIEWS, Table, finish
from tests.conftest import Client

pytestmark = pytest.mark.in_part("postgresql")
Browser = Callable[[str], Client]
OTHERS = ("bob", "other_coach", "lead")
"""Of everybody else tests/access says it: a colleague, a coach of others, who leads her."""


@pytest.fixture
def url(table: Table) -> str:
    """The address of the report."""
    return f"/reports/{table.report_id}"


@pytest.fixture
def both(table: Table, browser_as: Browser) -> tuple[Client, Client]:
    """The browsers of coach and employee."""
    return browser_as(table.coach.person_id), browser_as(table.anna.person_id)


def seen(page: TestResponse) -> str:
    """What the page to sign says it showed."""
    found = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert found
    return found.group(1)


def proposal(days: int = 2) -> dict[str, str]:
    """A proposal as the form sends it."""
    day = clock.today() + timedelta(days=days)
    return {"option-1": day.isoformat(), "time-1": "10:00", "minutes": "45", "where": "Kamer 2.14"}


def write(coach: Client, anna: Client, url: str) -> None:
    """Both share their view, and the coach writes down what they agreed."""
    for who, view in ((anna, VIEWS["employee"]), (coach, VIEWS["coach"])):
        sent = {"revision": "0", "view": view, "share": "1"}
        assert who.post(f"{url}/conversation/view", sent).status_code == 303
    assert coach.post(f"{url}/conversation/text", {"revision": "0", **SAID}).status_code == 303


def sign(who: Client, url: str) -> TestResponse:
    """Read it all, and sign that."""
    shown = seen(who.get(f"{url}/conversation/sign"))
    return who.post(f"{url}/conversation/sign", {"seen": shown})


@pytest.mark.rule("REP-1", "REP-3", "REP-4")
def test_from_a_proposal_to_both_signatures(table: Table, url: str, both: tuple[Client, Client]) -> None:
    """Each step tells both what waits for whom, on the list of reports first."""
    coach, anna = both
    assert "Wacht op jou" in coach.get("/reports").text
    assert "Wacht op jou" not in anna.get("/reports").text
    assert coach.post(f"{url}/conversation/proposal", proposal()).status_code == 303
    asked = anna.get("/reports").text
    assert asked.index("Wacht op jou") < asked.index("<table")
    page = anna.get(f"{url}/conversation").text
    (moment,) = re.findall(r'name="moment" value="(2026[^"]+)"', page)
    assert anna.post(f"{url}/conversation/answer", {"moment": moment}).status_code == 303
    for who in both:
        entry = who.get(f"{url}/conversation/calendar")
        assert entry.content_type.startswith("text/calendar")
        assert f"UID:conversation-{table.report_id}@kcc" in entry.text.replace("\r\n ", "")
        assert "DTSTART:20261118T090000Z" in entry.text
        assert "DTEND:20261118T094500Z" in entry.text
    write(coach, anna, url)
    assert sign(coach, url).headers["Location"] == url
    assert "heeft ondertekend. Lees het" in anna.get(url).text
    assert sign(anna, url).status_code == 303
    for who in both:
        letter = who.get(url).text
        for said in (*SAID.values(), *VIEWS.values(), "Door beiden ondertekend"):
            assert said in letter, said
        assert "door beiden ondertekend" in who.get("/reports").text


@pytest.mark.rule("REP-4", "REP-9", "ACC-3", "ACC-6")
def test_nobody_else_comes_in_by_any_door(table: Table, url: str, browser_as: Browser) -> None:
    """Not to read, write, sign, or take anything along; and an employee proposes nothing."""
    table.propose()
    table.sign_off()
    for other in OTHERS:
        stranger = browser_as(getattr(table.month.centre, other))
        for door in (
            "",
            "/pdf",
            *(f"/conversation{part}" for part in ("", "/sign", "/earlier", "/calendar")),
        ):
            assert stranger.get(f"{url}{door}").status_code == 404, (other, door)
        for door in ("proposal", "answer", "cancel", "view", "text", "sign"):
            assert stranger.post(f"{url}/conversation/{door}", {"revision": "1"}).status_code == 404
    anna = browser_as(table.anna.person_id)
    assert anna.post(f"{url}/conversation/proposal", proposal()).status_code == 404
    assert anna.post(f"{url}/conversation/cancel").status_code == 404
    coach = browser_as(table.coach.person_id)
    assert coach.post(f"{url}/conversation/answer", {"moment": "another", "wish": "x"}).status_code == 404


def test_what_is_wrong_is_said_beside_the_field(url: str, both: tuple[Client, Client]) -> None:
    """With what was typed; an edge of a form that was taken apart is no fault of ours."""
    coach, anna = both
    for field, said in (
        ("option-1", {"option-1": ""}),
        ("option-1", {"time-1": "laat"}),
        ("option-1", {"option-1": "2020-01-01"}),
        ("minutes", {"minutes": "lang"}),
        ("minutes", {"minutes": "5"}),
        ("where", {"where": ""}),
    ):
        wrong = coach.post(f"{url}/conversation/proposal", {**proposal(), "where": "Lokaal 9", **said})
        assert wrong.status_code == 422
        assert f'href="#{field}"' in wrong.text
        assert 'value="Lokaal 9"' in wrong.text or field == "where"
    coach.post(f"{url}/conversation/proposal", proposal())
    for moment in ("", "gisteren", "0001-01-01T00:00:00+10:00"):
        assert anna.post(f"{url}/conversation/answer", {"moment": moment}).status_code == 422
    assert anna.post(f"{url}/conversation/answer", {"moment": "another"}).status_code == 422
    long = "lang " * 900
    page = anna.post(f"{url}/conversation/view", {"revision": "0", "view": long})
    assert page.status_code == 422
    assert long.strip() in page.text
    assert anna.post(f"{url}/conversation/text", SAID).status_code == 422, "no revision"
    kept = coach.post(f"{url}/conversation/text", {"revision": "0", **SAID, "agreements": "x" * 4001})
    assert (kept.status_code, SAID["conclusions"] in kept.text) == (422, True)


@pytest.mark.rule("REP-3")
def test_at_once_both_texts_are_shown(url: str, both: tuple[Client, Client]) -> None:
    """The second to save keeps what they typed beside what the first saved, and saves after comparing."""
    coach, anna = both
    coach.post(f"{url}/conversation/text", {"revision": "0", **SAID})
    page = anna.post(f"{url}/conversation/text", {"revision": "0", **SAID, "conclusions": "Van Anna."})
    assert page.status_code == 409
    assert "Van Anna." in page.text
    assert SAID["conclusions"] in page.text
    assert '#together" novalidate' in page.text
    assert re.search(r'/conversation/text.*?name="revision" value="1"', page.text, re.DOTALL)
    assert "Van Anna." not in coach.get(url).text
    anna.post(f"{url}/conversation/view", {"revision": "0", "view": "eerste"})
    page = anna.post(f"{url}/conversation/view", {"revision": "0", "view": "tweede"})
    assert (page.status_code, "eerste" in page.text, "tweede" in page.text) == (409, True, True)


@pytest.mark.rule("REP-3")
def test_a_page_from_before_a_change_signs_nothing(url: str, both: tuple[Client, Client]) -> None:
    """The second signature is refused; the page then shows the new text, and that can be signed."""
    coach, anna = both
    write(coach, anna, url)
    before = seen(anna.get(f"{url}/conversation/sign"))
    sign(coach, url)
    coach.post(f"{url}/conversation/text", {"revision": "1", **SAID, "agreements": "Iets anders."})
    refused = anna.post(f"{url}/conversation/sign", {"seen": before})
    assert refused.status_code == 409
    assert "Iets anders." in refused.text
    assert anna.post(f"{url}/conversation/sign", {"seen": seen(refused)}).status_code == 303
    assert "ondertekend door de medewerker" in anna.get("/reports").text
    assert coach.post(f"{url}/conversation/sign", {"seen": "x"}).status_code == 409


@pytest.mark.rule("REP-3")
def test_a_signature_asks_for_a_fresh_proof(url: str, both: tuple[Client, Client], now: clock.Frozen) -> None:
    """After five minutes the page asks again who it is, and so does taking a report along."""
    coach, anna = both
    write(coach, anna, url)
    now.move(timedelta(minutes=6))
    for door in ("/conversation/sign", "/pdf"):
        assert anna.get(f"{url}{door}").headers["Location"].startswith("/signin/again")
    assert anna.get(f"{url}/conversation").status_code == 200


@pytest.mark.rule("REP-3")
def test_a_change_after_sign_off_is_shown_word_by_word(url: str, both: tuple[Client, Client]) -> None:
    """It asks for a reason; then both read what was and what is, and what they signed stays beside it."""
    coach, anna = both
    write(coach, anna, url)
    sign(coach, url)
    sign(anna, url)
    changed = {"revision": "1", **SAID, "agreements": "Anna vat elke dag samen. <b>"}
    refused = anna.post(f"{url}/conversation/text", changed)
    assert (refused.status_code, 'href="#reason"' in refused.text) == (422, True)
    assert anna.post(f"{url}/conversation/text", {**changed, "reason": "Fout."}).status_code == 303
    page = coach.get(f"{url}/conversation").text
    assert re.search(r"<del>.*?voortaan.*?</del>", page, re.DOTALL)
    assert re.search(r"<ins>.*?dag.*?</ins>", page, re.DOTALL)
    assert "&lt;b&gt;" in page
    assert "Fout." in page
    for who in both:
        earlier = who.get(f"{url}/conversation/earlier?version=1")
        assert SAID["agreements"] in earlier.text
        assert "<ins>" in earlier.text
        assert not re.search(r"Macro|Whole\(|Signed\(", earlier.text + page), "a name of the page's own frame"
        assert who.get(f"{url}/conversation/earlier?version=2").status_code == 404
        assert who.get(f"{url}/conversation/earlier?version=x").status_code == 200, "the last one"
    sign(anna, url)
    sign(coach, url)
    assert "/conversation/earlier?version=1" in coach.get(url).text


def take(who: Client, url: str) -> tuple[PdfReader, str]:
    """The PDF of a report, and its text without line ends."""
    answer = who.get(f"{url}/pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    reader = PdfReader(BytesIO(answer.data))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


HOSTILE = '#panic("x") #read("/etc/passwd") *vet* $x$ = Kop <label> @ref \\ [ ] /* */ // `code` ~ ---'
LONG = "Anna-Margaretha Wilhelmina van den Bovenkamp-Şahin-Ouedraogo"


@pytest.mark.rule("REP-4", "REP-9", "RET-8")
def test_the_pdf_is_tagged_and_says_what_the_report_says(
    table: Table, url: str, both: tuple[Client, Client]
) -> None:
    """In Dutch and English, with bookmarks; hostile and long text stands in it as it was written."""
    coach, anna = both
    with table.month.stores.database.write() as session:
        session.execute(update(Person).where(Person.id == table.anna.person_id).values(name=LONG))
    table.view(table.anna, HOSTILE)
    table.view(table.coach, "woord " * 660)
    table.write(table.coach, conclusions="Één conclusie.\n\nTweede alinea – klaar.", point_2=HOSTILE)
    reader, text = take(anna, url)
    root = reader.trailer["/Root"]
    assert root["/StructTreeRoot"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("nl")
    assert reader.metadata is not None
    assert "Verslag van" in str(reader.metadata.title)
    titles = [mark["/Title"] for mark in reader.outline if not isinstance(mark, list)]
    assert "Het coachgesprek" in titles
    for said in (LONG, "Één conclusie.", "Tweede alinea – klaar.", "Nog niet ondertekend."):
        assert said in text, said
    assert text.count('#panic("x")#read("/etc/passwd")'.replace(")#", ") #")) == 2
    assert "@ref" in text
    assert len(reader.pages) > 1
    coach.flask.set_cookie("language", "en")
    reader, text = take(coach, url)
    assert str(reader.trailer["/Root"]["/Lang"]).startswith("en")
    assert "Not signed yet." in text
    with table.month.stores.database.read() as session:
        query = select(AuditLine.actor_id, AuditLine.about_id).where(AuditLine.action == "report:take")
        assert list(session.execute(query.order_by(AuditLine.id))) == [
            (table.anna.person_id, table.anna.person_id),
            (table.coach.person_id, table.anna.person_id),
        ]


def test_an_unshared_view_is_in_no_pdf(table: Table, url: str, both: tuple[Client, Client]) -> None:
    """Neither the other's nor one's own: what is not shared is not of the report."""
    table.view(table.anna, "Nog niet voor anderen", share=False)
    for who in both:
        assert "Nog niet voor anderen" not in take(who, url)[1]
    assert "Nog niet voor anderen" not in both[0].get(f"{url}/conversation").text


def test_without_the_extra_there_is_no_pdf(
    url: str, both: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No link leads to it, and its address is as any other that does not exist."""
    assert f"{url}/pdf" in both[1].get(url).text
    monkeypatch.setattr(pdf, "find_spec", lambda _name: None)
    assert f"{url}/pdf" not in both[1].get(url).text
    assert both[1].get(f"{url}/pdf").status_code == 404


def test_in_english_and_after_a_move(table: Table, url: str, both: tuple[Client, Client]) -> None:
    """Each reads it in their own language; a moment that is off comes out of the calendar."""
    coach, anna = both
    anna.flask.set_cookie("language", "en")
    assert anna.get(f"{url}/conversation/calendar").status_code == 404
    table.propose()
    page = anna.get(f"{url}/conversation").text
    assert "Choose one of the moments, or ask for another." in page
    (moment,) = re.findall(r'name="moment" value="(2026[^"]+)"', page)
    anna.post(f"{url}/conversation/answer", {"moment": moment})
    assert anna.post(f"{url}/conversation/answer", {"moment": moment}).status_code == 303, "twice is once"
    assert anna.post(f"{url}/conversation/answer", {"moment": "another", "wish": "later"}).status_code == 303
    entry = anna.get(f"{url}/conversation/calendar").text
    assert ("STATUS:CANCELLED" in entry, "SEQUENCE:2" in entry, "SUMMARY:Coaching" in entry) == (True,) * 3
    assert "later" in coach.get(f"{url}/conversation").text
    assert coach.post(f"{url}/conversation/cancel").status_code == 303


# --- what changed in between ---


@pytest.mark.rule("REP-5")
def test_when_the_employee_changes_function_it_is_gone(
    table: Table, url: str, both: tuple[Client, Client]
) -> None:
    """For both at once; the form that was still open finds nothing; and all of it is destroyed."""
    coach, anna = both
    write(coach, anna, url)
    shown = seen(anna.get(f"{url}/conversation/sign"))
    with table.month.stores.database.write() as session:
        mine = (Period.person_id == table.anna.person_id, Period.function == Function.EMPLOYEE)
        session.execute(update(Period).where(*mine).values(ends=clock.today()))
    assert anna.post(f"{url}/conversation/sign", {"seen": shown}).status_code == 401, "she has no function"
    assert coach.post(f"{url}/conversation/text", {"revision": "1", **SAID}).status_code == 404
    erasure.discard(table.month.stores, table.report_id, "function")
    assert coach.get(f"{url}/conversation").status_code == 404


@pytest.mark.rule("REP-6")
def test_when_the_coach_changes_the_successor_goes_on(
    table: Table, url: str, both: tuple[Client, Client], browser_as: Browser
) -> None:
    """Without one only the employee reads and writes; a signature given before stays the one who gave it."""
    coach, anna = both
    centre, stores = table.month.centre, table.month.stores
    write(coach, anna, url)
    sign(coach, url)
    with stores.database.write() as session:
        pair = CoachAssignment.employee_id == table.anna.person_id
        session.execute(update(CoachAssignment).where(pair).values(ends=clock.today()))
    assert coach.get(f"{url}/conversation").status_code == 404
    assert anna.get(f"{url}/conversation").status_code == 200
    with stores.database.write() as session:
        row = {"coach_id": centre.other_coach, "employee_id": table.anna.person_id, "begins": clock.today()}
        session.add(CoachAssignment(**row))
        changed = {"coach_id": centre.other_coach, "written_by_id": centre.coach}
        session.execute(update(Report).where(Report.id == table.report_id).values(**changed))
    assert sign(anna, url).status_code == 303
    successor = browser_as(centre.other_coach)
    letter = successor.get(url).text
    assert "Coach Jansen, als coach" in letter
    assert successor.get(f"{url}/conversation").status_code == 200
    assert successor.post(f"{url}/conversation/proposal", proposal()).status_code == 303


def many(month: Month, employee: str) -> Iterator[Table]:
    """Every drawn call of an employee finished, an hour apart."""
    for place, _ in enumerate(month.samples(employee)):
        month.now.move(timedelta(hours=1))
        yield finish(month, place)


def test_lists_tell_what_waits_for_each(drawn: Month, browser_as: Browser) -> None:
    """Four reports in four states: each side is shown its own next steps, and no more."""
    tables = list(many(drawn, drawn.centre.anna))
    tables[1].propose()
    tables[2].write_all()
    tables[2].sign(tables[2].coach)
    tables[3].sign_off()
    for who, waiting in ((drawn.centre.coach, {0}), (drawn.centre.anna, {1, 2})):
        page = browser_as(who).get("/reports").text
        links = set(re.findall(r"/reports/([0-9a-f]{32})/conversation", page))
        assert links == {tables[place].report_id for place in waiting}
    with drawn.stores.database.read() as session:
        found = boards.stages(session, [drawn.centre.anna, drawn.centre.bob], DRAW_DAY.replace(day=1))
    assert found == {drawn.centre.anna: Stages(4, 0, 2, 1), drawn.centre.bob: Stages()}
