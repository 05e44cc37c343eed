"""What holds in a joint session: who counts as present, why it is over, and where the sound stands; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST = timedelta(minutes=60)
"""So long a joint session lasts at most (docs/access.md)."""
GONE_AFTER = timedelta(seconds=60)
"""Whoever gives no sign for so long is gone."""
SIGN_EVERY = timedelta(seconds=5)
"""How old a kept sign may be: browsers give one each second, and not each is worth a write."""
BESIDE_LASTS = timedelta(minutes=15)
"""So long a proof counts for whoever sits at the other's screen, as a session that nobody uses (SEC-1)."""
KEPT_AFTER = timedelta(minutes=3)
"""How long after its end it is summed up how much was played: until then every process has kept that."""
MARKS = 200
"""More than an hour of listening needs."""


class Why(StrEnum):
    """Why a joint session is over."""

    BY_HAND = "by_hand"
    TIME = "time"
    INCIDENT = "incident"
    LEAD = "lead"
    EMPLOYEE = "employee"


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of somebody. `signed_in` says that the session of that browser is still open."""

    person_id: str
    session_id: str
    joined_at: datetime
    seen_at: datetime
    left_at: datetime | None
    beside: bool
    signed_in: bool = True

    def here(self, now: datetime) -> bool:
        """Whether they count as present: signed in, not left, heard of within the last minute, and beside the
        other only while the proof is fresh.
        """
        if self.left_at is not None or not self.signed_in or now - self.seen_at >= GONE_AFTER:
            return False
        return not self.beside or now - self.joined_at < BESIDE_LASTS


def here(signs: Iterable[Sign], now: datetime) -> frozenset[Sign]:
    """Those of some signs whose people are present."""
    return frozenset(sign for sign in signs if sign.here(now))


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a session is over: how it ended already, its hour, the incident, both people."""

    ended: Why | None
    ends_at: datetime
    incident_open: bool
    employed: bool
    lead_leads: bool

    def over(self, now: datetime) -> Why | None:
        """Why it is over; None while it goes on. What was first kept counts; the hour comes last."""
        if self.ended is not None:
            return self.ended
        if not self.incident_open:
            return Why.INCIDENT
        if not self.employed:
            return Why.EMPLOYEE
        if not self.lead_leads:
            return Why.LEAD
        return Why.TIME if now >= self.ends_at else None


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the sound of both stands, since when, and by whose hand."""

    revision: int
    playing: bool
    place_ms: int
    moved_at: datetime
    moved_by_id: str | None = None

    def place(self, now: datetime, of_ms: int) -> int:
        """Milliseconds from the start of the call at which both are now; never beyond its end."""
        gone = (now - self.moved_at) // timedelta(milliseconds=1) if self.playing else 0
        return max(0, min(self.place_ms + max(0, gone), of_ms))

    def plays(self, now: datetime, of_ms: int) -> bool:
        """Whether it plays and has not come to the end."""
        return self.playing and self.place(now, of_ms) < of_ms

    def moved(
        self, now: datetime, by_id: str | None, *, playing: bool, place_ms: int, of_ms: int
    ) -> "Moment":
        """The next moment: who moved last is right, whatever they had seen."""
        place = max(0, min(place_ms, of_ms))
        return Moment(self.revision + 1, playing, place, now, by_id)

    def held(self, at: datetime, of_ms: int) -> "Moment":
        """Standing still where it was at an instant, by nobody's hand: somebody is not here any more."""
        return replace(
            self,
            revision=self.revision + 1,
            playing=False,
            place_ms=self.place(at, of_ms),
            moved_at=at,
            moved_by_id=None,
        )
