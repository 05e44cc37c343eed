"""Hearing a call that a case names: its listener, until the day that two decided, and nothing else
(WGT-2).
"""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.investigation import queries
from kcc.investigation.model import CaseCall
from kcc.recordings import playback
from kcc.recordings.model import PlaybackLease


def open_call(session: Session, actor: Actor, call_id: str, minutes: int) -> PlaybackLease:
    """Open a call of a case for its listener, for weighty reasons (PUR-1, WGT-2).

    A signature revoked, a suspension or the last day silences it within two seconds
    (kcc.recordings.playback).
    """
    subject = Subject("case_call", call_id)
    facts = queries.call_facts(session, call_id, clock.now())
    permit = policy.permit(actor, Action.CASE_PLAY, subject, facts, Purpose.WEIGHTY_REASONS)
    call = session.get_one(CaseCall, call_id)
    return playback.open_lease(session, permit, subject, call.recording_id, minutes)
