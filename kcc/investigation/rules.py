"""Who signs a case, for how long it may listen and keep, and when the employee is told (WGT-2, RET-5); pure:
people, days and words in, answers out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kcc import clock
from kcc.access.facts import CaseState
from kcc.errors import N_, Refused

GROUNDS = {
    "fraud": N_("fraud"),
    "refusal": N_("refusal of work"),
    "conflict": N_("conflict of interest"),
    "integrity": N_("breach of integrity"),
    "other": N_("another ground, in words"),
}
"""Seriously culpable conduct: the protocol's examples, or another (WGT-1)."""
LISTENING_DAYS = 14
"""For how many days at a time a decision lets somebody listen (access.md)."""
PERIOD_DAYS = 28
POSTPONEMENTS = 2
"""How often a postponement of telling the employee is repeated, at most."""
LEAST_COUNT = 5
"""Below this number a register says no more than that: nobody is to be recognised in it."""


class Kind(StrEnum):
    """What a decision decides."""

    OPEN = "open"
    EXTEND = "extend"
    POSTPONE = "postpone"


class How(StrEnum):
    """How a case ended: closed with its result, a signature revoked, its day past, or never opened."""

    CLOSED = "closed"
    REVOKED = "revoked"
    OVER = "over"
    LAPSED = "lapsed"


class Seat(StrEnum):
    """The two who decide."""

    LEAD = "lead"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Seats:
    """Who leads somebody's team, and who manages their department, on one day; never that person."""

    leads: frozenset[str]
    managers: frozenset[str]

    @property
    def everybody(self) -> frozenset[str]:
        """All who might sign."""
        return self.leads | self.managers

    def of(self, seat: Seat) -> frozenset[str]:
        """Who may sign in a seat."""
        return self.leads if seat is Seat.LEAD else self.managers


def seats(leads: frozenset[str], managers: frozenset[str], subject_id: str) -> Seats:
    """Who decides about a person: their direct lead and the manager of the department; never themselves.

    Whoever leads the team or manages the department themselves has no team lead above them: then the managers
    of the department sit in both seats, and two of them sign.
    """
    others = managers - {subject_id}
    if subject_id in leads | managers:
        return Seats(others, others)
    return Seats(leads, others)


def missing(found: Seats) -> str | None:
    """Why no two people can sign for this person today, in words that say whom to ask; None when two can."""
    if not found.leads:
        return N_(
            "Nobody is registered as this person's direct team lead today. Ask an administrator to register"
            " who is."
        )
    if not found.managers:
        return N_(
            "Nobody is registered as the manager of this person's department today. Ask an administrator to"
            " register who is."
        )
    if len(found.everybody) < 2:
        return N_(
            "Two different people must sign, and today team lead and department manager of this person are"
            " one and the same. Ask your own manager who signs beside you, and an administrator to register"
            " that function."
        )
    return None


def seat_of(found: Seats, person_id: str, taken: Mapping[Seat, str]) -> Seat | None:
    """In which seat somebody signs, given who signed already; None when there is none left for them.

    Whoever may sit in both takes the one that leaves the other to somebody else. Nobody signs twice.
    """
    if person_id in taken.values():
        return None
    free = [seat for seat in Seat if seat not in taken and person_id in found.of(seat)]
    for seat in free:
        other = next(one for one in Seat if one is not seat)
        if other in taken or found.of(other) - {person_id}:
            return seat
    return None


def ends_at(last_day: date) -> datetime:
    """The instant at which a case that lasts through a day ends."""
    return clock.start_of_day(last_day + timedelta(days=1))


def lasts_well(last_day: date | None, today: date, days: int) -> bool:
    """Whether a decision's last day is today or later, and within the days that it may give at a time."""
    return last_day is not None and today <= last_day < today + timedelta(days=days)


def period_well(first: date | None, last: date | None, today: date) -> bool:
    """Whether two days make a period of at most 28 days, of what has been: a case never waits for calls."""
    return (
        first is not None
        and last is not None
        and first <= last <= today
        and (last - first).days < PERIOD_DAYS
    )


def watched(officers: Sequence[str]) -> None:
    """Refused where no data protection officer would learn of a case, and could suspend it (WGT-2)."""
    if not officers:
        raise Refused(
            N_("There is no data protection officer to watch over this case. Have one registered first."),
            rule="WGT-2",
            code="nobody_watches",
        )


def state(
    opened: datetime | None, suspended: datetime | None, ended: datetime | None, ends: datetime, now: datetime
) -> CaseState:
    """Where a case stands at a moment: from its end on it is over, also when no job has come by yet."""
    if ended is not None or now >= ends:
        return CaseState.ENDED
    if opened is None:
        return CaseState.PROPOSED
    return CaseState.OPEN if suspended is None else CaseState.SUSPENDED


def quarter_of(day: date) -> date:
    """The first day of the quarter that a day is in."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def shown(count: int) -> int | None:
    """What a register tells of a number: nothing below 5 (AGG-4)."""
    return count if count >= LEAST_COUNT else None
