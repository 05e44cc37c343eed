"""What the policy demands of whoever does something with a call, a report, a draw or a person: conditions of
its grants. Those of second opinions, shared calls, criteria and summaries stand with their grants.
"""

from kcc.access.actor import Actor
from kcc.access.facts import (
    CalibrationFacts,
    CoachedFacts,
    DisclosureFacts,
    DrawFacts,
    Facts,
    JointFacts,
    OfferFacts,
    OpinionFacts,
    PersonFacts,
    PoliceCopyFacts,
    RecordingFacts,
    RecordingState,
    ReportFacts,
    SampleFacts,
    TrainingCallFacts,
)
from kcc.access.grants import Demand
from kcc.errors import N_

_ABOUT_A_CALL = (
    SampleFacts
    | OpinionFacts
    | OfferFacts
    | CalibrationFacts
    | TrainingCallFacts
    | DisclosureFacts
    | PoliceCopyFacts
    | JointFacts
)


def _recording(facts: Facts) -> RecordingFacts | None:
    if isinstance(facts, _ABOUT_A_CALL):
        return facts.recording
    return facts if isinstance(facts, RecordingFacts) else None


def _owned(actor: Actor, facts: Facts) -> bool:
    recording = _recording(facts)
    return recording is not None and recording.owner_id == actor.person_id


def _audible(_: Actor, facts: Facts) -> bool:
    recording = _recording(facts)
    return (
        recording is not None and recording.state is RecordingState.LIVE and recording.now < recording.due_at
    )


def _listed(_: Actor, facts: Facts) -> bool:
    recording = _recording(facts)
    listed = (RecordingState.LIVE, RecordingState.SEALED)
    return recording is not None and recording.state in listed and recording.now < recording.due_at


def _no_threat(_: Actor, facts: Facts) -> bool:
    if isinstance(facts, ReportFacts):
        return not facts.threat
    recording = _recording(facts)
    return recording is not None and not recording.threat


def _drawn_for_my_employee(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, SampleFacts)
        and facts.open
        and actor.person_id in facts.coach_ids
        and facts.recording.owner_id != actor.person_id
    )


def _report_mine_as_employee(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, ReportFacts) and facts.employee_id == actor.person_id


def _report_mine_as_coach(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, ReportFacts)
        and facts.coach_id == actor.person_id
        and facts.coach_assigned
        and facts.employee_id != actor.person_id
    )


def _drawn_of_mine(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, DrawFacts) and facts.employee_id == actor.person_id


def _somebody_else(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, PersonFacts) and facts.person_id != actor.person_id


def _coached_by_me(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, CoachedFacts) and facts.coached_by(actor.person_id)


def _finished(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, ReportFacts) and facts.finished


def _unfinished(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, ReportFacts) and not facts.finished


def _finished_or_no_threat(actor: Actor, facts: Facts) -> bool:
    return _finished(actor, facts) or _no_threat(actor, facts)


OWN_CALL = Demand("RGT-1", N_("the call is one of your own"), _owned)
AUDIBLE = Demand("RET-7", N_("it has sound and its deadline has not passed"), _audible)
LISTED = Demand("RET-7", N_("its deadline has not passed"), _listed)
NO_THREAT = Demand("SAM-6", N_("the call was not reported as a threat"), _no_threat)
DRAWN = Demand(
    "ACC-2",
    N_("the call stands in an open sample of somebody else, whom you coach now"),
    _drawn_for_my_employee,
)
OWN_REPORT = Demand("REP-4", N_("the report is about you"), _report_mine_as_employee)
WRITTEN_BY_ME = Demand("REP-4", N_("you write it, about somebody you coach now"), _report_mine_as_coach)
FINISHED = Demand("REP-4", N_("it is finished"), _finished)
UNFINISHED = Demand("REP-2", N_("it is not finished yet"), _unfinished)
FINISHED_OR_NO_THREAT = Demand(
    "SAM-6", N_("it is finished, or its call was not reported as a threat"), _finished_or_no_threat
)
OWN_DRAW = Demand("SAM-3", N_("the draw was of your calls"), _drawn_of_mine)
COACHED = Demand("ACC-2", N_("it is about somebody else, whom you coach now"), _coached_by_me)
SOMEBODY_ELSE = Demand("ACC-6", N_("it is about somebody else"), _somebody_else)
