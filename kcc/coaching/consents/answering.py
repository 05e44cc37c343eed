"""The employee's own word on the use of a call of theirs: yes, no, no longer, or offered unasked (CAL-1)."""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import Consent
from kcc.access.policy import Permit, Subject
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.coaching.calibration import queries as calibrations
from kcc.coaching.consents import queries
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.training import queries as trainings
from kcc.coaching.training.model import Training
from kcc.db import inserting, new_id
from kcc.errors import N_, Invalid, NotFound
from kcc.notices import outbox
from kcc.people import queries as people
from kcc.recordings import queries as recordings

PURPOSES = (Purpose.CALIBRATION, Purpose.TRAINING)
"""What consent can be given for (CAL-1)."""


def give(
    session: Session, actor: Actor, recording_id: str, purpose: str, training_id: str | None = None
) -> CallConsent:
    """Say yes to what was asked, also after a no; or offer the call where nobody asked.

    A call is offered for a training of one's own coach (`training_id`), or for calibration. Saying yes twice
    changes nothing. Invalid where there is nothing to say yes to.
    """
    permit = _permit(session, actor, Action.CONSENT_GIVE, recording_id)
    consent = _of(session, recording_id, purpose)
    if consent is None:
        return _offer(session, permit, recording_id, purpose, training_id)
    if consent.training_id is not None:
        _require_open(session, consent.training_id)
    if consent.state == Consent.GIVEN.value:
        return consent
    record.act(session, permit, act="gave", purpose=purpose)
    consent.state, consent.answered_at = Consent.GIVEN.value, clock.now()
    session.flush()
    _tell(session, consent)
    return consent


def withdraw(session: Session, actor: Actor, recording_id: str, purpose: str) -> CallConsent:
    """Say no to what was asked, or take a yes back: from here on nobody hears the call for it (CAL-1).

    The sessions and sheets that hang on it end with ending.sweep. NotFound where nothing was asked or said.
    """
    permit = _permit(session, actor, Action.CONSENT_WITHDRAW, recording_id)
    consent = _of(session, recording_id, purpose)
    if consent is None:
        raise NotFound
    if consent.state in (Consent.REFUSED.value, Consent.WITHDRAWN.value):
        return consent
    new = Consent.REFUSED if consent.state == Consent.ASKED.value else Consent.WITHDRAWN
    record.act(session, permit, act=new.value, purpose=purpose)
    consent.state, consent.answered_at = new.value, clock.now()
    session.flush()
    if consent.asked_by_id:
        _tell_answered(session, consent)
    return consent


def _offer(
    session: Session, permit: Permit, recording_id: str, purpose: str, training_id: str | None
) -> CallConsent:
    me, now = permit.actor.person_id, clock.now()
    coaches = sorted(people.coaches_of(session, me, clock.local_day(now)) - {me})
    if not coaches:
        raise Invalid("purpose", N_("You have no coach at the moment to whom you could offer a call."))
    if purpose == Purpose.TRAINING.value:
        led = {training.id for training in trainings.led_by(session, coaches, clock.local_day(now))}
        if training_id not in led:
            raise Invalid("training_id", N_("Choose a training of your coach."))
    record.act(session, permit, act="offered", purpose=purpose)
    fresh = inserting(
        session,
        CallConsent,
        id=new_id(),
        recording_id=recording_id,
        employee_id=me,
        purpose=purpose,
        training_id=training_id if purpose == Purpose.TRAINING.value else None,
        state=Consent.GIVEN.value,
        answered_at=now,
    )
    done = session.execute(fresh.on_conflict_do_nothing())
    consent = queries.of_recording(session, recording_id)[purpose]
    if not done.rowcount:  # type: ignore[attr-defined]
        return consent  # two windows at once: the other one has told
    name = people.names(session, [me])[me]
    for coach_id in coaches:
        outbox.tell(session, coach_id, "consent.offered", about_id=me, employee=name)
    return consent


def _require_open(session: Session, training_id: str) -> None:
    training = session.get(Training, training_id)
    if training is None or training.closed_at is not None or training.ends < clock.today():
        raise Invalid("purpose", N_("This training is over."))


def _tell(session: Session, consent: CallConsent) -> None:
    """Whoever asked, and those who can now score."""
    if consent.asked_by_id:
        _tell_answered(session, consent)
    held = calibrations.of_consent(session, consent.id, clock.today())
    if held is None:
        return
    coach = people.names(session, [held.facilitator_id]).get(held.facilitator_id, "")
    for scorer in calibrations.scorers_of(session, held.id):
        outbox.tell(session, scorer.coach_id, "calibration.invited", coach=coach, day=held.ends)


def _tell_answered(session: Session, consent: CallConsent) -> None:
    name = people.names(session, [consent.employee_id]).get(consent.employee_id, "")
    about = consent.employee_id
    outbox.tell(session, str(consent.asked_by_id), "consent.answered", about_id=about, employee=name)


def _permit(session: Session, actor: Actor, action: Action, recording_id: str) -> Permit:
    facts = recordings.facts(session, recording_id, clock.now())
    return policy.permit(actor, action, Subject("recording", recording_id), facts)


def _of(session: Session, recording_id: str, purpose: str) -> CallConsent | None:
    if purpose not in PURPOSES:
        raise Invalid("purpose", N_("Choose what the call may be used for."))
    found = queries.of_recording(session, recording_id).get(purpose)
    if found is not None:  # no other word comes between: two windows of one employee
        session.refresh(found, with_for_update=True)
    return found
