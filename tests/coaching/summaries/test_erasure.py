"""When summaries go, and their keys: their term, a function that ends, a successor (REP-5, REP-6)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from kcc import clock
from kcc.access.actor import Function, system
from kcc.coaching import keys
from kcc.coaching.summaries import erasure
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.notices.model import Notice
from kcc.people import assignments, functions
from kcc.people.model import FunctionPeriod
from kcc.scheduler import following
from kcc.scheduler.timetable import timetable
from kcc.sections import Scheduler
from tests.coaching.summaries.conftest import Cycle


def _id(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.mark.rule("REP-10")
def test_it_is_kept_for_a_year_and_no_longer(cycle: Cycle) -> None:
    """To the calendar month; an unfinished one goes a year after it was last written on."""
    url = cycle.passed()
    cycle.now.set(clock.start_of_day(date(2027, 11, 3)) + timedelta(hours=23))
    assert erasure.settle(cycle.stores) == (0, 0)
    cycle.now.set(clock.start_of_day(date(2027, 11, 4)))
    assert erasure.settle(cycle.stores) == (0, 1)
    assert cycle.rows() == []
    assert not cycle.stores.keys.holds([_id(url)])
    assert cycle.browsers(cycle.centre.anna).get(url).status_code == 404


@pytest.mark.parametrize(
    ("day", "months", "before"), [("2026-03-31", 1, "2026-02-28"), ("2026-01-15", 12, "2025-01-15")]
)
def test_months_before(day: str, months: int, before: str) -> None:
    assert erasure._months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


@pytest.mark.rule("REP-5")
def test_the_end_of_the_function_takes_it_along(cycle: Cycle) -> None:
    """With its key, its notices, and however far it was; the coach's other work stays."""
    urls = [cycle.passed(), cycle.begun()]
    today, admin = clock.today(), cycle.centre.actor(cycle.centre.administrator)
    with cycle.stores.database.write() as session:
        held = select(FunctionPeriod.id).where(FunctionPeriod.person_id == cycle.centre.anna)
        functions.end(session, admin, str(session.scalar(held)), today)
    assert following.follow(cycle.stores).failed == 0
    assert cycle.rows() == []
    assert not cycle.stores.keys.holds([_id(url) for url in urls])
    for who in ("coach", "lead"):
        assert cycle.browsers(getattr(cycle.centre, who)).get(urls[0]).status_code == 404
    with cycle.stores.database.read() as session:
        words = set(session.scalars(select(Notice.word).where(Notice.person_id == cycle.centre.anna)))
    assert "summary.erased" in words
    assert "summary.given" not in words
    assert following.follow(cycle.stores).erased == 0


@pytest.mark.rule("REP-6")
def test_the_successor_goes_on_with_what_was_not_passed_on(cycle: Cycle) -> None:
    """What the team lead has keeps its author; what is open is the successor's, and nobody's until then."""
    passed = cycle.passed()
    cycle.now.move(timedelta(minutes=1))
    opened = cycle.begun()
    admin = system("test")
    with cycle.stores.database.write() as session:
        held = select(FunctionPeriod.id).where(
            FunctionPeriod.person_id == cycle.centre.coach, FunctionPeriod.function == Function.COACH
        )
        functions.end(session, admin, str(session.scalar(held)), clock.today())
        assignments.name_successor(
            session, admin, cycle.centre.coach, cycle.centre.other_coach, clock.today()
        )
    following.follow(cycle.stores)
    heir = cycle.browsers(cycle.centre.other_coach)
    assert heir.get(opened).status_code == 200
    assert heir.get(passed).status_code == 404
    assert "Anna" in cycle.browsers(cycle.centre.lead).get(passed).text


def test_what_was_broken_off_is_finished_and_no_key_is_a_stray(cycle: Cycle) -> None:
    """Begun and not finished, it is nobody's; the next run goes on. Its key is known until then."""
    url = cycle.given()
    with cycle.stores.database.write() as session:
        assert keys.known(session, [_id(url), "0" * 32]) == {_id(url)}
        assert _id(url) in set(keys.expected(session))
        erasure.begin(session, session.get_one(AppraisalSummary, _id(url)), "test")
        assert _id(url) not in set(keys.expected(session))
    for browser in (cycle.coach, cycle.anna):
        assert browser.get(url).status_code == 404
    assert "/summaries/" + _id(url) not in cycle.coach.get("/summaries").text
    assert erasure.settle(cycle.stores) == (0, 1)
    assert erasure.finish(cycle.stores) == 0


def test_the_jobs_do_their_work(cycle: Cycle) -> None:
    """As the timetable runs them, and twice."""
    url = cycle.given()
    cycle.anna.get(url)
    cycle.now.move(timedelta(days=15))
    jobs = {job.name: job for job in timetable(Scheduler())}
    assert jobs["summaries"].work(cycle.stores) == "1 passed on, 0 erased"
    assert jobs["summaries"].work(cycle.stores) == "0 passed on, 0 erased"
    assert jobs["centre"].work(cycle.stores) == "4 quarters counted"
    assert jobs["centre"].work(cycle.stores) == "0 quarters counted"


@pytest.mark.rule("REP-10")
def test_the_database_itself_keeps_the_order(cycle: Cycle) -> None:
    """Nothing can be passed on unread, or read before it was given."""
    from sqlalchemy.exc import IntegrityError

    cycle.begun()
    for wrong in ({"passed_at": clock.now()}, {"read_at": clock.now()}):
        with pytest.raises(IntegrityError), cycle.stores.database.write() as session:
            session.execute(update(AppraisalSummary).values(**wrong))
