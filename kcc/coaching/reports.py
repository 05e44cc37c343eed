"""Reading reports and the lists of them, for employee and coach (REP-4); writing lives in assessment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import assessment, quality_plan, queries
from kcc.coaching.draft import Draft
from kcc.coaching.model import Report
from kcc.coaching.quality_plan import Form
from kcc.errors import NotFound
from kcc.vault.keystore import KeyStore

SUBJECT = Subject("report")


@dataclass(frozen=True, slots=True)
class Written:
    """A report as somebody reads it."""

    permit: Permit
    id: str
    sample_id: str
    employee_id: str
    coach_id: str | None
    form: Form
    draft: Draft
    revision: int
    saved_at: datetime
    finished_at: datetime | None
    first_read: bool


def read(session: Session, keys: KeyStore, actor: Actor, report_id: str) -> Written:
    """A report, for its employee once it is finished and for the coach who wrote it (REP-4, REP-9).

    Every reading is logged; the employee's first one is remembered.
    """
    facts = queries.report_facts(session, report_id, clock.now())
    permit = policy.permit(actor, Action.REPORT_READ, Subject("report", report_id), facts)
    report = session.get(Report, report_id)
    if report is None:
        raise NotFound
    record.act(session, permit)
    first_read = actor.person_id == report.employee_id and report.read_at is None
    if first_read:
        report.read_at = clock.now()
        session.flush()
    return Written(
        permit=permit,
        id=report.id,
        sample_id=report.sampled_call_id,
        employee_id=report.employee_id,
        coach_id=report.coach_id,
        form=quality_plan.form(session, report.form_version),
        draft=assessment.whole(session, keys, report, actor.person_id),
        revision=report.revision,
        saved_at=report.saved_at,
        finished_at=report.finished_at,
        first_read=first_read,
    )


def own(session: Session, permit: Permit) -> queries.Rows:
    """The reports about the permit's holder, as queries.finished_reports_of lists them."""
    permit.require(Action.REPORT_LIST, SUBJECT)
    record.act(session, permit, list="own")
    return queries.finished_reports_of(session, permit.actor.person_id)


def written(
    session: Session, permit: Permit, before: tuple[datetime, str] | None = None
) -> tuple[queries.Rows, tuple[datetime, str] | None]:
    """The reports that the permit's holder wrote as coach, as queries.written_reports lists them."""
    permit.require(Action.REPORT_LIST, SUBJECT)
    record.act(session, permit, list="written")
    return queries.written_reports(session, permit.actor.person_id, clock.now(), before)
