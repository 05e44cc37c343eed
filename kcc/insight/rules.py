"""What counts as unusual reading: how much within any hour; pure."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)


class Kind(StrEnum):
    """What somebody did more of than is usual; each has a threshold of its own."""

    REFUSALS = "refusals"
    CALLS = "calls"
    EXPORTS = "exports"


@dataclass(frozen=True, slots=True)
class Act:
    """One act that is counted: when, and of what (things that are the same count once an hour)."""

    at: datetime
    thing: str


@dataclass(frozen=True, slots=True)
class Burst:
    """As many different things as are unusual, or more, between two instants an hour apart at most."""

    since: datetime
    until: datetime
    count: int


def bursts(acts: Iterable[Act], threshold: int, after: datetime | None) -> list[Burst]:
    """The bursts in one person's acts of a kind, in the order of time; acts up to `after` were told before.

    An hour includes its first instant and not its last. What follows within the hour that a burst began
    belongs to it; then counting begins from nothing, so that nothing is told twice.
    """
    found: list[Burst] = []
    window: deque[Act] = deque()
    things: Counter[str] = Counter()
    for act in sorted(acts, key=lambda act: act.at):
        if after is not None and act.at <= after:
            continue
        if found and act.at < found[-1].since + HOUR:
            things[act.thing] += 1
            found[-1] = Burst(found[-1].since, act.at, len(things))
            continue
        if found and not window:
            things.clear()
        window.append(act)
        things[act.thing] += 1
        while window[0].at <= act.at - HOUR:
            gone = window.popleft()
            things[gone.thing] -= 1
            things += Counter()  # drops what nothing counts for any more
        if len(things) >= threshold:
            found.append(Burst(window[0].at, act.at, len(things)))
            window.clear()
    return found
