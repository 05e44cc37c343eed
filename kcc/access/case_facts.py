"""The facts that a decision about a case of weighty reasons needs; those of all else stand in facts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kcc.access.facts import RecordingFacts


class CaseState(StrEnum):
    """Where a case stands: one has signed, both have, the officer suspended it, it is over."""

    PROPOSED = "proposed"
    OPEN = "open"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """Somebody about whom a case might be opened, who leads them and who manages their department today."""

    employee_id: str
    lead_ids: frozenset[str]
    manager_ids: frozenset[str]

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about: nobody until they are told (WGT-2)."""
        return None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case of weighty reasons: about whom, who leads them and manages their department today, who signed,
    who listens; `recording` is the call asked for, if one is, with the end that the case gives it.
    """

    employee_id: str
    told: bool
    state: CaseState
    lead_ids: frozenset[str]
    manager_ids: frozenset[str]
    signer_ids: frozenset[str]
    listener_id: str | None
    recording: "RecordingFacts | None" = None

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about: nobody until they are told (WGT-2)."""
        return self.employee_id if self.told else None
