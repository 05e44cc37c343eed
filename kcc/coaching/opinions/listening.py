"""Opening a call for the coach who gives a second opinion on it; while it plays, queries gives the facts."""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.coaching.opinions import queries
from kcc.coaching.opinions.model import SecondOpinion
from kcc.recordings import playback
from kcc.recordings.model import PlaybackLease


def open_call(session: Session, actor: Actor, opinion_id: str, minutes: int) -> PlaybackLease:
    """Open the call of a second opinion for the coach who took it (PUR-1, REP-8)."""
    subject = Subject("opinion", opinion_id)
    facts = queries.facts(session, opinion_id, clock.now())
    permit = policy.permit(actor, Action.OPINION_PLAY, subject, facts, Purpose.SECOND_OPINION)
    found = session.get_one(SecondOpinion, opinion_id)
    return playback.open_lease(session, permit, subject, found.recording_id, minutes)
