"""The one place that reads the time; nothing else in kcc asks the system for it."""

import ctypes
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Amsterdam")
"""The centre's wall clock: days, months and office hours are counted in it, instants never."""


_BOOT = Path("/proc/sys/kernel/random/boot_id")
_UNKNOWN_ERROR_US = 16_000_000
"""The kernel's word for "nobody keeps this clock right": systemd judges by the same number."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that this host can say of the time at one moment.

    `steady` are seconds since `boot`, sleep included, which setting the clock does not move; `synchronised`
    whether the system says that somebody keeps the clock right.
    """

    at: datetime
    boot: str
    steady: float
    synchronised: bool


class Timepiece(Protocol):
    """Where the time comes from: the system's clock, or a frozen one in its place."""

    def __call__(self) -> datetime:
        """The present instant."""

    def read(self) -> Reading:
        """The present instant as the host's clock has it, with what speaks for it."""

    def keep_up(self, at: datetime) -> None:
        """Never tell an earlier time than this instant and what has gone by since."""

    def beside(self, ask: Callable[[], datetime]) -> datetime:
        """What another machine's clock says, asked with `ask`."""


class System:
    """The host's clock. What `now` tells is the later one of it and the instant it was told to keep up with:
    a clock set back opens nothing.
    """

    def __init__(self) -> None:
        self._floor = (datetime.now(UTC), self._steady())

    def __call__(self) -> datetime:
        at, since = self._floor
        return max(datetime.now(UTC), at + timedelta(seconds=self._steady() - since))

    def read(self) -> Reading:
        """The host's clock as it is."""
        return Reading(datetime.now(UTC), _boot(), self._steady(), synchronised=_synchronised())

    def keep_up(self, at: datetime) -> None:
        """Take `at` for the present, unless the host's clock is later."""
        self._floor = (at, self._steady())

    def beside(self, ask: Callable[[], datetime]) -> datetime:
        """Ask."""
        return ask()

    @staticmethod
    def _steady() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)


class _Timex(ctypes.Structure):
    """The head of the kernel's struct timex, and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_char * 512),
    )


def _synchronised() -> bool:
    """Whether the kernel knows how far its clock may be off; it forgets when anybody sets it by hand.

    A system that cannot be asked is not synchronised.
    """
    asked = _Timex()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(asked))
    except (OSError, AttributeError):
        return False
    return bool(state >= 0 and 0 <= asked.maxerror < _UNKNOWN_ERROR_US)


def _boot() -> str:
    """The id of this run of the kernel; empty where there is none."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


_system = System()
_source: Timepiece = _system


def now() -> datetime:
    """The present instant, aware, in UTC: by the host's clock, or by a later one it was told of."""
    return _source()


def read() -> Reading:
    """What the host's clock says, and what speaks for it; which to trust is kcc.timekeeping's."""
    return _source.read()


def keep_up(at: datetime) -> None:
    """Let `now` never fall behind this instant and the time that has gone by since."""
    _source.keep_up(at)


def beside(ask: Callable[[], datetime]) -> datetime:
    """What another machine's clock says; a frozen process takes its own for it."""
    return _source.beside(ask)


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
    """A clock that stands still until it is moved; for tests and for the demo's injected past.

    It stands for synchronised time: whoever moves it means it.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.at

    def read(self) -> Reading:
        """Synchronised, and steady as it goes."""
        return Reading(self.at, "frozen", self.at.timestamp(), synchronised=True)

    def keep_up(self, at: datetime) -> None:
        """It stands where it was put."""

    def beside(self, ask: Callable[[], datetime]) -> datetime:  # noqa: ARG002 - the same call as the system's
        """Every other clock stands beside it."""
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
    with by(clock := Frozen(at)):
        yield clock


@contextmanager
def by(timepiece: Timepiece) -> Iterator[None]:
    """Let the whole process live by another timepiece for the length of the block."""
    global _source
    before, _source = _source, timepiece
    try:
        yield
    finally:
        _source = before
