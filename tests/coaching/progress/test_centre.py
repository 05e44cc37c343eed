"""The centre as a whole: counted once a closed quarter, five people at least, nothing of anybody (AGG-1)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Function, system
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.coaching import erasure
from kcc.coaching.model import Report
from kcc.coaching.progress import centre as centres
from kcc.coaching.progress.model import CentreFigure, CentreQuarter
from kcc.people.model import FunctionPeriod, Person
from kcc.stores import Stores
from tests.centre import BEGAN, Centre
from tests.coaching.progress.finished import reports
from tests.conftest import Client

Browser = Callable[[str], Client]
AUGUST, QUARTER = date(2026, 8, 10), date(2026, 7, 1)
READERS = ("coach", "other_coach", "manager", "council")
OTHERS = ("anna", "lead", "other_lead", "officer", "administrator")


@dataclass
class Floor:
    """Employees, and what is counted of them."""

    stores: Stores
    centre: Centre
    people: list[str]

    def score(self, number: int, draft: dict[str, str], day: date = AUGUST, calls: int = 1) -> None:
        """One call (or more) of each of the first so many people, answered so."""
        wanted = [(person, self.centre.coach, day, draft, 1) for person in self.people[:number]] * calls
        reports(self.stores, wanted)

    def count(self) -> int:
        """Run the job."""
        return centres.count_closed(self.stores, system("centre"), clock.today())

    def figures(self) -> dict[tuple[date, int], tuple[int, int]]:
        """(people, band) by quarter and item."""
        with self.stores.database.read() as session:
            rows = session.scalars(select(CentreFigure)).all()
        return {(row.quarter, row.item): (row.people, row.band) for row in rows}


@pytest.fixture
def floor(stores: Stores, centre: Centre) -> Floor:
    """Twelve employees."""
    with stores.database.write() as session:
        people = [Person(number=f"e{n}", name=f"Employee {n}") for n in range(12)]
        session.add_all(people)
        session.flush()
        session.add_all(
            FunctionPeriod(person_id=one.id, function=Function.EMPLOYEE.value, begins=BEGAN) for one in people
        )
        return Floor(stores, centre, [one.id for one in people])


@pytest.mark.rule("AGG-1", "AGG-4")
def test_five_people_are_shown_and_four_are_not(floor: Floor, browser_as: Browser) -> None:
    """However many calls the four had; and only to those who may."""
    floor.score(4, {"answer-3": "yes", "answer-4": "no"}, calls=3)
    floor.score(5, {"answer-4": "no"}, day=AUGUST + timedelta(days=1))
    assert floor.count() == 4
    assert floor.figures() == {(QUARTER, 4): (5, 0)}
    for who in READERS:
        page = browser_as(getattr(floor.centre, who)).get("/centre").text
        assert page.count("zelden (0 tot 20%)") == 1, who
        assert "ten minste 5 mensen" in page
        assert "te weinig mensen" in page
        assert "Employee" not in page
    for who in OTHERS:
        assert browser_as(getattr(floor.centre, who)).get("/centre").status_code == 404, who


@pytest.mark.rule("AGG-4")
def test_where_all_did_alike_nobody_is_told_so(floor: Floor, browser_as: Browser) -> None:
    """All five always met it: the same figure as where one of them never did."""
    floor.score(5, {"answer-3": "yes", "answer-4": "yes"})
    reports(floor.stores, [(floor.people[5], floor.centre.coach, AUGUST, {"answer-5": "yes"}, 1)])
    reports(
        floor.stores,
        [(person, floor.centre.coach, AUGUST, {"answer-5": "yes"}, 1) for person in floor.people[:3]]
        + [(floor.people[4], floor.centre.coach, AUGUST, {"answer-5": "no"}, 1)],
    )
    floor.count()
    assert floor.figures() == {(QUARTER, item): (5, 4) for item in (3, 4, 5)}
    assert "100%)" in browser_as(floor.centre.council).get("/centre").text


@pytest.mark.rule("AGG-4")
def test_a_counted_quarter_is_never_counted_again(floor: Floor, now: Frozen) -> None:
    """Not when a report comes late, goes, or the job runs on; there is no before and after."""
    floor.score(6, {"answer-3": "yes"})
    assert floor.count() == 4
    before = floor.figures()
    floor.score(6, {"answer-3": "no"})
    with floor.stores.database.read() as session:
        first = session.scalars(select(Report.id)).first()
    erasure.discard(floor.stores, str(first), "test")
    assert floor.count() == 0
    now.move(timedelta(days=60))
    assert floor.count() == 1, "the next quarter has closed"
    assert floor.figures() == before == {(QUARTER, 3): (6, 4)}


def test_an_open_quarter_is_not_counted(floor: Floor) -> None:
    """Nor what is older than a year; empty quarters are counted as empty."""
    floor.score(6, {"answer-3": "yes"}, day=date(2026, 10, 5))
    floor.score(6, {"answer-3": "yes"}, day=date(2025, 9, 30))
    assert floor.count() == 4
    assert floor.figures() == {}


def test_two_who_count_at_once_publish_once(floor: Floor) -> None:
    floor.score(6, {"answer-3": "yes"})
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: floor.count(), range(2)))
    assert sum(done) == 4
    assert floor.figures() == {(QUARTER, 3): (6, 4)}


@pytest.mark.rule("GOV-2")
def test_stricter_at_will(floor: Floor, browser_as: Browser) -> None:
    """What was published with five is shown no more once ten are asked for."""
    floor.score(7, {"answer-3": "yes"})
    floor.score(12, {"answer-4": "yes"})
    floor.count()
    settings = floor.stores.settings
    stricter = settings.model_copy(
        update={"limits": settings.limits.model_copy(update={"least_in_group": 10})}
    )
    with floor.stores.database.write() as session:
        found = centres.read(session, floor.centre.actor(floor.centre.council), 10)
        assert list(found.figures) == [(QUARTER, 1, 4)]
        assert centres.read(session, floor.centre.actor(floor.centre.council), 1).least == 5
    with floor.stores.database.write() as session:
        session.query(CentreFigure).delete()
        session.query(CentreQuarter).delete()
    floor.stores = replace(floor.stores, settings=stricter)
    floor.count()
    assert list(floor.figures()) == [(QUARTER, 4)]
    assert browser_as(floor.centre.manager).get("/centre").status_code == 200


def test_nothing_yet_is_said_so(centre: Centre, browser_as: Browser) -> None:
    assert "Er zijn nog geen cijfers" in browser_as(centre.manager).get("/centre").text
    council = browser_as(centre.council)
    council.flask.set_cookie("language", "en")
    assert "There are no figures yet" in council.get("/centre").text


@pytest.mark.rule("ACC-5")
def test_the_counting_is_in_the_log_about_nobody(floor: Floor) -> None:
    floor.score(6, {"answer-3": "yes"})
    floor.count()
    with floor.stores.database.read() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.action == "centre:compute")).all()
    assert sorted(line.subject or "" for line in lines)[-1] == "centre:2026-07-01"
    assert all(line.about_id is None for line in lines)
