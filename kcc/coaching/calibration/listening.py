"""Hearing the call of a calibration session, for whoever leads it or scores in it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.coaching.calibration import queries
from kcc.coaching.calibration.model import Calibration
from kcc.coaching.consents.model import CallConsent
from kcc.recordings import playback
from kcc.recordings.model import PlaybackLease


def open_session(session: Session, actor: Actor, calibration_id: str, minutes: int) -> PlaybackLease:
    """Open a session's call for listening, for calibration (CAL-1, CAL-3, PUR-1)."""
    subject = Subject("calibration", calibration_id)
    facts = queries.facts(session, calibration_id, clock.now())
    permit = policy.permit(actor, Action.CALIBRATION_PLAY, subject, facts, Purpose.CALIBRATION)
    recording_id = session.scalar(
        select(CallConsent.recording_id)
        .join(Calibration, Calibration.consent_id == CallConsent.id)
        .where(Calibration.id == calibration_id)
    )
    return playback.open_lease(session, permit, subject, str(recording_id), minutes)
