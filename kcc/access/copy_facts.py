"""The facts that decisions about copies of calls need (SUB-2, GOV-3, THR-5); all others stand in facts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kcc.access.facts import RecordingFacts


@dataclass(frozen=True, slots=True)
class DisclosureFacts:
    """A registered request for a covered copy of a call (SUB-2, GOV-3); `running`: its time goes on."""

    recording: "RecordingFacts"
    running: bool

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.recording.owner_id


@dataclass(frozen=True, slots=True)
class PoliceCopyFacts:
    """A threat's call whose copy the police may get (THR-5): who leads its employee now, whether both decided
    on it; `waiting`: a copy was made, not taken out yet, and its time has not passed.
    """

    recording: "RecordingFacts"
    lead_ids: frozenset[str]
    decided: bool
    waiting: bool = False

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.recording.owner_id
