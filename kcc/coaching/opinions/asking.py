"""Asking for a second opinion on one's own report, and withdrawing it; who may give it is the policy's."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import OpinionState
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import draft as drafts
from kcc.coaching import queries as coaching
from kcc.coaching.model import Report, SampledCall
from kcc.coaching.opinions import ending, queries, rules, sealing
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.opinions.rules import Ended
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.notices import outbox
from kcc.people import queries as people
from kcc.recordings.model import Recording
from kcc.recordings.queries import facts_of
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Asking:
    """What an employee is shown before asking: until when the call can be heard, and what is in the way."""

    permit: Permit
    report_id: str
    finished_at: datetime | None
    heard_until: datetime | None
    obstacle: Refused | None
    newest: SecondOpinion | None


def look(session: Session, actor: Actor, report_id: str) -> Asking:
    """Where asking about a report stands; logs nothing, for nothing of the report is shown."""
    permit = _permit(session, actor, report_id)
    report = session.get(Report, report_id)
    if report is None:
        raise NotFound
    recording, now = _recording(session, report), clock.now()
    heard = recording.due_at if recording and recording.due_at > now else None
    newest = queries.of_report(session, report_id)
    return Asking(permit, report_id, report.finished_at, heard, _obstacle(session, report, recording), newest)


def ask(session: Session, keys: KeyStore, actor: Actor, report_id: str, why: str) -> SecondOpinion:
    """Ask for a second opinion on a finished report about oneself (REP-8); `why` may be empty.

    Refused where the call cannot be heard any more (a request extends nothing, RET-6), was reported as a
    threat, where one stands already, or where nobody could give it. Its key exists before its row does.
    """
    permit = _permit(session, actor, report_id)
    report = session.get(Report, report_id, with_for_update=True, populate_existing=True)
    if report is None or report.content == coaching.NO_CONTENT:
        raise NotFound
    why = checked("why", why, rules.LONGEST_WHY)
    recording = _recording(session, report)
    if obstacle := _obstacle(session, report, recording):
        raise obstacle
    if recording is None:
        raise NotFound
    opinion_id, now = new_id(), clock.now()
    record.act(session, permit, opinion=opinion_id)
    key = keys.create(opinion_id)
    asked = SecondOpinion(
        id=opinion_id,
        report_id=report_id,
        recording_id=recording.id,
        employee_id=report.employee_id,
        coach_id=report.coach_id,
        author_id=report.written_by_id or report.coach_id,
        asked_at=now,
        ends_at=now + rules.WINDOW,
        why=sealing.seal(key, opinion_id, "why", why) if why else None,
        form_version=report.form_version,
        content=sealing.seal(key, opinion_id, "content", drafts.dump({})),
    )
    session.add(asked)
    session.flush()
    _tell(session, actor, report, asked)
    return asked


def withdraw(session: Session, actor: Actor, opinion_id: str) -> None:
    """Take the question back, as long as it is not scored; the second coach's sheet goes with it.

    `ending.finish` then destroys its key.
    """
    facts = queries.facts(session, opinion_id, clock.now())
    permit = policy.permit(actor, Action.OPINION_WITHDRAW, Subject("opinion", opinion_id), facts)
    found = ending.locked(session, opinion_id)
    unscored = (OpinionState.WAITING, OpinionState.SCORING)
    if found is None or queries.state(found, clock.now()) not in unscored:
        raise NotFound
    record.act(session, permit)
    ending.close(session, found, Ended.WITHDRAWN)


def checked(field: str, text: str, longest: int) -> str:
    """A text as it is kept, or Invalid where it is too long or cannot be stored."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > longest:
        raise Invalid(field, N_("Use at most %(most)s characters here."), most=longest)
    if not drafts.storable(text):
        raise Invalid(field, N_("This text holds characters that cannot be stored."))
    return text


def _permit(session: Session, actor: Actor, report_id: str) -> Permit:
    facts = coaching.report_facts(session, report_id, clock.now())
    return policy.permit(actor, Action.OPINION_ASK, Subject("report", report_id), facts)


def _recording(session: Session, report: Report) -> Recording | None:
    sample = session.get_one(SampledCall, report.sampled_call_id)
    return session.get(Recording, sample.recording_id)


def _obstacle(session: Session, report: Report, recording: Recording | None) -> Refused | None:
    newest = queries.of_report(session, report.id)
    if newest is not None and newest.ended_at is None:
        return Refused(N_("There is a second opinion on this report already."), rule="REP-8")
    now = clock.now()
    facts = facts_of(recording, now) if recording else None
    if facts is not None and facts.threat:
        return Refused(
            N_("You reported this call as a threat. Nobody hears it for anything else."), rule="THR-3"
        )
    if facts is None or now >= facts.due_at or facts.state != "live":
        message = N_("The recording of this call is erased, so that no second coach can hear it any more.")
        return Refused(message, rule="RET-6")
    first = (report.coach_id, report.written_by_id)
    if not queries.other_coaches(session, report.employee_id, first, clock.local_day(now)):
        return Refused(N_("There is no other coach who could give a second opinion."), rule="REP-8")
    return None


def _tell(session: Session, actor: Actor, report: Report, asked: SecondOpinion) -> None:
    employee = asked.employee_id
    day = clock.local_day(asked.asked_at)
    if asked.coach_id and report.finished_at and people.may_sign_in(session, [asked.coach_id], day):
        of = clock.local_day(report.finished_at)
        outbox.tell(session, asked.coach_id, "opinion.asked", about_id=employee, employee=actor.name, day=of)
    for coach_id in queries.other_coaches(session, employee, (asked.coach_id, asked.author_id), day):
        outbox.tell(session, coach_id, "opinion.waiting", about_id=employee)
