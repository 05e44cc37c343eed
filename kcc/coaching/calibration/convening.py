"""Calling a calibration session about one call: who scores it, and until when (CAL-3)."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.coaching import quality_plan
from kcc.coaching.calibration import rules
from kcc.coaching.calibration.model import Calibration, CalibrationScorer
from kcc.coaching.consents import asking
from kcc.coaching.consents import queries as consents
from kcc.coaching.consents.model import CallConsent
from kcc.db import inserting, new_id
from kcc.errors import N_, Invalid, Refused
from kcc.notices import outbox
from kcc.people import queries as people
from kcc.recordings.model import Recording


def ask(
    session: Session, actor: Actor, sample_id: str, scorer_ids: Collection[str], ends: date | None
) -> Calibration:
    """Call a session about a drawn call, and ask its employee; nobody hears it before they say yes.

    The employee is told who will score and until when, so neither changes afterwards.
    """
    allowed = asking.permit(session, actor, sample_id)
    consent = asking.begin(session, allowed, sample_id, Purpose.CALIBRATION)
    held = _hold(session, actor, consent, scorer_ids, ends)
    name = people.names(session, [actor.person_id]).get(actor.person_id, "")
    outbox.tell(session, consent.employee_id, "consent.asked_calibration", coach=name)
    return held


def convene(
    session: Session, actor: Actor, consent_id: str, scorer_ids: Collection[str], ends: date | None
) -> Calibration:
    """Call a session about a call that an employee of this coach offers for it; they are told who scores."""
    facts = consents.offer_facts(session, consent_id, clock.now())
    subject = Subject("consent", consent_id)
    allowed = policy.permit(actor, Action.CALIBRATION_CONVENE, subject, facts)
    consent = session.get_one(CallConsent, consent_id)
    record.act(session, allowed)
    held = _hold(session, actor, consent, scorer_ids, ends)
    name = people.names(session, [actor.person_id]).get(actor.person_id, "")
    number = len(set(scorer_ids))
    outbox.tell(session, consent.employee_id, "calibration.of_yours", coach=name, count=number, day=held.ends)
    for coach_id in sorted(set(scorer_ids) - {actor.person_id}):
        outbox.tell(session, coach_id, "calibration.invited", coach=name, day=held.ends)
    return held


def colleagues(session: Session, employee_id: str) -> list[tuple[str, str]]:
    """(id, name) of the coaches who may score a call of this employee: all who are coach, but not on their
    own call.
    """
    ids = set(consents.holders(session, [Function.COACH], clock.today())) - {employee_id}
    return sorted(people.names(session, ids).items(), key=lambda one: one[1])


def last_day(session: Session, recording_id: str) -> date:
    """The last day on which a session about a recording may end: after it there is no sound (RET-4)."""
    due_at = session.scalar(select(Recording.due_at).where(Recording.id == recording_id))
    return clock.local_day(due_at) if due_at else clock.today()


def _hold(
    session: Session, actor: Actor, consent: CallConsent, scorer_ids: Collection[str], ends: date | None
) -> Calibration:
    chosen = set(scorer_ids)
    rules.several(chosen)
    if chosen - {coach_id for coach_id, _ in colleagues(session, consent.employee_id)}:
        raise Invalid("scorers", N_("Only coaches can score, and nobody a call of their own."))
    day = rules.until(ends, clock.today(), last_day(session, consent.recording_id))
    held = _begun(session, actor, consent.id, day)
    session.add_all(CalibrationScorer(calibration_id=held.id, coach_id=one) for one in sorted(chosen))
    session.flush()
    return held


def _begun(session: Session, actor: Actor, consent_id: str, ends: date) -> Calibration:
    """The row; of two sessions about one call at once the database lets one through."""
    values = {
        "id": new_id(),
        "consent_id": consent_id,
        "facilitator_id": actor.person_id,
        "form_version": quality_plan.current(session),
        "ends": ends,
        "created_at": clock.now(),
    }
    first = inserting(session, Calibration, **values).on_conflict_do_nothing(
        index_elements=["consent_id"], index_where=Calibration.ended_at.is_(None)
    )
    session.execute(first)
    held = session.get(Calibration, values["id"])
    if held is None:
        raise Refused(N_("There is a session about this call already."), rule="CAL-3", code="session_held")
    return held
