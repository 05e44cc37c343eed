"""Hearing a call in a training, for its trainer and those in it."""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.training import queries
from kcc.recordings import playback
from kcc.recordings.model import PlaybackLease


def open_call(session: Session, actor: Actor, consent_id: str, minutes: int) -> PlaybackLease:
    """Open a call of a training for listening, for training (CAL-1, CAL-2, PUR-1)."""
    subject = Subject("training_call", consent_id)
    facts = queries.call_facts(session, consent_id, clock.now())
    permit = policy.permit(actor, Action.TRAINING_PLAY, subject, facts, Purpose.TRAINING)
    consent = session.get_one(CallConsent, consent_id)
    return playback.open_lease(session, permit, subject, consent.recording_id, minutes)
