"""Which days a date may have, and how dates are spread over them; pure: days and numbers in, days out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum

from kcc.coaching.rules import is_working, month_of, next_month
from kcc.sections import Sampling

LONGEST = 1000
"""Characters of an explanation or a reason."""


class ExceptionReason(StrEnum):
    """The only four reasons for another number of calls (SAM-2)."""

    INDUCTION = "induction"
    NEW_SUBJECT = "new_subject"
    DEVELOPMENT = "development"
    LESS_CONTACT = "less_contact"


class Ended(StrEnum):
    """Why a request or an agreement not to announce is over (ANN-2)."""

    REVOKED = "revoked"
    REFUSED = "refused"
    COACH = "coach"
    FUNCTION = "function"


def earliest(today: date, sampling: Sampling) -> date:
    """The first day for which there is still time to announce (ANN-1)."""
    return today + timedelta(days=sampling.announce_days)


def working_days(month: date, since: date, sampling: Sampling) -> list[date]:
    """The Mondays to Fridays of a month from a day on, without the centre's holidays."""
    return [day for day in _days(max(month, since), next_month(month)) if is_working(day, sampling)]


def months(today: date) -> tuple[date, date]:
    """The months for which a coach plans: this one and the next."""
    this = month_of(today)
    return this, next_month(this)


def shares(limit: int, dates: int) -> list[int]:
    """How many calls each of a month's dates draws, as equal as can be, the first ones more (SAM-1)."""
    share, more = divmod(limit, dates)
    return [share + (index < more) for index in range(dates)]


def spread(count: int, days: Sequence[date], load: Mapping[date, int], most: int) -> list[date | None]:
    """A day for each of `count` dates, evenly over the days, at most `most` a day with what is there already.

    Each takes the least loaded day, of those the nearest to its even share of the way; None where every
    day is full.
    """
    taken = {day: load.get(day, 0) for day in days}
    found: list[date | None] = []
    for index in range(count):
        open_ = [place for place, day in enumerate(days) if taken[day] < most]
        if not open_:
            found.append(None)
            continue
        wanted = (index + 0.5) * len(days) / count - 0.5
        best = min(open_, key=lambda place: (taken[days[place]], abs(place - wanted)))
        taken[days[best]] += 1
        found.append(days[best])
    return found


def spread_parts(
    count: int, parts: int, days: Sequence[date], load: Mapping[date, int], most: int
) -> list[list[date | None]]:
    """For each of `count` employees `parts` dates, one in each part of the days; as `spread` does."""
    bounds = [round(part * len(days) / parts) for part in range(parts + 1)]
    found: list[list[date | None]] = [[] for _ in range(count)]
    for part in range(parts):
        for index, day in enumerate(spread(count, days[bounds[part] : bounds[part + 1]], load, most)):
            found[index].append(day)
    return found


def _days(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += timedelta(days=1)
