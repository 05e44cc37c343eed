"""The administrator's pages of the register: what they show and say, and two administrators at one line."""

import html
import re
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from kcc import clock
from kcc.access.actor import Function
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.db import Database
from kcc.errors import Invalid, KccError
from kcc.people.model import FunctionPeriod, Person
from kcc.recordings.model import Line, LineChange
from kcc.recordings.register import changing
from kcc.recordings.register.changing import LineValues
from kcc.recordings.rules import LineKind
from kcc.stores import Stores
from tests.audit.lines import body
from tests.centre import BEGAN, Centre
from tests.conftest import Client
from tests.recordings import traces

As = Callable[[str], Client]
MAIN = {
    "revision": "1",
    "name": "Hoofdlijn",
    "kind": "recorded",
    "welcome_text_since": "2024-01-01",
    "reason": "Besluit van 3 november.",
}


def text(page: str) -> str:
    """A page's words, blanks evened out."""
    words = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", words)).split())


def line(stores: Stores, code: str = "main") -> Line:
    """A line as it stands."""
    with stores.database.read() as session:
        return session.get_one(Line, code)


@pytest.fixture
def browser(browser_as: As, centre: Centre) -> Client:
    """The administrator's."""
    return browser_as(centre.administrator)


@pytest.fixture
def second(browser_as: As, stores: Stores) -> Client:
    """Another administrator's."""
    with stores.database.write() as session:
        person = Person(number="admin-2", name="Tweede Beheerder", language="nl")
        session.add(person)
        session.flush()
        session.add(FunctionPeriod(person_id=person.id, function=Function.ADMINISTRATOR, begins=BEGAN))
    return browser_as(person.id)


@pytest.mark.rule("ACC-6")
def test_the_list_counts_calls_and_shows_nobody(centre: Centre, now: Frozen, browser_as: As) -> None:
    """Of 28 days: a call that began earlier, or was refused earlier, counts no more."""
    centre.call("anna", line="silent")
    now.move(timedelta(days=28))
    centre.calls(3)
    centre.call("anna", scope="internal")
    centre.call("bob", line="direct")
    centre.call("bob", line="private")
    centre.call("nobody-known")
    centre.call("anna", line="elsewhere")
    browser = browser_as(centre.administrator)
    page = browser.get("/lines").text
    rows = [text(row) for row in re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', page, re.DOTALL)]
    assert rows == [
        "Doorkiesnummer direct Doorkiesnummer – 0 1 0 –",
        "Hoofdlijn main Opgenomen 1 jan 2024 4 1 0 –",
        "Netwerkrelaties network Netwerkrelaties 1 jan 2024 0 0 0 –",
        "Niet opgenomen excluded Uitgesloten – 0 0 0 –",
        "Privélijn private Privé – 0 0 1 –",
        "Zonder welkomsttekst silent Opgenomen geweigerd: geen tekst 0 0 0 –",
    ]
    assert "1 gesprek is geweigerd omdat de lijn hier onbekend is." in text(page)
    assert not re.search("Anna|Bob|agent-|call-1|elsewhere", page)
    assert "Bewaard 4 Geregistreerd zonder geluid 1 Geweigerd 0" in text(browser.get("/line/main").text)


def test_an_empty_register_says_what_that_means(browser: Client, stores: Stores) -> None:
    with stores.database.write() as session:
        session.execute(delete(Line))
    page = text(browser.get("/lines").text)
    assert (
        "Er staat nog geen lijn in het register Zolang er geen is, wordt elk gesprek geweigerd (PUR-5)."
        in page
    )
    assert "Lijn toevoegen" in page


def test_lines_stand_in_the_administrators_menu_alone(
    browser: Client, centre: Centre, browser_as: As
) -> None:
    assert 'href="/lines"' in browser.get("/status").text
    for person in (centre.anna, centre.coach, centre.lead, centre.officer, centre.council):
        assert 'href="/lines"' not in browser_as(person).get("/account").text


@pytest.mark.rule("PUR-5", "ACC-5")
def test_a_line_is_added_with_a_reason(browser: Client, stores: Stores, centre: Centre) -> None:
    sent = MAIN | {"code": "nieuw", "name": "  Nieuwe lijn ", "reason": " Er kwam een lijn bij. "}
    answer = browser.post("/lines/new", sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/line/nieuw")
    added = line(stores, "nieuw")
    assert (added.name, added.kind, added.revision, added.kind_since) == ("Nieuwe lijn", "recorded", 1, None)
    page = text(browser.get("/line/nieuw").text)
    assert "De lijn staat in het register." in page
    assert "Administrator Jansen beheerder Toegevoegd Soort: Opgenomen" in page
    assert page.count("Er kwam een lijn bij.") == 1
    assert centre.call(line="nieuw").code == "stored"
    again = browser.post("/lines/new", sent)
    assert (again.status_code, "De lijn nieuw staat al in het register." in again.text) == (422, True)


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({}, ["code", "name", "kind", "reason"]),
        ({**MAIN, "code": "a b"}, ["code"]),
        ({**MAIN, "code": ".."}, ["code"]),
        ({**MAIN, "code": "x" * 65}, ["code"]),
        ({**MAIN, "code": "ok", "name": "x" * 201}, ["name"]),
        ({**MAIN, "code": "ok", "name": "a\0b"}, ["name"]),
        ({**MAIN, "code": "ok", "kind": "sometimes"}, ["kind"]),
        ({**MAIN, "code": "ok", "welcome_text_since": "gisteren"}, ["welcome_text_since"]),
        ({**MAIN, "code": "ok", "welcome_text_since": "2026-02-31"}, ["welcome_text_since"]),
        ({**MAIN, "code": "ok", "welcome_text_since": "0001-01-01"}, ["welcome_text_since"]),
        ({**MAIN, "code": "ok", "reason": " \r\n "}, ["reason"]),
        ({**MAIN, "code": "ok", "reason": "a\0b"}, ["reason"]),
        ({**MAIN, "code": "ok", "reason": "x" * 401}, ["reason"]),
        ({**MAIN, "code": "ok", "welcome_text_since": "", "reason": ""}, ["reason", "understood"]),
        ({**MAIN, "code": "ok", "kind": "private"}, ["understood"]),
    ],
)
def test_what_is_wrong_is_said_at_once_and_what_was_typed_stays(
    browser: Client, stores: Stores, typed: dict[str, str], fields: list[str]
) -> None:
    answer = browser.post("/lines/new", typed)
    assert answer.status_code == 422
    assert re.findall(r'<li><a class="rvo-link" href="#(\w+)">', answer.text) == fields
    for name in ("code", "name"):
        assert html.escape(typed.get(name, "").strip()) in answer.text
    with stores.database.read() as session:
        assert session.get(Line, "ok") is None
        assert not session.scalars(select(LineChange)).all()


@pytest.mark.rule("ACC-5")
def test_each_change_has_its_line_in_the_history_and_in_the_audit(
    browser: Client, stores: Stores, centre: Centre, now: Frozen
) -> None:
    day = MAIN | {"welcome_text_since": "2025-06-01", "understood": "recorded 2025-06-01"}
    assert browser.post("/line/main/change", day).status_code == 303
    now.move(timedelta(minutes=5))
    name = day | {"revision": "2", "name": "Algemeen", "reason": "Nieuwe naam."}
    assert browser.post("/line/main/change", name).status_code == 303
    page = text(browser.get("/line/main").text)
    assert "Welkomsttekst sinds: 1 jan 2024 → 1 jun 2025 Besluit van 3 november." in page
    assert "Naam: Hoofdlijn → Algemeen Nieuwe naam." in page
    assert page.index("Nieuwe naam.") < page.index("Besluit van 3 november."), "newest first"
    with stores.database.read() as session:
        written = session.scalars(select(AuditLine).where(AuditLine.action == "line:change")).all()
    said = [body(one) for one in written]
    assert [(one["subject"], one["function"], one["actor"]) for one in said] == [
        ("line:main", "administrator", centre.administrator)
    ] * 2
    assert said[0]["detail"] == {
        "before": {"name": "Hoofdlijn", "kind": "recorded", "welcome_text_since": "2024-01-01"},
        "after": {"name": "Hoofdlijn", "kind": "recorded", "welcome_text_since": "2025-06-01"},
        "reason": "Besluit van 3 november.",
    }
    assert line(stores).kind_since is None, "the kind was never another"


def test_nothing_changed_is_no_change(browser: Client, stores: Stores) -> None:
    answer = browser.post("/line/main/change", MAIN)
    assert answer.status_code == 422
    assert "Er is niets anders dan wat al in het register staat." in answer.text
    assert line(stores).revision == 1


@pytest.mark.rule("PUR-3", "PUR-4")
def test_whoever_changes_a_kind_reads_first_what_that_does(browser: Client, stores: Stores) -> None:
    """And again when they choose another after it: what was read is what is done."""
    private = MAIN | {"kind": "private"}
    asked = browser.post("/line/main/change", private)
    assert asked.status_code == 422
    assert "ook bij de recorder: ook gesprekken van vóór deze wijziging. Dat kun je niet" in text(asked.text)
    assert "Opnamen die al zijn bewaard, blijven zoals ze zijn tot hun eigen wisdatum" in text(asked.text)
    assert 'value="private 2024-01-01"' in asked.text
    assert "Besluit van 3 november." in asked.text
    other = browser.post("/line/main/change", MAIN | {"kind": "direct", "understood": "private 2024-01-01"})
    assert (other.status_code, 'value="direct 2024-01-01"' in other.text) == (422, True)
    assert line(stores).kind == "recorded"
    done = browser.post("/line/main/change", private | {"understood": "private 2024-01-01"})
    assert (done.status_code, line(stores).kind) == (303, "private")
    back = browser.post("/line/main/change", MAIN | {"revision": "2"})
    assert "De wijziging telt voor gesprekken die erna beginnen." in text(back.text)


@pytest.mark.rule("ACC-5")
def test_the_second_of_two_administrators_is_told_and_loses_nothing(
    browser: Client, second: Client, stores: Stores
) -> None:
    """What the first made of it, why, and what the second typed; a second save is then on purpose."""
    mine = MAIN | {"name": "Mijn naam", "reason": "Mijn reden."}
    theirs = MAIN | {"name": "Hun naam", "reason": "Hun reden."}
    assert "Hoofdlijn" in second.get("/line/main/change").text
    assert browser.post("/line/main/change", theirs).status_code == 303
    told = second.post("/line/main/change", mine)
    assert told.status_code == 409
    words = text(told.text)
    assert "Iemand anders heeft deze lijn gewijzigd terwijl je bezig was" in words
    assert "Administrator Jansen, di 3 nov, 09:00: ‘Hun reden.’" in words
    assert "In het register staat nu: Naam Hun naam Soort Opgenomen Welkomsttekst sinds 1 jan 2024" in words
    assert 'value="Mijn naam"' in told.text
    assert "Mijn reden.</textarea>" in told.text
    assert line(stores).name == "Hun naam"
    (revision,) = re.findall(r'name="revision" value="(\d+)"', told.text)
    assert second.post("/line/main/change", mine | {"revision": revision}).status_code == 303
    assert (line(stores).name, line(stores).revision) == ("Mijn naam", 3)


def test_odd_revisions_are_as_good_as_old_ones(browser: Client, stores: Stores) -> None:
    for revision in ("", "0", "-1", "9" * 40, "²", "1 OR 1"):
        answer = browser.post("/line/main/change", MAIN | {"revision": revision, "name": "Anders"})
        assert answer.status_code == 409, revision
    assert line(stores).name == "Hoofdlijn"


def at_once(database: Database, acts: list[Callable[[Any], None]]) -> list[str]:
    """What each of these, begun at one moment in transactions of their own, came to."""
    gate, told = threading.Barrier(len(acts)), list[str]()

    def run(act: Callable[[Any], None]) -> None:
        gate.wait()
        try:
            with database.write() as session:
                act(session)
            told.append("done")
        except KccError as fault:
            told.append(fault.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def test_at_the_same_moment_one_wins(stores: Stores, centre: Centre) -> None:
    """Changing one line, and adding one code, each from four places at once."""
    administrator = centre.actor(centre.administrator)

    def values(number: int) -> LineValues:
        return LineValues(f"Naam {number}", LineKind.RECORDED, date(2026, 1, 1))

    def change(number: int) -> Callable[[Any], None]:
        return lambda session: changing.change(session, administrator, "main", 1, values(number), "Besluit.")

    def add(number: int) -> Callable[[Any], None]:
        return lambda session: changing.add(session, administrator, "new", values(number), "Besluit.")

    assert at_once(stores.database, [change(n) for n in range(4)]) == ["done", *["line_changed"] * 3]
    assert at_once(stores.database, [add(n) for n in range(4)]) == ["done", *[Invalid.code] * 3]
    with stores.database.read() as session:
        assert len(session.scalars(select(LineChange)).all()) == 2
        written = session.scalars(select(AuditLine).where(AuditLine.action == "line:change")).all()
    assert len(written) == 2, "no line of what did not happen"


@pytest.mark.rule("ACC-1", "ACC-6")
def test_an_unknown_line_looks_like_no_page(browser: Client) -> None:
    for address in ("/line/nowhere", "/line/nowhere/change", "/line/" + "x" * 300, "/line/a%00b"):
        assert browser.get(address).status_code == 404
    assert browser.post("/line/nowhere/change", MAIN).status_code == 404


def test_a_recorded_line_whose_day_is_still_to_come_says_so(browser: Client, stores: Stores) -> None:
    with stores.database.write() as session:
        session.add(
            Line(
                code="soon",
                name="Straks",
                kind="network",
                welcome_text_since=clock.today() + timedelta(days=1),
            )
        )
    assert "geweigerd tot die dag" in browser.get("/line/soon").text
    assert traces.amounts(stores) == (0, 0, 0)
    assert line(stores, "soon").revision == 1


def test_the_pages_speak_english_too(browser: Client) -> None:
    browser.flask.set_cookie("language", "en")
    assert "Registered without sound" in browser.get("/line/main").text
    asked = browser.post("/line/main/change", MAIN | {"kind": "excluded"})
    assert "From now on every call that arrives is refused" in asked.text
