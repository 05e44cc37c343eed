"""The facts that a decision about listening together needs (THR-2); those of all else stand in facts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kcc.access.facts import RecordingFacts


@dataclass(frozen=True, slots=True)
class JointFacts:
    """A joint session about a reported call, or the call before there is one (`lead_id` None, nobody here).

    `lead_ids` lead the employee now; `in_its_hour` whether or not somebody ended it, `going_on` if nobody
    did; `here_ids` are those present, `seats` the sessions of the browsers at which they sit.
    """

    recording: "RecordingFacts"
    incident_open: bool
    in_its_hour: bool
    going_on: bool
    lead_ids: frozenset[str]
    lead_id: str | None
    here_ids: frozenset[str] = frozenset()
    seats: frozenset[str] = frozenset()

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.recording.owner_id
