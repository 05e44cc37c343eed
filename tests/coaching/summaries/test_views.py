"""The way of a summary through the browser: coach, employee, team lead, and nobody else (REP-10)."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select, update

from kcc.audit.model import AuditLine
from kcc.coaching.summaries import erasure
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.notices.model import Notice
from kcc.people.model import CoachAssignment, FunctionPeriod
from tests.coaching.progress.finished import ALL_YES, report
from tests.coaching.summaries.conftest import REMARK, TEXT, Cycle, article
from tests.conftest import Client

pytestmark = pytest.mark.in_part("postgresql")

STRANGERS = ("bob", "carla", "other_coach", "other_lead", "manager", "officer", "administrator", "council")
DATES = re.compile(
    r"20\d\d-\d\d|\d\d:\d\d|januari|februari|maart|april|mei\b|juni|juli|augustus|oktober|novem"
)


@pytest.mark.rule("REP-10", "REP-9", "ACC-3")
def test_from_the_draft_to_the_team_lead(cycle: Cycle) -> None:
    """The employee reads it before the team lead does, and the team lead reads exactly that."""
    url = cycle.begun()
    draft = cycle.coach.get(url).text
    assert "dit gaat meestal goed" in draft
    assert cycle.anna.get(url).status_code == cycle.lead.get(url).status_code == 404
    assert cycle.coach.post(url, {"revision": "0", "text": TEXT}).status_code == 303
    assert cycle.coach.get(f"{url}/give").status_code == 200
    assert cycle.coach.post(f"{url}/give").status_code == 303
    assert cycle.lead.get(url).status_code == 404
    assert "/summaries/" not in cycle.lead.get("/summaries").text.split("<main")[1].split("</main")[0]
    shown = cycle.anna.get(url).text
    assert TEXT in shown
    view = "Ik herken dit. Het doorvragen oefen ik met mijn coach."
    assert cycle.anna.post(f"{url}/pass", {"revision": "1", "view": view}).status_code == 303
    led = cycle.lead.get(url)
    assert led.status_code == 200
    assert article(led.text) == article(cycle.anna.get(url).text) == article(cycle.coach.get(url).text)
    assert TEXT in led.text
    assert view in led.text
    for other in STRANGERS:
        assert cycle.browsers(getattr(cycle.centre, other)).get(url).status_code == 404, other


@pytest.mark.rule("REP-10")
def test_the_team_lead_cannot_see_when_it_was_made(cycle: Cycle) -> None:
    """Not in the page, the list, the headers, their own data or their notices."""
    url = cycle.passed()
    cycle.now.move(timedelta(days=40))
    lead = cycle.browsers(cycle.centre.lead)
    for address in (url, "/summaries"):
        answer = lead.get(address)
        main = answer.text.split("<main")[1].split("</main")[0]
        assert not DATES.search(main), DATES.search(main)
        assert "Last-Modified" not in answer.headers
        assert "ETag" not in answer.headers
    mine = lead.get("/my-data").text + lead.get("/my-data?who=me").text
    assert "Las een samenvatting" in mine
    assert "Schreef aan" not in mine
    assert "Gaf een samenvatting door" not in mine
    with cycle.stores.database.read() as session:
        assert session.scalars(select(Notice).where(Notice.person_id == cycle.centre.lead)).all() == []


@pytest.mark.rule("REP-10")
@pytest.mark.parametrize("reports", [0, 4])
def test_too_few_calls_make_no_summary(cycle: Cycle, reports: int) -> None:
    """The sentence says how many there are; nothing is kept."""
    since = {0: "2026-11-03", 4: "2026-10-12"}[reports]
    answer = cycle.begin(since=since)
    assert answer.status_code == 409
    assert f"in deze periode zijn het er {reports}" in answer.text
    assert f'value="{since}"' in answer.text
    assert cycle.rows() == []


@pytest.mark.rule("REP-10")
def test_calls_that_are_erased_since_count_no_more(cycle: Cycle) -> None:
    """What was enough when it was begun must be enough when it is given."""
    from kcc.coaching import erasure as report_erasure
    from kcc.coaching.model import Report

    url = cycle.written()
    with cycle.stores.database.read() as session:
        first = session.scalars(select(Report.id)).first()
    report_erasure.discard(cycle.stores, str(first), "test")
    answer = cycle.coach.post(f"{url}/give")
    assert answer.status_code == 409
    assert "in deze periode zijn het er 4" in answer.text
    assert cycle.anna.get(url).status_code == 404


@pytest.mark.rule("REP-10")
def test_only_calls_of_ones_own_reports_count(cycle: Cycle) -> None:
    """A colleague's report about the same employee is not this coach's to sum up (REP-4)."""
    day = cycle.now.at.date() - timedelta(days=1)
    report(cycle.stores, cycle.centre.anna, cycle.centre.other_coach, day, ALL_YES)
    cycle.begin(since="2026-10-12")
    assert cycle.rows() == []


@pytest.mark.rule("REP-10")
def test_traces_stop_it_and_are_pointed_at(cycle: Cycle) -> None:
    """Checking shows the words with the reason; giving refuses; the text stays as it was typed."""
    text = f"Op dinsdag 3 november ging het mis. {REMARK[7:]} Bel 06-12345678."
    url = cycle.begun()
    page = cycle.coach.post(url, {"revision": "0", "text": text, "check": "1"})
    assert page.status_code == 200
    for words in ("dinsdag", "3 november", "de klant rustig uitpraten over", "06-12345678"):
        assert re.search(rf"<mark>[^<]*{words}", page.text), words
    assert text in page.text
    refused = cycle.coach.post(f"{url}/give")
    assert refused.status_code == 422
    assert "<mark>3 november</mark>" in refused.text
    assert 'href="#text"' in refused.text
    assert cycle.anna.get(url).status_code == 404


@pytest.mark.rule("REP-10")
def test_the_draft_itself_holds_no_trace(cycle: Cycle) -> None:
    """In both languages; and it names no call, no number."""
    for language in ("nl", "en"):
        cycle.coach.flask.set_cookie("language", language)
        url = cycle.begun()
        page = cycle.coach.post(url, {"revision": "0", "text": "", "check": "1"})
        assert page.status_code == 200
        with cycle.stores.database.write() as session:
            for row in session.scalars(select(AppraisalSummary)):
                erasure.begin(session, row, "test")
        erasure.finish(cycle.stores)
        url = cycle.begun()
        shown = re.search(r"<textarea[^>]*>(.*?)</textarea>", cycle.coach.get(url).text, re.DOTALL)
        assert shown
        assert ("Opening" if language == "en" else "Aanvang") in shown.group(1)
        assert not re.search(r"\d", unescape(shown.group(1)))
        assert cycle.coach.post(f"{url}/give").status_code == 303
        assert cycle.coach.post(f"{url}/take-back").status_code == 303
        assert cycle.coach.post(f"{url}/discard").status_code == 303
        assert cycle.rows() == []


@pytest.mark.rule("REP-10")
def test_the_view_may_not_betray_a_call_either(cycle: Cycle) -> None:
    """It is refused with the words pointed at, and what was typed stays; nothing is passed on."""
    url = cycle.given()
    cycle.anna.get(url)
    view = "Dat gesprek van 12 maart met mevrouw Jansen was lastig."
    answer = cycle.anna.post(f"{url}/pass", {"revision": "1", "view": view})
    assert answer.status_code == 422
    assert view in answer.text
    assert "<mark>12 maart</mark>" in answer.text
    assert "<mark>mevrouw Jansen</mark>" in answer.text
    assert cycle.lead.get(url).status_code == 404


@pytest.mark.rule("REP-10")
def test_without_a_word_it_goes_on_in_time_but_never_unread(cycle: Cycle) -> None:
    """The days count from the first reading, and the page says which day it will be."""
    url = cycle.given()
    cycle.now.move(timedelta(days=60))
    assert erasure.settle(cycle.stores) == (0, 0)
    anna = cycle.browsers(cycle.centre.anna)
    assert "16 januari 2027" in anna.get(url).text
    cycle.now.move(timedelta(days=13))
    assert erasure.settle(cycle.stores) == (0, 0)
    assert cycle.browsers(cycle.centre.lead).get(url).status_code == 404
    cycle.now.move(timedelta(days=1))
    assert erasure.settle(cycle.stores) == (1, 0)
    assert erasure.settle(cycle.stores) == (0, 0)
    assert cycle.browsers(cycle.centre.lead).get(url).status_code == 200
    with cycle.stores.database.read() as session:
        passed = select(Notice.person_id, Notice.word).where(Notice.word.startswith("summary.passed"))
        told = {tuple(row) for row in session.execute(passed)}
    assert told == {(cycle.centre.anna, "summary.passed"), (cycle.centre.coach, "summary.passed_coach")}


@pytest.mark.rule("REP-10")
def test_taken_back_it_is_read_anew(cycle: Cycle) -> None:
    """The employee cannot pass on what they have not read in its new words; both are told."""
    url = cycle.given()
    assert cycle.anna.get(url).status_code == 200
    assert cycle.coach.post(url, {"revision": "1", "text": "Anders."}).status_code == 409
    assert cycle.coach.post(f"{url}/take-back").status_code == 303
    assert cycle.anna.get(url).status_code == 404
    assert cycle.anna.post(f"{url}/pass", {"revision": "1", "view": ""}).status_code == 404
    assert cycle.coach.post(url, {"revision": "1", "text": "Anna vat goed samen."}).status_code == 303
    assert cycle.coach.post(f"{url}/give").status_code == 303
    late = cycle.anna.post(f"{url}/pass", {"revision": "1", "view": "Mooi."})
    assert late.status_code == 409
    assert "Lees hem eerst opnieuw" in late.text
    assert cycle.anna.post(f"{url}/pass", {"revision": "2", "view": "Mooi."}).status_code == 303
    assert cycle.coach.post(f"{url}/take-back").status_code == 404
    with cycle.stores.database.read() as session:
        mine = select(Notice.word).where(Notice.person_id == cycle.centre.anna)
        assert sorted(session.scalars(mine)) == ["summary.given", "summary.given", "summary.taken_back"]


@pytest.mark.rule("REP-10")
def test_a_new_one_replaces_the_old_of_its_cycle(cycle: Cycle) -> None:
    """With its key; of another cycle it stays."""
    old = cycle.passed()
    cycle.now.move(timedelta(minutes=1))
    new = cycle.passed("Nog eens.")
    assert old != new
    assert cycle.lead.get(old).status_code == cycle.anna.get(old).status_code == 404
    assert cycle.lead.get(new).status_code == 200
    assert [row.id for row in cycle.rows()] == [new.rpartition("/")[2]]
    assert not cycle.stores.keys.holds([old.rpartition("/")[2]])


def test_twice_gives_one(cycle: Cycle) -> None:
    """The same cycle asked for again is the draft that was begun; an old page does not overwrite a newer."""
    assert cycle.begun() == cycle.begun()
    url = cycle.written()
    stale = cycle.coach.post(url, {"revision": "0", "text": "Ouder."})
    assert stale.status_code == 409
    assert "Ouder." in stale.text
    assert TEXT in cycle.coach.get(url).text
    assert cycle.coach.post(f"{url}/give").status_code == 303
    assert cycle.coach.post(f"{url}/give").status_code == 409
    cycle.anna.get(url)
    assert cycle.anna.post(f"{url}/pass", {"revision": "1", "view": ""}).status_code == 303
    assert cycle.anna.post(f"{url}/pass", {"revision": "1", "view": "Te laat."}).status_code == 404


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"since": "gisteren"}, "Schrijf een dag als"),
        ({"until": "2026-11-04"}, "Deze dag is nog niet gekomen."),
        ({"since": "2026-11-03", "until": "2026-11-02"}, "mag niet na de laatste"),
        ({"since": "2024-01-01"}, "hoogstens een jaar"),
    ],
)
def test_wrong_days_are_said_beside_the_field(cycle: Cycle, said: dict[str, str], words: str) -> None:
    answer = cycle.begin(**said)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert cycle.rows() == []


@pytest.mark.parametrize("text", ["", "x" * 4001, "met \x07 bel"])
def test_wrong_texts_are_refused(cycle: Cycle, text: str) -> None:
    """Nothing, too much, or what cannot be stored."""
    url = cycle.begun()
    saved = cycle.coach.post(url, {"revision": "0", "text": text}).status_code
    given = cycle.coach.post(f"{url}/give")
    assert (saved, given.status_code) == ((303, 422) if not text else (422, 303))


def test_in_english(cycle: Cycle) -> None:
    """The pages speak the reader's language."""
    url = cycle.given()
    cycle.anna.flask.set_cookie("language", "en")
    page = cycle.anna.get(url).text
    assert "You read this first" in page
    cycle.anna.post(f"{url}/pass", {"revision": "1", "view": ""})
    cycle.lead.flask.set_cookie("language", "en")
    assert "It serves as support only" in cycle.lead.get(url).text


@pytest.mark.rule("REP-10", "ACC-1")
def test_only_todays_team_lead_and_coach(cycle: Cycle) -> None:
    """Whoever led the team before reads it no more, whoever leads it now does; so with the coach."""
    url = cycle.passed()
    today = cycle.now.at.date()
    with cycle.stores.database.write() as session:
        leads = (cycle.centre.lead, cycle.centre.other_lead)
        red, blue = (
            session.scalar(select(FunctionPeriod.team_id).where(FunctionPeriod.person_id == lead))
            for lead in leads
        )
        for lead, team in zip(leads, (blue, red), strict=True):
            session.execute(
                update(FunctionPeriod).where(FunctionPeriod.person_id == lead).values(team_id=team)
            )
        coached = update(CoachAssignment).where(CoachAssignment.employee_id == cycle.centre.anna)
        session.execute(coached.values(ends=today))
    for former in (cycle.centre.lead, cycle.centre.coach):
        assert cycle.browsers(former).get(url).status_code == 404
    assert cycle.browsers(cycle.centre.other_lead).get(url).status_code == 200
    assert cycle.anna.get(url).status_code == 200


@pytest.mark.rule("REP-10", "ACC-5")
def test_each_act_is_in_the_log_without_content(cycle: Cycle, browser_as: Callable[[str], Client]) -> None:
    """And the employee finds them among what was done with their data."""
    cycle.passed("Mijn kijk op het werk.")
    with cycle.stores.database.read() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.action.startswith("summary:"))).all()
    said = [line.action for line in lines if line.allowed]
    assert {"summary:write", "summary:read", "summary:pass"} <= set(said)
    assert all(line.about_id == cycle.centre.anna for line in lines if line.action != "summary:list")
    assert not any("Mijn kijk" in line.body or TEXT[:12] in line.body for line in lines if line.body)
    assert "Gaf een samenvatting door" in browser_as(cycle.centre.anna).get("/my-data?who=me").text
