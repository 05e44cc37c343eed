"""What few calls say of a development, and what of a group may be published; pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import sqrt

from kcc.coaching.quality_plan import Form, NotApplicable

Z = 1.959964
"""The 97.5 % point of the normal distribution: the interval is meant to hold 19 times in 20."""
BANDS = 5
"""Fifths: in a group of five, the smallest there is, one person weighs a fifth (AGG-1)."""
_ALMOST = 1e-9
MONTHS = 3


class Change(StrEnum):
    """What the last quarter says beside the one before."""

    MORE = "more"
    LESS = "less"
    UNKNOWN = "unknown"


Draft = Mapping[str, str]
"""What a report says, field by field, as kcc.coaching.draft has it."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A finished report as figures are made of it."""

    employee_id: str
    version: int
    day: date
    draft: Draft


@dataclass(frozen=True, slots=True)
class Point:
    """A quarter of some items: over how many calls, the mean share that met the norm, and its interval."""

    quarter: date
    calls: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figure:
    """What is published of an item: how many people, and in which fifth the mean of them lies."""

    people: int
    band: int


def quarter_of(day: date) -> date:
    """The first day of a day's quarter."""
    return day.replace(month=(day.month - 1) // MONTHS * MONTHS + 1, day=1)


def quarter_before(quarter: date) -> date:
    """The first day of the quarter before."""
    if quarter.month > MONTHS:
        return quarter.replace(month=quarter.month - MONTHS)
    return quarter.replace(year=quarter.year - 1, month=quarter.month + 12 - MONTHS)


def treatment(form: Form) -> bool | None:
    """What "not applicable" counts as on a form: met, not met, or (None) not at all."""
    return {NotApplicable.MET: True, NotApplicable.NOT_MET: False}.get(form.norm.na)


def met(draft: Draft, number: int, na: bool | None = None) -> bool | None:
    """Whether an item of a call met the norm; None where it counts neither for nor against.

    What was not applicable counts as the form's norm says (`na`); version 1 leaves it out.
    """
    answer = draft.get(f"answer-{number}")
    if answer == "na":
        return na
    return None if answer is None else answer == "yes"


def share(draft: Draft, numbers: Collection[int], na: bool | None = None) -> float | None:
    """The share of some items of one call that met the norm; None where none of them applied."""
    judged = [found for number in numbers if (found := met(draft, number, na)) is not None]
    return sum(judged) / len(judged) if judged else None


def wilson(mean: float, calls: int) -> tuple[float, float]:
    """The score interval for a mean over a number of calls, each between 0 and 1; ValueError for none.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927), 209-212:
    (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n). It stays within 0 and 1, and says something also
    after one call and where all calls are alike. `n` counts calls, not items: items of one call hang
    together. A mean of shares varies no more than one of yes and no, so that it is rather too wide.
    """
    if calls < 1:
        raise ValueError("an interval needs a call")
    weight = Z * Z / calls
    middle = mean + weight / 2
    reach = Z * sqrt(mean * (1 - mean) / calls + weight / (4 * calls))
    return max(0.0, (middle - reach) / (1 + weight)), min(1.0, (middle + reach) / (1 + weight))


def points(scored: Iterable[Scored], numbers: Collection[int], na: bool | None = None) -> list[Point]:
    """The quarters in which some items were judged, oldest first; of one form's reports."""
    shares: dict[date, list[float]] = {}
    for report in scored:
        if (found := share(report.draft, numbers, na)) is not None:
            shares.setdefault(quarter_of(report.day), []).append(found)
    made = []
    for quarter in sorted(shares):
        mean = sum(shares[quarter]) / len(shares[quarter])
        low, high = wilson(mean, len(shares[quarter]))
        made.append(Point(quarter, len(shares[quarter]), mean, low, high))
    return made


def change(line: list[Point]) -> Change | None:
    """Whether the last quarter differs from the one before by more than chance; None where there is no two.

    Only where the two intervals lie apart, which is asking much: with so few calls rather no answer than a
    wrong one.
    """
    if len(line) < 2:
        return None
    before, last = line[-2], line[-1]
    if last.low > before.high:
        return Change.MORE
    return Change.LESS if last.high < before.low else Change.UNKNOWN


def band(mean: float) -> int:
    """The fifth in which a group's mean lies, 0 to 4; the outer ones hold their inner border, too.

    So every fifth is as wide as one person of five: who reads "the highest fifth" cannot tell "all of them,
    always" from "all but one", and nobody's answers follow from it.
    """
    fifths = mean * BANDS
    if fifths <= 1 + _ALMOST:
        return 0
    if fifths >= BANDS - 1 - _ALMOST:
        return BANDS - 1
    # Towards the middle on both sides: 2/5 is still the second fifth, 3/5 already the fourth.
    return 1 if fifths <= 2 + _ALMOST else 3 if fifths >= 3 - _ALMOST else 2


def figure(of_people: Mapping[str, tuple[float, int]], least: int) -> Figure | None:
    """What may be published of an item, from each person's (sum of shares, calls); None for too few (AGG-1).

    Everybody weighs the same, however many calls they had: a group of five is five people.
    """
    means = [total / calls for total, calls in of_people.values() if calls]
    if len(means) < max(least, BANDS):
        return None
    return Figure(len(means), band(sum(means) / len(means)))


def observable(form: Form, numbers: Iterable[int]) -> tuple[int, ...]:
    """Those of some items that can be answered about a recorded call (REP-7)."""
    return tuple(number for number in numbers if form.items[number].observable)
