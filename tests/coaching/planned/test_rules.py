"""Spreading dates: evenly over the days, never more a day than a coach manages, whatever is there already."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.coaching.planned import rules
from kcc.sections import Sampling

MONTH = date(2026, 12, 1)
SAMPLING = Sampling()
DAYS = rules.working_days(MONTH, MONTH, SAMPLING)


def test_working_days_are_mondays_to_fridays_of_the_month_from_a_day_on() -> None:
    assert len(DAYS) == 23
    assert {day.weekday() for day in DAYS} == {0, 1, 2, 3, 4}
    last = [date(2026, 12, 30), date(2026, 12, 31)]
    assert rules.working_days(MONTH, date(2026, 12, 30), SAMPLING) == last
    assert rules.working_days(MONTH, date(2027, 1, 1), SAMPLING) == []


def test_a_holiday_is_no_working_day() -> None:
    """The days that the settings name are left out, as a weekend's are."""
    christmas = date(2026, 12, 25)
    days = rules.working_days(MONTH, MONTH, Sampling(non_working_days=frozenset({christmas})))
    assert days == [day for day in DAYS if day != christmas]


@pytest.mark.rule("SAM-1")
@pytest.mark.parametrize(
    ("limit", "dates", "shares"),
    [(4, 1, [4]), (4, 2, [2, 2]), (4, 3, [2, 1, 1]), (4, 4, [1, 1, 1, 1]), (2, 3, [1, 1, 0]), (0, 2, [0, 0])],
)
def test_a_months_calls_are_shared_as_equally_as_can_be(limit: int, dates: int, shares: list[int]) -> None:
    assert rules.shares(limit, dates) == shares


@given(
    count=st.integers(0, 90),
    most=st.integers(1, 5),
    load=st.dictionaries(st.sampled_from(DAYS), st.integers(0, 4)),
)
def test_no_day_is_fuller_than_the_coach_manages_and_no_place_stays_unused(
    count: int, most: int, load: dict[date, int]
) -> None:
    found = rules.spread(count, DAYS, load, most)
    taken = Counter(day for day in found if day)
    room = {day: max(0, most - load.get(day, 0)) for day in DAYS}
    assert len(found) == count
    assert all(taken[day] <= room[day] for day in DAYS)
    assert sum(taken.values()) == min(count, sum(room.values()))


@given(count=st.integers(1, 200))
def test_an_empty_month_is_filled_evenly(count: int) -> None:
    """No day has two more than another."""
    taken = Counter(rules.spread(count, DAYS, {}, 50))
    loads = [taken[day] for day in DAYS]
    assert max(loads) - min(loads) <= 1


def test_few_dates_lie_far_apart() -> None:
    first, second = rules.spread(2, DAYS, {}, 4)
    assert first is not None
    assert second is not None
    assert second - first >= timedelta(days=12)


def test_no_day_gives_nobody_a_date() -> None:
    assert rules.spread(2, [], {}, 4) == [None, None]
    assert rules.spread(0, DAYS, {}, 4) == []


@pytest.mark.parametrize("parts", [1, 2, 3, 4])
def test_each_employee_has_a_date_in_each_part_of_the_month(parts: int) -> None:
    for of_one in rules.spread_parts(10, parts, DAYS, {}, 4):
        assert len(of_one) == parts
        assert of_one == sorted(day for day in of_one if day)
        assert len(set(of_one)) == parts
