"""Where a period stands on a drawn time line: shares of its width, and days worth a mark; draws nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kcc.people.rules import Period

AROUND = timedelta(days=120)
"""How far a line reaches before and after today at least, so that a new function is no line's whole width."""
MARKS = 6
"""At most so many marked days: more would run into each other on a narrow screen."""
STEPS = (1, 3, 6, 12, 24, 60, 120, 240)
"""Months between marked days: months, quarters, half years, years and more."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A period's place: percent of the line's width, and whether it goes on beyond the line's end."""

    start: float
    width: float
    open: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A day with its place in percent."""

    day: date
    at: float


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A stretch of days from `first` up to, not including, `last`."""

    first: date
    last: date
    today: date

    def at(self, day: date) -> float:
        """Where a day begins, in percent; days outside the line stand at its ends."""
        inside = min(max(day, self.first), self.last)
        return round(100 * (inside - self.first).days / (self.last - self.first).days, 2)

    def bar(self, period: Period) -> Bar:
        """Where a period stands; never thinner than can be seen."""
        start, end = self.at(period.begins), self.at(period.ends or self.last)
        width = max(end - start, 1.0)
        return Bar(min(start, 100 - width), round(width, 2), period.ends is None)

    @property
    def marks(self) -> list[Mark]:
        """First days of months, at equal steps, at most `MARKS` of them."""
        for step in STEPS:
            days = list(_firsts(self.first, self.last, step))
            if len(days) <= MARKS:
                break
        return [Mark(day, self.at(day)) for day in days]


def covering(periods: Iterable[Period], today: date) -> TimeLine:
    """The line on which all periods and today find their place."""
    days = [today - AROUND, today + AROUND]
    for period in periods:
        days += [period.begins, period.ends or period.begins]
    return TimeLine(min(days), max(days), today)


def _firsts(first: date, last: date, step: int) -> Iterator[date]:
    month = first.year * 12 + first.month  # the month after the line's first, counted from 0
    month += -month % step
    while (day := date(month // 12, month % 12 + 1, 1)) < last:
        yield day
        month += step
