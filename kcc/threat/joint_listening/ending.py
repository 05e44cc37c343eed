"""Joint sessions that are over without anybody's hand, and the one line that tells of each: both names, and
how much was played (ACC-5). Works as kcc itself.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.people import queries as people
from kcc.recordings import extent
from kcc.stores import Stores
from kcc.threat.joint_listening import queries, sessions
from kcc.threat.joint_listening.model import JointSession
from kcc.threat.joint_listening.rules import KEPT_AFTER, Why

BATCH = 200


def close_if_over(stores: Stores, joint_id: str) -> Why | None:
    """Close a session that may not go on, and say why it is over; None while it goes on or is none."""
    with stores.database.write() as session:
        joint = queries.locked(session, joint_id)
        return _closed(session, joint, clock.now()) if joint else None


def sweep(stores: Stores) -> int:
    """Close what is over, and write the line of each session that ended some minutes ago; how many lines."""
    now = clock.now()
    with stores.database.write() as session:
        going = select(JointSession).where(JointSession.closed_at.is_(None)).limit(BATCH)
        for joint in session.scalars(going.with_for_update()).all():
            _closed(session, joint, now)
        ended = select(JointSession).where(
            JointSession.summed_at.is_(None), JointSession.closed_at <= now - KEPT_AFTER
        )
        rows = session.scalars(ended.limit(BATCH).with_for_update()).all()
        for joint in rows:
            _sum_up(session, joint, now)
        return len(rows)


def _closed(session: Session, joint: JointSession, now: datetime) -> Why | None:
    facts = queries.facts_of(session, joint, now)
    why = queries.standing(session, joint, facts, now).over(now)
    if why is not None and joint.closed_at is None:
        sessions.close(session, joint, why, min(now, joint.ends_at))
    return why


def _sum_up(session: Session, joint: JointSession, now: datetime) -> None:
    subject = Subject("joint", joint.id)
    facts = queries.facts_of(session, joint, now)
    permit = policy.permit(system("joint"), Action.JOINT_END, subject, facts)
    played = extent.together(session, str(subject))
    names = people.names(session, [one for one in (joint.employee_id, joint.lead_id) if one])
    record.act(
        session,
        permit,
        recording=joint.recording_id,
        employee=names.get(joint.employee_id, ""),
        lead=names.get(joint.lead_id or "", ""),
        why=joint.ended_why,
        heard_ms=played.ms if played else 0,
        of_ms=played.of_ms if played else 0,
    )
    joint.summed_at = now
    session.flush()
