"""The one place that reads the time; nothing else in kcc asks the system for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Amsterdam")
"""The centre's wall clock: days, months and office hours are counted in it, instants never."""


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _source()


def ticking() -> float:
    """Seconds that only go forward, for spans of real time; stands still in no test."""
    return time.monotonic()


def today() -> date:
    """The present day on the centre's wall clock."""
    return local_day(now())


def local_day(instant: datetime) -> date:
    """The day on which an instant falls on the centre's wall clock."""
    return instant.astimezone(LOCAL).date()


def start_of_day(day: date) -> datetime:
    """The instant at which a day of the centre begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC)


class Frozen:
    """A clock that stands still until it is moved; for tests and for the demo's injected past."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        """Move the clock forward (or, with a negative span, back)."""
        self.at += by

    def set(self, at: datetime) -> None:
        """Put the clock at an instant."""
        self.at = at.astimezone(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[Frozen]:
    """Let the whole process live at `at` (an aware instant) for the length of the block."""
    global _source
    before, clock = _source, Frozen(at)
    _source = clock
    try:
        yield clock
    finally:
        _source = before
