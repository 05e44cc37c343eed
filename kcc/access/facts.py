"""The facts that a decision needs, gathered by each package's queries; no database in here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kcc.access.case_facts import CaseFacts as CaseFacts
from kcc.access.case_facts import CaseState as CaseState
from kcc.access.case_facts import SeatFacts as SeatFacts
from kcc.access.copy_facts import DisclosureFacts as DisclosureFacts
from kcc.access.copy_facts import PoliceCopyFacts as PoliceCopyFacts
from kcc.access.joint_facts import JointFacts as JointFacts
from kcc.access.shared_facts import CalibrationFacts as CalibrationFacts
from kcc.access.shared_facts import Consent as Consent
from kcc.access.shared_facts import OfferFacts as OfferFacts
from kcc.access.shared_facts import TrainingCallFacts as TrainingCallFacts
from kcc.access.shared_facts import TrainingFacts as TrainingFacts
from kcc.access.threat_facts import IncidentStage as IncidentStage
from kcc.access.threat_facts import IncidentState as IncidentState


class RecordingState(StrEnum):
    """What a recording is: playable in principle, without sound for anybody, waiting for a place, or
    going.
    """

    LIVE = "live"
    SEALED = "sealed"
    QUARANTINED = "quarantined"
    ERASING = "erasing"


@dataclass(frozen=True, slots=True)
class Nothing:
    """An action on no particular thing."""


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """One recording at one moment. `due_at` already includes what a hold permits (RET-2)."""

    owner_id: str | None
    state: RecordingState
    due_at: datetime
    now: datetime
    threat: bool = False

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.owner_id


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """One drawn call: the recording, whether its slot is open, and who coaches the employee now."""

    recording: RecordingFacts
    open: bool
    coach_ids: frozenset[str]

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.recording.owner_id


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """One report. `threat` means its call was flagged: an unfinished report is then nobody's (SAM-6); a coach
    who is no longer assigned has none (REP-6).
    """

    employee_id: str
    coach_id: str | None
    coach_assigned: bool
    finished: bool
    threat: bool = False

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.employee_id or None


@dataclass(frozen=True, slots=True)
class DrawFacts:
    """One draw that has been held, and whose calls it drew."""

    employee_id: str

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.employee_id or None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Somebody who works here, as those see them who register functions."""

    person_id: str

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.person_id


@dataclass(frozen=True, slots=True)
class ProgressFacts:
    """An employee's development over their reports, and who coaches them now."""

    employee_id: str
    coach_ids: frozenset[str]

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.employee_id


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """One summary for the appraisal cycle: who writes it and coaches now, who leads the employee now, whether
    the employee was given it, and whether it was passed on (REP-10).
    """

    employee_id: str
    coach_id: str | None
    coach_assigned: bool
    lead_ids: frozenset[str]
    given: bool
    passed: bool

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.employee_id or None


@dataclass(frozen=True, slots=True)
class FormFacts:
    """A version of the form, and the coach who put it forward, if somebody did."""

    proposer_id: str | None

    @property
    def about_id(self) -> str | None:
        """A form is about nobody."""
        return None


class OpinionState(StrEnum):
    """Where a second opinion stands: nobody has taken it, somebody scores, both stand side by side, the two
    have concluded; or it is over without a score, or its report goes.
    """

    WAITING = "waiting"
    SCORING = "scoring"
    SCORED = "scored"
    CONCLUDED = "concluded"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class OpinionFacts:
    """One second opinion on a report: the call, whose it is, who wrote and has the report, who took it.

    `coach_assigned` as for reports (REP-6); `lead_ids` lead the employee now; `readable` says that the
    time has not passed in which the second coach may look back.
    """

    recording: RecordingFacts
    employee_id: str
    coach_id: str | None
    coach_assigned: bool
    author_id: str | None
    second_id: str | None
    state: OpinionState
    lead_ids: frozenset[str] = frozenset()
    readable: bool = True

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.employee_id or None


@dataclass(frozen=True, slots=True)
class CoachedFacts:
    """An employee as those see them who plan their coaching, and who coaches them now.

    Not `told`: what is done may not be seen by the employee before its time (ANN-2), so that the line of
    it is not about them.
    """

    employee_id: str
    coach_ids: frozenset[str]
    told: bool = True

    def coached_by(self, person_id: str) -> bool:
        """Whether somebody coaches them; nobody coaches themselves."""
        return person_id in self.coach_ids and self.employee_id != person_id

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.employee_id if self.told else None


Facts = (
    Nothing
    | RecordingFacts
    | SampleFacts
    | ReportFacts
    | DrawFacts
    | PersonFacts
    | ProgressFacts
    | SummaryFacts
    | FormFacts
    | OpinionFacts
    | CoachedFacts
    | OfferFacts
    | CalibrationFacts
    | TrainingFacts
    | TrainingCallFacts
    | DisclosureFacts
    | PoliceCopyFacts
    | IncidentState
    | JointFacts
    | SeatFacts
    | CaseFacts
)
