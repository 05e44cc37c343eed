"""The administrator's pages of people: searching, paging, one person's course; for nobody else."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.audit.model import AuditLine
from kcc.people.model import FunctionPeriod, Person
from kcc.people.staff.queries import PAGE
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client

BrowserAs = Callable[[str], Client]


def names(page: str) -> list[str]:
    """The people of a list, in its order."""
    return re.findall(r'<a class="rvo-link" href="/people/[0-9a-f]{32}">([^<]+)</a>', page)


def hire(stores: Stores, *people: tuple[str, str]) -> None:
    """More people, by number and name, without a function."""
    with stores.database.write() as session:
        session.add_all(Person(number=number, name=name) for number, name in people)


def test_everybody_stands_in_the_list_by_name(centre: Centre, browser_as: BrowserAs) -> None:
    page = browser_as(centre.administrator).get("/people").text
    found = names(page)
    assert len(found) == 11
    assert found == sorted(found, key=str.casefold)
    assert "Team Rood" in page


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("q=ANNA", ["Anna Jansen"]),
        ("q=jansen+bob", ["Bob Jansen"]),
        ("q=other_", ["Other Coach Jansen", "Other Lead Jansen"]),
        ("q=%25", []),
        ("q=nobody", []),
        ("function=team_lead", ["Lead Jansen", "Other Lead Jansen"]),
        ("function=none", ["Zoë van 't Hof"]),
        ("function=none&q=anna", []),
        ("function=sorcerer&q=carla", ["Carla Jansen"]),
    ],
)
def test_searching(centre: Centre, browser_as: BrowserAs, asked: str, expected: list[str]) -> None:
    """By parts of the name or the beginning of the number, and by today's function; an odd filter is none."""
    hire(centre.stores, ("z1", "Zoë van 't Hof"))
    page = browser_as(centre.administrator).get(f"/people?{asked}").text
    assert [name.replace("&#39;", "'") for name in names(page)] == expected
    assert ("Niemand gevonden" in page) == (not expected)


def test_many_people_page_by_page(centre: Centre, browser_as: BrowserAs) -> None:
    """Everybody once and in order, also where names are alike."""
    hire(centre.stores, *((f"n{i}", "Alex de Boer" if i % 2 else f"Boris {i:03}") for i in range(2 * PAGE)))
    browser, address, seen = browser_as(centre.administrator), "/people", []
    while address:
        page = browser.get(address).text
        seen += re.findall(r'href="/people/([0-9a-f]{32})"', page)
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = onward.group(1).replace("&amp;", "&") if onward else ""
    assert len(seen) == len(set(seen)) == 11 + 2 * PAGE


def test_an_odd_place_in_the_list_is_its_start(centre: Centre, browser_as: BrowserAs) -> None:
    browser = browser_as(centre.administrator)
    for odd in ("%F0%9F%A6%8A", "A", "////", "AAAA", "x" * 5000):
        assert len(names(browser.get(f"/people?after={odd}").text)) == 11


@pytest.mark.rule("ACC-6")
def test_one_persons_course(centre: Centre, browser_as: BrowserAs) -> None:
    """What holds, what comes and what is over, in that order, with the last day of each."""
    with centre.stores.database.write() as session:
        held = session.scalars(select(FunctionPeriod).where(FunctionPeriod.person_id == centre.anna)).one()
        held.ends = clock.today() + timedelta(days=10)
        session.add(
            FunctionPeriod(
                person_id=centre.anna, function="coach", begins=held.ends, department_id=None, team_id=None
            )
        )
        session.add(
            FunctionPeriod(
                person_id=centre.anna, function="works_council", begins=held.begins, ends=clock.today()
            )
        )
    page = browser_as(centre.administrator).get(f"/people/{centre.anna}").text
    found = re.findall(r'<div class="kcc-long-name">\s*([^<]+)<br>', page)
    assert found == ["Medewerker", "Agentnummer", "Heeft als coach", "Coach", "Lid van de ondernemingsraad"]
    assert page.count('class="kcc-period"') == 5
    assert "12 nov 2026" in page  # the last day, not the first on which it no longer holds
    assert "met klantgesprekken" in page
    with centre.stores.database.read() as session:
        (line,) = session.scalars(select(AuditLine).where(AuditLine.action == "people:read"))
        assert line.about_id == centre.anna


def test_somebody_without_any_function(centre: Centre, browser_as: BrowserAs) -> None:
    hire(centre.stores, ("z1", "Zoë"))
    browser = browser_as(centre.administrator)
    (address,) = re.findall(r'href="(/people/[0-9a-f]{32})"', browser.get("/people?q=z1").text)
    assert "staat geen functie ingeschreven" in browser.get(address).text


@pytest.mark.rule("ACC-6")
def test_nobody_else_finds_people(centre: Centre, browser_as: BrowserAs) -> None:
    for name in ("anna", "coach", "lead", "manager", "officer", "council"):
        browser = browser_as(getattr(centre, name))
        assert browser.get("/people").status_code == 404
        assert browser.get(f"/people/{centre.bob}").status_code == 404
