"""Whether a reading of the clocks can be trusted with destroying something; pure: readings in, doubt out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kcc.clock import Reading

AGREE = timedelta(seconds=60)
"""How far two clocks may be apart that agree."""
FAR = timedelta(hours=24)
"""How far time may move between two runs without anybody vouching for it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The last time that was trusted; `boot` is empty where no steady clock stood beside it."""

    at: datetime
    boot: str = ""
    steady: float = 0.0


class Doubt(StrEnum):
    """Why the present time is not to be trusted."""

    DISAGREES = "clock_disagrees"
    BACK = "clock_back"
    JUMPED = "clock_jumped"
    MOVED = "clock_moved"


def doubt(reading: Reading, server: datetime | None, last: Seen | None) -> Doubt | None:
    """What speaks against destroying by this reading; None when nothing does (RET-1, RET-7).

    `server` is the database's own clock, where it has one. Clocks that disagree are never trusted; a time
    that went back, jumped against the steady clock, or lies more than a day beyond the last one only while
    the system keeps its clock synchronised.
    """
    if server is not None and abs(reading.at - server) > AGREE:
        return Doubt.DISAGREES
    if reading.synchronised or last is None:
        return None
    moved = reading.at - last.at
    if moved < -AGREE:
        return Doubt.BACK
    elapsed = _elapsed(reading, last)
    if elapsed is not None and abs(moved - elapsed) > AGREE:
        return Doubt.JUMPED
    return Doubt.MOVED if moved > FAR else None


def floor(reading: Reading, server: datetime | None, last: Seen | None) -> datetime:
    """The latest time that any clock tells: what access goes by, so that none set back opens anything."""
    told = [reading.at] + ([server] if server is not None else [])
    if last is not None:
        told.append(last.at + (_elapsed(reading, last) or timedelta(0)))
    return max(told)


def _elapsed(reading: Reading, last: Seen) -> timedelta | None:
    """What the steady clock says has gone by since; None when the machine was started anew."""
    if not last.boot or last.boot != reading.boot:
        return None
    return timedelta(seconds=reading.steady - last.steady)
