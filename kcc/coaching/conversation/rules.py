"""How a conversation stands, and what waits for whom; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Side(StrEnum):
    """As whom somebody takes part."""

    EMPLOYEE = "employee"
    COACH = "coach"

    @property
    def other(self) -> "Side":
        """The one across the table."""
        return Side.COACH if self is Side.EMPLOYEE else Side.EMPLOYEE


class Part(StrEnum):
    """A text of the conversation: each one's own view, and what both write."""

    EMPLOYEE = "employee"
    COACH = "coach"
    TOGETHER = "together"


class Arranged(StrEnum):
    """How far the appointment is: `ANOTHER` means that the employee asked for another time."""

    OPEN = "open"
    PROPOSED = "proposed"
    ANOTHER = "another"
    AGREED = "agreed"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    """Where a report's conversation stands, in one word for lists and boards."""

    NONE = "none"
    PROPOSED = "proposed"
    ANOTHER = "another"
    AGREED = "agreed"
    HELD = "held"
    CHANGED = "changed"
    SIGNED_BY_EMPLOYEE = "signed_by_employee"
    SIGNED_BY_COACH = "signed_by_coach"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a conversation: by whom its version was signed so far (`signed`), and whether an
    earlier version was signed by both (`again`).
    """

    state: Arranged = Arranged.OPEN
    begins_at: datetime | None = None
    signed: frozenset[Side] = frozenset()
    again: bool = False


SHORTEST, USUAL, LONGEST = 15, 45, 240
"""Minutes of a conversation: less is no time set aside for one (REP-3), more is a typing error."""
MOST_OPTIONS = 3
FARTHEST = timedelta(days=183)
"""So far ahead a moment may be proposed: beyond it lies a wrong year."""


def standing(facts: Facts, now: datetime) -> Standing:
    """Where a conversation stands now."""
    if facts.signed == set(Side):
        return Standing.SIGNED
    if Side.EMPLOYEE in facts.signed:
        return Standing.SIGNED_BY_EMPLOYEE
    if Side.COACH in facts.signed:
        return Standing.SIGNED_BY_COACH
    if facts.again:
        return Standing.CHANGED
    if facts.state is Arranged.AGREED and facts.begins_at is not None:
        return Standing.HELD if facts.begins_at <= now else Standing.AGREED
    return {Arranged.PROPOSED: Standing.PROPOSED, Arranged.ANOTHER: Standing.ANOTHER}.get(
        facts.state, Standing.NONE
    )


WAITING: dict[Standing, frozenset[Side]] = {
    Standing.NONE: frozenset({Side.COACH}),
    Standing.PROPOSED: frozenset({Side.EMPLOYEE}),
    Standing.ANOTHER: frozenset({Side.COACH}),
    Standing.AGREED: frozenset(),
    Standing.HELD: frozenset(Side),
    Standing.CHANGED: frozenset(Side),
    Standing.SIGNED_BY_EMPLOYEE: frozenset({Side.COACH}),
    Standing.SIGNED_BY_COACH: frozenset({Side.EMPLOYEE}),
    Standing.SIGNED: frozenset(),
}
"""For whom something waits, by standing."""


TALKED = frozenset(Standing) - {Standing.NONE, Standing.PROPOSED, Standing.ANOTHER, Standing.AGREED}
"""The conversation has been: its time has come, or something was signed."""


def length(minutes: int) -> timedelta:
    """How long a conversation takes."""
    return timedelta(minutes=minutes)
