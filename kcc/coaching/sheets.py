"""What lies before a coach who scores: a drawn call, as long as it may be heard, and the draft about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import assessment, quality_plan, queries
from kcc.coaching.draft import Draft
from kcc.coaching.model import Report, SampledCall
from kcc.coaching.quality_plan import Form
from kcc.errors import AccessDenied, NotFound
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Call:
    """What a coach is told of a drawn call."""

    started_at: datetime
    duration_ms: int
    direction: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """A drawn call and the coach's draft. `call` is None once its sound is gone.

    `report_id` is None before the first save; `others` says that a colleague has begun a report about it.
    """

    permit: Permit
    sample_id: str
    employee_id: str
    call: Call | None
    form: Form
    draft: Draft
    revision: int = 0
    report_id: str | None = None
    saved_at: datetime | None = None
    finished: bool = False
    others: bool = False


def read(session: Session, keys: KeyStore, actor: Actor, sample_id: str) -> Sheet:
    """The sheet of a drawn call, for a coach who may hear the call or has begun to score it; logged."""
    sample = session.get(SampledCall, sample_id)
    if sample is None:
        _permit_to_hear(session, actor, sample_id)
        raise NotFound
    report = queries.report_of(session, sample_id)
    if report is not None and report.coach_id == actor.person_id:
        return _begun(session, keys, actor, sample, report)
    permit = _permit_to_hear(session, actor, sample_id)
    record.act(session, permit)
    form = quality_plan.form(session, quality_plan.current(session))
    call = _call(session, sample)
    return Sheet(permit, sample_id, sample.employee_id, call, form, {}, others=report is not None)


def _begun(session: Session, keys: KeyStore, actor: Actor, sample: SampledCall, report: Report) -> Sheet:
    facts = queries.report_facts(session, report.id, clock.now())
    permit = policy.permit(actor, Action.REPORT_READ, Subject("report", report.id), facts)
    record.act(session, permit)
    return Sheet(
        permit=permit,
        sample_id=sample.id,
        employee_id=sample.employee_id,
        call=_call(session, sample) if _audible(session, actor, sample.id) else None,
        form=quality_plan.form(session, report.form_version),
        draft=assessment.whole(session, keys, report, actor.person_id),
        revision=report.revision,
        report_id=report.id,
        saved_at=report.saved_at if report.revision else None,
        finished=report.finished_at is not None,
    )


def _permit_to_hear(session: Session, actor: Actor, sample_id: str) -> Permit:
    facts = queries.sample_facts(session, sample_id, clock.now())
    return policy.permit(actor, Action.SAMPLE_READ, Subject("sample", sample_id), facts)


def _audible(session: Session, actor: Actor, sample_id: str) -> bool:
    try:
        _permit_to_hear(session, actor, sample_id)
    except (AccessDenied, NotFound):
        return False
    return True


def _call(session: Session, sample: SampledCall) -> Call:
    recording = session.get_one(Recording, sample.recording_id)
    return Call(recording.started_at, recording.duration_ms, recording.direction, recording.due_at)


def call_of(stores: Stores, sample_id: str) -> str:
    """The recording of a drawn call, for a link of somebody who already reads the report about it."""
    with stores.database.read() as session:
        return session.scalars(select(SampledCall.recording_id).where(SampledCall.id == sample_id)).one()
