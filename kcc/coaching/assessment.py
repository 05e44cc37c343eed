"""A coach's work on a report: beginning, saving and finishing it; reading one lives in reports."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import ReportFacts, SampleFacts
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching import draft as drafts
from kcc.coaching import moments, notes, quality_plan, queries
from kcc.coaching.draft import Draft
from kcc.coaching.model import Report, SampledCall
from kcc.db import new_id
from kcc.errors import N_, NotFound, Refused
from kcc.notices import outbox
from kcc.recordings.model import Recording
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore


class ChangedElsewhere(Refused):
    """The report has been saved from another window since; `kept` is what it says now."""

    def __init__(self, revision: int, saved_at: datetime, kept: Draft) -> None:
        message = N_("This form was changed in another window. Nothing is lost: compare both and save again.")
        super().__init__(message, code="changed_elsewhere")
        self.revision, self.saved_at, self.kept = revision, saved_at, kept


def place(report_id: str) -> str:
    """The place for which a report's text is sealed."""
    return f"report.content:{report_id}"


def open_report(session: Session, keys: KeyStore, actor: Actor, sample_id: str) -> Report:
    """The coach's draft about a drawn call, begun if there is none; a colleague's draft is not opened.

    Its key exists before the row does: what is sealed can always be opened or erased.
    """
    sample = session.get(SampledCall, sample_id, with_for_update=True, populate_existing=True)
    if sample is None:
        of_call = queries.sample_facts(session, sample_id, clock.now())
        policy.permit(actor, Action.SAMPLE_READ, Subject("sample", sample_id), of_call)
        raise NotFound
    now, report = clock.now(), queries.report_of(session, sample_id)
    if report is not None:
        facts = queries.report_facts(session, report.id, now)
        policy.permit(actor, Action.REPORT_SCORE, Subject("report", report.id), facts)
        return report
    of_call = queries.sample_facts(session, sample_id, now)
    policy.permit(actor, Action.SAMPLE_READ, Subject("sample", sample_id), of_call)
    return _begin(session, keys, actor, sample, of_call)


def save(
    session: Session, keys: KeyStore, actor: Actor, report_id: str, revision: int, changes: Mapping[str, str]
) -> Report:
    """Change some fields of a draft that stands at `revision` (REP-1, REP-7).

    ChangedElsewhere when it was saved from another window since; Invalid names a field that is wrong.
    """
    facts = queries.report_facts(session, report_id, clock.now())
    permit = policy.permit(actor, Action.REPORT_SCORE, Subject("report", report_id), facts)
    report = _locked(session, report_id)
    kept = _at_revision(session, keys, report, revision)
    new = drafts.changed(quality_plan.form(session, report.form_version), kept, changes)
    call = moments.call_of(session, report, actor.person_id) if notes.of_moments({**kept, **new}) else None
    new = _placed(new, call)
    if new == kept:
        return report
    record.act(session, permit, revision=revision + 1)
    _write(session, keys, report, call, new)
    report.revision, report.saved_at = revision + 1, clock.now()
    session.flush()
    return report


def finish(session: Session, keys: KeyStore, actor: Actor, report_id: str, revision: int) -> Report:
    """Finish a draft, which from now on its employee can read and nobody can change.

    draft.Incomplete names what is missing; ChangedElsewhere as for save.
    """
    facts = queries.report_facts(session, report_id, clock.now())
    permit = policy.permit(actor, Action.REPORT_FINISH, Subject("report", report_id), facts)
    report = _locked(session, report_id)
    kept = _at_revision(session, keys, report, revision)
    drafts.require_complete(quality_plan.form(session, report.form_version), kept)
    record.act(session, permit, revision=revision)
    report.finished_at = clock.now()
    session.flush()
    outbox.tell(session, report.employee_id, "reports.finished", coach=actor.name)
    return report


def content(key: bytes, report: Report) -> Draft:
    """What a report says."""
    return drafts.load(open_text(key, place(report.id), report.content))


def whole(session: Session, keys: KeyStore, report: Report, reader_id: str | None) -> Draft:
    """What a report says, with the moments of its remarks as long as the reader may hear the call (RET-8)."""
    said = content(keys.get(report.id), report)
    return {**said, **moments.read(session, keys, report, reader_id)}


def _begin(
    session: Session, keys: KeyStore, actor: Actor, sample: SampledCall, of_call: SampleFacts
) -> Report:
    report_id, now = new_id(), clock.now()
    facts = ReportFacts(
        employee_id=sample.employee_id,
        coach_id=actor.person_id,
        coach_assigned=actor.person_id in of_call.coach_ids,
        finished=False,
        threat=of_call.recording.threat,
    )
    permit = policy.permit(actor, Action.REPORT_SCORE, Subject("report", report_id), facts)
    record.act(session, permit, step="begun", sample=sample.id)
    sealed = seal_text(keys.create(report_id), place(report_id), drafts.dump({}))
    report = Report(
        id=report_id,
        sampled_call_id=sample.id,
        employee_id=sample.employee_id,
        coach_id=actor.person_id,
        form_version=quality_plan.current(session),
        content=sealed,
        created_at=clock.start_of_day(clock.local_day(now)),  # how long somebody works is nobody's business
        saved_at=now,
        revision=0,
    )
    session.add(report)
    session.flush()
    return report


def _placed(new: Draft, call: Recording | None) -> Draft:
    """The draft with moments that lie in the call, or with none when it can no longer be heard (RET-8)."""
    if call is None:
        return notes.without_moments(new)
    notes.within(new, call.duration_ms)
    return new


def _write(session: Session, keys: KeyStore, report: Report, call: Recording | None, new: Draft) -> None:
    texts = drafts.dump(notes.without_moments(new))
    report.content = seal_text(keys.get(report.id), place(report.id), texts)
    if call is not None:
        moments.keep(session, keys, report, call, notes.of_moments(new))


def _locked(session: Session, report_id: str) -> Report:
    report = session.get(Report, report_id, with_for_update=True, populate_existing=True)
    if report is None or report.finished_at is not None or report.content == queries.NO_CONTENT:
        raise NotFound
    return report


def _at_revision(session: Session, keys: KeyStore, report: Report, revision: int) -> Draft:
    kept = whole(session, keys, report, report.coach_id)
    if report.revision != revision:
        raise ChangedElsewhere(report.revision, report.saved_at, kept)
    return kept
