"""Keeping a recording beyond its ordinary term: placing a hold, which alone moves `due_at`; why one is
placed is the affair of packages above.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import RecordingState
from kcc.access.policy import Permit
from kcc.errors import N_, NotFound, Refused
from kcc.recordings.model import Hold, Recording

THREAT = "threat"


def locked(session: Session, recording_id: str) -> Recording:
    """The recording with its row locked against erasure and other holds, as it now is; or NotFound."""
    query = select(Recording).where(Recording.id == recording_id).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def place(session: Session, permit: Permit, recording_id: str, kind: str, rule: str, until: datetime) -> Hold:
    """Keep a living recording until an instant, under a rule of the protocol (RET-2, RET-3).

    A recording already at its deadline, or being erased, is refused: a hold never brings one back (RET-7).
    """
    recording = locked(session, recording_id)
    now = clock.now()
    if recording.state != RecordingState.LIVE.value or now >= recording.due_at:
        raise Refused(N_("This recording is at its erasure date and cannot be kept."), rule="RET-7")
    hold = Hold(
        recording_id=recording_id,
        kind=kind,
        rule=rule,
        placed_by=permit.actor.person_id,
        placed_at=now,
        until=until,
    )
    session.add(hold)
    if until > recording.due_at:
        recording.due_at, recording.due_rule = until, rule
    if kind == THREAT:
        recording.sample_barred = True
    session.flush()
    return hold
