"""Announcing selection dates."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.coaching import planning
from kcc.coaching.model import SelectionDate
from kcc.errors import AccessDenied
from kcc.people.model import FunctionPeriod
from tests.coaching.conftest import DRAW_DAY, Month


def dates(month: Month) -> list[SelectionDate]:
    """All selection dates."""
    with month.stores.database.read() as session:
        return list(session.scalars(select(SelectionDate).order_by(SelectionDate.day)))


@pytest.mark.rule("ANN-1", "SAM-8")
def test_everybody_with_customer_calls_gets_a_date(month: Month) -> None:
    """Three employees, one date each, known at least three days before; coaches and leads get none."""
    assert month.announce() == 3
    found = dates(month)
    assert {d.employee_id for d in found} == {month.centre.anna, month.centre.bob, month.centre.carla}
    assert {d.day for d in found} == {DRAW_DAY}
    assert all(d.day - clock.local_day(d.announced_at) >= timedelta(days=3) for d in found)


def test_announcing_again_changes_nothing(month: Month) -> None:
    """The job runs every day; a month is announced once."""
    month.announce()
    month.go_to(date(2026, 11, 4))
    assert month.announce() == 0
    assert len(dates(month)) == 3


def test_the_next_month_is_announced_before_it_begins(month: Month) -> None:
    """Seven days before the latest moment, so that a job that stood still for days is not too late."""
    month.announce()
    month.go_to(date(2026, 12, 4))
    assert month.announce() == 3
    assert {d.day for d in dates(month)} == {DRAW_DAY, date(2026, 12, 15)}


@pytest.mark.rule("ANN-1")
@pytest.mark.parametrize(
    ("begins", "day"), [(date(2026, 11, 18), date(2026, 11, 23)), (date(2026, 11, 27), date(2026, 11, 30))]
)
def test_whoever_starts_in_a_month_gets_a_later_day(month: Month, begins: date, day: date) -> None:
    """A later day of the same month that can still be announced in time."""
    _starts(month, begins)
    month.announce()
    month.go_to(begins)
    assert month.announce() == 1
    assert [d.day for d in dates(month) if d.employee_id == month.centre.anna] == [day]


@pytest.mark.rule("ANN-1")
def test_whoever_starts_too_late_has_no_date_in_that_month(month: Month) -> None:
    """On the 28th no day is left; the next month has its own."""
    _starts(month, date(2026, 11, 28))
    month.go_to(date(2026, 11, 28))
    month.announce()
    assert [d for d in dates(month) if d.employee_id == month.centre.anna] == []


def _starts(month: Month, begins: date) -> None:
    with month.stores.database.write() as session:
        session.execute(
            update(FunctionPeriod).where(FunctionPeriod.person_id == month.centre.anna).values(begins=begins)
        )


def _coming(month: Month, session: Session, today: date) -> list[planning.Coming]:
    return planning.announcements(session, month.anna, today, month.stores.settings)


@pytest.mark.rule("ANN-1")
def test_the_employee_reads_their_own_dates(month: Month) -> None:
    """Coming days only, and only whoever is an employee."""
    month.announce()
    with month.stores.database.read() as session:
        assert [one.day for one in _coming(month, session, clock.today())] == [DRAW_DAY]
        later = DRAW_DAY + timedelta(days=1)
        assert _coming(month, session, later) == []
        with pytest.raises(AccessDenied):
            planning.announcements(session, month.coach, clock.today(), month.stores.settings)


def test_only_the_system_announces(month: Month) -> None:
    """No person's profile has the act."""
    with pytest.raises(AccessDenied), month.stores.database.write() as session:
        planning.propose(session, month.coach, clock.today(), month.stores.settings)
