"""Hearing a drawn call: what its playback asks the policy, at the opening and again while it plays."""

from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import SampleFacts
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.coaching import queries
from kcc.coaching.model import SampledCall
from kcc.recordings import playback
from kcc.recordings.model import PlaybackLease


def facts(session: Session, sample_id: str, now: datetime) -> SampleFacts:
    """The facts that decide whether a drawn call may be heard at this moment, or NotFound (ACC-2, SAM-6)."""
    return queries.sample_facts(session, sample_id, now)


def open_drawn(session: Session, actor: Actor, sample_id: str, minutes: int) -> PlaybackLease:
    """Open a drawn call for its coach to listen to, for monitoring (ACC-2, PUR-1)."""
    subject = Subject("sample", sample_id)
    found = facts(session, sample_id, clock.now())
    permit = policy.permit(actor, Action.SAMPLE_PLAY, subject, found, Purpose.MONITORING)
    sample = session.get_one(SampledCall, sample_id)
    return playback.open_lease(session, permit, subject, sample.recording_id, minutes)
