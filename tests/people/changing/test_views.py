"""Functions begun, changed, ended and undone on the administrator's pages, with the warning first (REP-5)."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.coaching.model import Report
from kcc.people import functions
from kcc.people.endings import CameBy
from kcc.people.model import FunctionPeriod, Team
from tests.access import world as worlds
from tests.access.world import World
from tests.centre import Centre
from tests.conftest import Client

BrowserAs = Callable[[str], Client]
DAY = timedelta(days=1)


@pytest.fixture
def world(centre: Centre, now: Frozen) -> Iterator[World]:
    """The centre with reports: one finished about anna, others begun."""
    return worlds.build(centre.stores, centre, now)


def period(centre: Centre, person: str) -> FunctionPeriod:
    with centre.stores.database.read() as session:
        return session.scalars(select(FunctionPeriod).where(FunctionPeriod.person_id == person)).one()


def held(centre: Centre, person: str) -> list[tuple[str, str, str | None]]:
    """What somebody holds and held, with its days."""
    query = select(FunctionPeriod).where(FunctionPeriod.person_id == person).order_by(FunctionPeriod.begins)
    with centre.stores.database.read() as session:
        return [
            (one.function, str(one.begins), str(one.ends) if one.ends else None)
            for one in session.scalars(query)
        ]


def reports(centre: Centre, person: str) -> int:
    with centre.stores.database.read() as session:
        return len(session.scalars(select(Report.id).where(Report.employee_id == person)).all())


def summary(page: str) -> str:
    """What the error summary says, and whether the page has one."""
    found = re.search(r'id="error-summary".*?</ul>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found.group()) if found else ""


def test_a_function_begins_and_is_undone(centre: Centre, browser_as: BrowserAs) -> None:
    browser = browser_as(centre.administrator)
    to_come = (clock.today() + 5 * DAY).isoformat()
    address = f"/people/{centre.council}/functions/new"
    assert browser.post(address, {"function": "coach", "begins": to_come}).status_code == 303
    assert held(centre, centre.council)[1] == ("coach", to_come, None)
    page = browser.get(f"/people/{centre.council}").text
    (undo,) = re.findall(rf'action="(/people/{centre.council}/functions/[0-9a-f]+/undo)"', page)
    assert browser.post(undo).status_code == 303
    assert "ongedaan gemaakt" in browser.get(f"/people/{centre.council}").text
    assert len(held(centre, centre.council)) == 1
    browser.post(undo)
    assert browser.post(undo).status_code == 404


@pytest.mark.rule("ACC-3", "ACC-6", "SAM-8")
@pytest.mark.parametrize(
    ("person", "typed", "said"),
    [
        ("council", {}, "Kies een functie"),
        ("council", {"function": "recorder", "begins": "2026-11-04"}, "Kies een functie"),
        ("council", {"function": "coach"}, "Kies een dag"),
        ("council", {"function": "coach", "begins": "morgen"}, "jaar-maand-dag"),
        ("council", {"function": "coach", "begins": "2026-10-01"}, "28 dagen"),
        ("council", {"function": "coach", "begins": "2026-11-05", "ends": "2026-11-05"}, "na de dag"),
        ("council", {"function": "team_lead", "begins": "2026-11-05"}, "team"),
        ("council", {"function": "team_lead", "begins": "2026-11-05", "team": "nowhere"}, "team"),
        ("council", {"function": "coach", "begins": "2026-11-05", "customer_calls": "1"}, "lantgesprekken"),
        ("officer", {"function": "administrator", "begins": "2026-11-05"}, "ACC-6"),
        ("coach", {"function": "team_lead", "begins": "2026-11-05", "team": "red"}, "ACC-3"),
        ("council", {"function": "works_council", "begins": "2026-11-05"}, "overlap"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_typed_is_lost(
    centre: Centre, browser_as: BrowserAs, person: str, typed: dict[str, str], said: str
) -> None:
    """Beside the field, or with the rule that says no; nothing is written."""
    who = getattr(centre, person)
    with centre.stores.database.read() as session:
        red = session.scalars(select(Team.id).where(Team.code == "red")).one()
    sent = typed | ({"team": red} if typed.get("team") == "red" else {})
    before = held(centre, who)
    answer = browser_as(centre.administrator).post(f"/people/{who}/functions/new", sent)
    assert answer.status_code == 422
    assert said in summary(answer.text)
    assert f'value="{sent.get("begins", "")}"' in answer.text
    assert held(centre, who) == before


@pytest.mark.rule("REP-5")
def test_the_end_of_an_employee_is_warned_of_and_then_erases_the_reports(
    world: World, browser_as: BrowserAs
) -> None:
    """Counts and a box to tick for this very day; then access and reports are over at once."""
    centre = world.centre
    browser, annas = browser_as(centre.administrator), browser_as(centre.anna)
    assert reports(centre, centre.anna)
    address = f"/people/{centre.anna}/functions/{period(centre, centre.anna).id}/end"
    warned = browser.get(address)
    assert "afgerond verslag wordt meteen gewist" in warned.text
    today = clock.today().isoformat()
    for understood in ({}, {"understood": "1"}, {"understood": (clock.today() + DAY).isoformat()}):
        answer = browser.post(address, {"ends": today} | understood)
        assert answer.status_code == 422
        assert "Lees wat dit doet" in summary(answer.text)
    assert annas.get("/calls").status_code == 200
    assert reports(centre, centre.anna)
    assert browser.post(address, {"ends": today, "understood": today}).status_code == 303
    assert annas.get("/calls").status_code != 200
    assert reports(centre, centre.anna) == 0
    assert "voorbij" in browser.get(f"/people/{centre.anna}").text


@pytest.mark.rule("REP-5")
def test_an_end_to_come_can_be_undone(world: World, browser_as: BrowserAs) -> None:
    centre = world.centre
    browser, day = browser_as(centre.administrator), (clock.today() + 3 * DAY).isoformat()
    number = reports(centre, centre.anna)
    address = f"/people/{centre.anna}/functions/{period(centre, centre.anna).id}/end"
    assert browser.post(address, {"ends": day, "understood": day}).status_code == 303
    assert held(centre, centre.anna)[0][2] == day
    page = browser.get(f"/people/{centre.anna}").text
    (undo,) = re.findall(rf'action="(/people/{centre.anna}/endings/[0-9a-f]+/undo)"', page)
    browser.post(undo)
    assert held(centre, centre.anna)[0][2] is None
    assert reports(centre, centre.anna) == number


@pytest.mark.rule("REP-5")
def test_another_team_is_no_other_function(world: World, browser_as: BrowserAs) -> None:
    """One period ends, the next begins that day, reports stay; another function asks first."""
    centre = world.centre
    browser, today = browser_as(centre.administrator), clock.today().isoformat()
    number = reports(centre, centre.anna)
    with centre.stores.database.read() as session:
        blue = session.scalars(select(Team.id).where(Team.code == "blue")).one()
    address = f"/people/{centre.anna}/functions/{period(centre, centre.anna).id}/change"
    other = {"function": "coach", "begins": today}
    assert "Lees wat dit doet" in summary(browser.post(address, other).text)
    moved = {"function": "employee", "team": blue, "customer_calls": "1", "begins": today}
    assert browser.post(address, moved).status_code == 303
    assert [(one[0], one[2]) for one in held(centre, centre.anna)] == [
        ("employee", today),
        ("employee", None),
    ]
    assert reports(centre, centre.anna) == number


@pytest.mark.rule("REP-5")
@pytest.mark.parametrize("right", [True, False])
def test_what_the_directory_ended_waits_for_a_person(
    world: World, browser_as: BrowserAs, right: bool
) -> None:
    """Told above the list; confirmed, the reports go; a mistake, and all is as before."""
    centre = world.centre
    browser, number = browser_as(centre.administrator), reports(centre, centre.anna)
    with centre.stores.database.write() as session:
        which = period(centre, centre.anna).id
        functions.end(session, system("scim"), which, clock.today(), came_by=CameBy.SCIM)
    assert "wacht het einde van een functie op bevestiging" in browser.get("/people").text
    page = browser.get(f"/people/{centre.anna}").text
    word = "confirm" if right else "reopen"
    (address,) = re.findall(rf'action="(/people/{centre.anna}/endings/[0-9a-f]+/{word})"', page)
    assert reports(centre, centre.anna) == number
    assert browser.post(address).status_code == 303
    assert reports(centre, centre.anna) == (0 if right else number)
    assert held(centre, centre.anna)[0][2] == (clock.today().isoformat() if right else None)
    assert "wacht het einde" not in browser.get("/people").text


@pytest.mark.rule("ACC-6")
def test_nobody_registers_their_own_functions(centre: Centre, browser_as: BrowserAs) -> None:
    browser, me = browser_as(centre.administrator), centre.administrator
    page = browser.get(f"/people/{me}")
    assert "Dit ben jij" in page.text
    assert "/functions/" not in page.text
    assert browser.get(f"/people/{me}/functions/new").status_code == 404
    assert (
        browser.post(f"/people/{me}/functions/new", {"function": "coach", "begins": "2026-11-05"}).status_code
        == 404
    )
    assert (
        browser.post(
            f"/people/{me}/functions/{period(centre, me).id}/end", {"ends": "2026-11-05"}
        ).status_code
        == 404
    )
    assert len(held(centre, me)) == 1
