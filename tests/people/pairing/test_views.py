"""Who coaches whom on the administrator's pages: assigned, ended, undone, and succeeded (ACC-2, REP-6)."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.people import queries
from kcc.people.model import CoachAssignment
from tests.centre import Centre
from tests.conftest import Client

BrowserAs = Callable[[str], Client]
DAY = timedelta(days=1)


def coaches(centre: Centre, employee: str, day: date | None = None) -> set[str]:
    with centre.stores.database.read() as session:
        return set(queries.coaches_of(session, employee, day or clock.today()))


def pair(centre: Centre, employee: str) -> str:
    query = select(CoachAssignment.id).where(CoachAssignment.employee_id == employee)
    with centre.stores.database.read() as session:
        return session.scalars(query).one()


@pytest.mark.rule("ACC-2")
def test_a_coach_is_assigned_and_undone_until_it_begins(centre: Centre, browser_as: BrowserAs) -> None:
    browser, later = browser_as(centre.administrator), clock.today() + 4 * DAY
    form = {"coach": centre.other_coach, "day": later.isoformat()}
    assert browser.post(f"/people/{centre.anna}/coach", form).status_code == 303
    assert coaches(centre, centre.anna, later) == {centre.coach, centre.other_coach}
    page = browser.get(f"/people/{centre.anna}").text
    (undo,) = re.findall(rf'action="(/people/{centre.anna}/coach/[0-9a-f]+/undo)"', page)
    browser.post(undo)
    assert coaches(centre, centre.anna, later) == {centre.coach}


@pytest.mark.rule("ACC-3")
def test_what_cannot_be_is_told_beside_its_field(centre: Centre, browser_as: BrowserAs) -> None:
    browser, today = browser_as(centre.administrator), clock.today().isoformat()
    for form, said in (
        ({}, "Kies een coach"),
        ({"coach": centre.other_coach}, "Kies een dag"),
        ({"coach": centre.other_coach, "day": "2026-11-02"}, "Kies vandaag of een latere dag"),
        ({"coach": centre.bob, "day": today}, "geen coach"),
        ({"coach": "0" * 32, "day": today}, "geen coach"),
        ({"coach": centre.coach, "day": today}, "al "),
    ):
        answer = browser.post(f"/people/{centre.anna}/coach", form)
        assert answer.status_code == 422, form
        found = re.search(r'id="error-summary".*?</ul>', answer.text, re.DOTALL)
        assert found, form
        assert said in found.group(), form
    assert coaches(centre, centre.anna) == {centre.coach}


@pytest.mark.rule("ACC-2")
def test_the_coaching_ends_and_the_coach_reaches_nothing(centre: Centre, browser_as: BrowserAs) -> None:
    """From the employee's page or the coach's; a later end can be undone."""
    browser, later = browser_as(centre.administrator), (clock.today() + 2 * DAY).isoformat()
    address = f"/people/{centre.coach}/coach/{pair(centre, centre.bob)}"
    assert browser.post(f"{address}/end", {"day": later}).status_code == 303
    assert browser.post(f"{address}/undo").status_code == 303
    assert coaches(centre, centre.bob, clock.today() + 3 * DAY) == {centre.coach}
    today = clock.today().isoformat()
    assert (
        browser.post(f"/people/{centre.bob}/coach/{pair(centre, centre.bob)}/end", {"day": today}).status_code
        == 303
    )
    assert coaches(centre, centre.bob) == set()
    assert browser.post(f"{address}/end", {"day": today}).status_code == 422
    assert browser.get(f"/people/{centre.carla}/coach/{pair(centre, centre.anna)}/end").status_code == 404


@pytest.mark.rule("REP-6")
def test_a_successor_takes_over_all_at_once(centre: Centre, browser_as: BrowserAs) -> None:
    browser, today = browser_as(centre.administrator), clock.today().isoformat()
    address = f"/people/{centre.coach}/successor"
    page = browser.get(address).text
    assert "Voor 2 medewerkers" in page
    assert "Anna Jansen" in page
    assert browser.post(address, {"successor": "", "day": today}).status_code == 422
    assert browser.post(address, {"successor": centre.coach, "day": today}).status_code == 422
    assert browser.post(address, {"successor": centre.other_coach, "day": today}).status_code == 303
    assert coaches(centre, centre.anna) == coaches(centre, centre.bob) == {centre.other_coach}
    assert "Niemand heeft een opvolger" in browser.get(address).text
    assert browser.post(address, {"successor": centre.other_coach, "day": today}).status_code == 422
