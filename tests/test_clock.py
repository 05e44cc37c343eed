"""kcc.clock: instants are UTC, days are the centre's, also where summer time begins and ends."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc import clock

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def test_now_is_an_aware_instant_in_utc() -> None:
    """And goes forward."""
    one = clock.now()
    assert one.tzinfo is UTC
    assert timedelta(0) <= clock.now() - one < timedelta(minutes=1)
    assert clock.ticking() <= clock.ticking()


def test_a_frozen_clock_stands_still_until_it_is_moved() -> None:
    """Whatever offset it was given, and everybody in the process lives at that instant."""
    at = datetime(2026, 11, 3, 9, 0, tzinfo=timezone(timedelta(hours=1)))
    with clock.frozen(at) as stopped:
        assert clock.now() == clock.now() == at
        assert clock.now().tzinfo is UTC
        stopped.move(timedelta(hours=16))
        assert clock.today() == date(2026, 11, 4)
        stopped.move(timedelta(hours=-16))
        stopped.set(datetime(2027, 1, 1, tzinfo=clock.LOCAL))
        assert clock.now() == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert clock.now().year != 2027


def test_a_clock_starts_again_after_a_fault_and_inside_another() -> None:
    """What a failing test stopped does not stay stopped."""
    outer, inner = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

    def fail() -> None:
        with clock.frozen(inner):
            assert clock.now() == inner
            raise LookupError

    with clock.frozen(outer):
        with pytest.raises(LookupError):
            fail()
        assert clock.now() == outer
    assert clock.now() > outer


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 3, 22, 59, 59, 999_999, tzinfo=UTC), date(2026, 11, 3)),
        (datetime(2026, 11, 3, 23, 0, tzinfo=UTC), date(2026, 11, 4)),
        (datetime(2026, 7, 3, 21, 59, 59, tzinfo=UTC), date(2026, 7, 3)),
        (datetime(2026, 7, 3, 22, 0, tzinfo=UTC), date(2026, 7, 4)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_a_day_ends_at_midnight_of_the_centre(instant: datetime, day: date) -> None:
    """In winter at 23:00 UTC, in summer at 22:00."""
    assert clock.local_day(instant) == day
    assert clock.local_day(instant.astimezone(timezone(timedelta(hours=-9)))) == day
    with clock.frozen(instant):
        assert clock.today() == day


def test_days_that_change_the_clock_are_shorter_and_longer() -> None:
    """23 and 25 hours; every other day has 24."""
    for day, hours in ((SPRING, 23), (AUTUMN, 25), (date(2026, 11, 3), 24), (date(2026, 7, 3), 24)):
        length = clock.start_of_day(day + timedelta(days=1)) - clock.start_of_day(day)
        assert length == timedelta(hours=hours), day


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_begins_where_the_one_before_ends(day: date) -> None:
    """Its first instant is its own, the one before belongs to yesterday, and it is given in UTC."""
    begins = clock.start_of_day(day)
    assert begins.tzinfo is UTC
    assert clock.local_day(begins) == day
    assert clock.local_day(begins - timedelta(microseconds=1)) == day - timedelta(days=1)
    assert begins.astimezone(clock.LOCAL).hour == 0


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_lies_in_its_own_day(instant: datetime) -> None:
    """Between the day's first instant and the next day's."""
    day = clock.local_day(instant)
    assert clock.start_of_day(day) <= instant < clock.start_of_day(day + timedelta(days=1))
