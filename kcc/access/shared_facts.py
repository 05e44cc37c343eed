"""The facts that decisions about calls used with their employee's consent need (CAL-1 to CAL-3); all others
stand in facts.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kcc.access.facts import RecordingFacts


class Consent(StrEnum):
    """How an employee stands to one use of one of their calls (CAL-1); nobody asked: none."""

    NONE = "none"
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """A call that its employee offers for calibration, and who coaches them now."""

    recording: "RecordingFacts"
    consent: Consent
    coach_ids: frozenset[str]

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.recording.owner_id


@dataclass(frozen=True, slots=True)
class CalibrationFacts:
    """A calibration session about one call (CAL-3). `going_on`: within its days, and nobody ended it;
    `compared`: the sheets lie open, and nobody scores any more.
    """

    recording: "RecordingFacts"
    consent: Consent
    facilitator_id: str
    scorer_ids: frozenset[str]
    finished_ids: frozenset[str]
    going_on: bool
    compared: bool

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.recording.owner_id


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """A named training (CAL-2). `coaches_only`: in coaching skills; `lasts`: its last day is not past, and
    nobody closed it; `begun`: its first day has come.
    """

    trainer_id: str
    participant_ids: frozenset[str]
    coaches_only: bool
    lasts: bool
    begun: bool

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about: a training is about nobody."""
        return None


@dataclass(frozen=True, slots=True)
class TrainingCallFacts:
    """One call in a training."""

    recording: "RecordingFacts"
    consent: Consent
    training: TrainingFacts

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.recording.owner_id
