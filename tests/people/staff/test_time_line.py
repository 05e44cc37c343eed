"""The drawn time line: every period and today find a place on it, in order, and its marks never crowd."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kcc.people.rules import Period
from kcc.people.staff.time_line import MARKS, covering

TODAY = date(2026, 11, 3)
days = st.dates(date(1990, 1, 1), date(2060, 1, 1))
periods = st.builds(
    lambda begins, length: Period(begins, begins + timedelta(days=length) if length else None),
    days,
    st.integers(0, 9000),
)


@given(st.lists(periods, max_size=8))
def test_everything_finds_its_place(some: list[Period]) -> None:
    """Within the line, at least one percent wide, earlier left of later, today strictly inside."""
    line = covering(some, TODAY)
    assert 0 < line.at(TODAY) < 100
    for period in some:
        bar = line.bar(period)
        assert bar.start >= 0
        assert bar.start + bar.width <= 100.01
        assert bar.width >= 1
        assert bar.open == (period.ends is None)
    starts = [line.at(period.begins) for period in sorted(some, key=lambda one: one.begins)]
    assert starts == sorted(starts)


@given(st.lists(periods, max_size=8))
def test_marks_are_few_and_evenly_chosen(some: list[Period]) -> None:
    """First days of months inside the line, in order, never more than fit."""
    line = covering(some, TODAY)
    marks = [mark.day for mark in line.marks]
    assert 1 <= len(marks) <= MARKS
    assert marks == sorted(set(marks))
    assert all(mark.day == 1 and line.first < mark < line.last for mark in marks)


def test_a_line_of_one_new_function() -> None:
    """Somebody who began today: half a year around today, in months or quarters."""
    line = covering([Period(TODAY)], TODAY)
    assert (line.first, line.last) == (date(2026, 7, 6), date(2027, 3, 3))
    assert line.bar(Period(TODAY)).start == 50.0
    assert [mark.day.isoformat() for mark in line.marks] == ["2026-10-01", "2027-01-01"]
