"""When the demo's telephones are answered, and who is on the phone when; what is said lives elsewhere."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from kcc.clock import LOCAL, local_day

OPEN, CLOSE = time(8, 0), time(17, 30)
WRAP_UP = timedelta(seconds=15)
"""Between two calls of one employee: the least time to note what the first was about."""

Span = tuple[datetime, datetime]


def within(begin: datetime, end: datetime) -> Iterator[Span]:
    """The office hours (Monday to Friday on the centre's clock) between two instants, in UTC."""
    day = local_day(begin)
    while day <= local_day(end):
        if day.weekday() < 5:
            opens = max(begin, datetime.combine(day, OPEN, LOCAL).astimezone(UTC))
            closes = min(end, datetime.combine(day, CLOSE, LOCAL).astimezone(UTC))
            if opens < closes:
                yield opens, closes
        day += timedelta(days=1)


class Diary:
    """Who is on the phone when: finds a free moment for a call and keeps it taken."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._taken: dict[str, list[Span]] = {}

    def book(self, who: str, spans: list[Span], length: timedelta) -> datetime | None:
        """A start, in whole seconds, of a call of `length` that begins and ends in one of `spans`."""
        fitting = [(begin, end - length) for begin, end in spans if end - length > begin]
        if not fitting:
            return None
        weights = [(end - begin).total_seconds() for begin, end in fitting]
        for _attempt in range(400):
            begin, last = self._chance.choices(fitting, weights)[0]
            # Rounded up, so that a call never begins before its span.
            start = begin + (last - begin) * self._chance.random()
            start = start.replace(microsecond=0) + timedelta(seconds=1 if start.microsecond else 0)
            if start <= last and self._is_free(who, start - WRAP_UP, start + length + WRAP_UP):
                self._taken.setdefault(who, []).append((start, start + length))
                return start
        return None

    def _is_free(self, who: str, begin: datetime, end: datetime) -> bool:
        return all(end <= taken[0] or begin >= taken[1] for taken in self._taken.get(who, ()))
