"""Opening, joining and ending a joint session (THR-2); being there is presence's, the sound listening's."""

from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.db import new_id
from kcc.errors import N_, Refused
from kcc.notices import outbox
from kcc.recordings import holds
from kcc.threat.joint_listening import presence, queries
from kcc.threat.joint_listening.model import JointSession
from kcc.threat.joint_listening.rules import LONGEST, Why


def open_on(session: Session, actor: Actor, recording_id: str) -> JointSession:
    """Open a session about one of the actor's own calls that they reported, for an hour at most; their team
    lead is told. Twice gives the one that is going on.
    """
    now, subject = clock.now(), Subject("recording", recording_id)
    permit = policy.permit(actor, Action.JOINT_OPEN, subject, queries.call_facts(session, recording_id, now))
    holds.locked(session, recording_id)
    found = queries.going_on(session, recording_id, now)
    if found is not None:
        return found
    _close_old(session, recording_id, now)
    leads = queries.call_facts(session, recording_id, now).lead_ids
    if not leads:
        raise Refused(
            N_("Nobody leads your team today. Ask the administrator to register your team lead."),
            rule="THR-2",
        )
    joint = _opened(session, actor, recording_id, now)
    record.act(session, permit, joint=joint.id)
    for lead_id in sorted(leads):
        outbox.tell(session, lead_id, "threat.together", employee=actor.name)
    return joint


def _opened(session: Session, actor: Actor, recording_id: str, now: datetime) -> JointSession:
    joint = JointSession(
        id=new_id(),
        recording_id=recording_id,
        incident_id=queries.open_incident(session, recording_id) or "",
        employee_id=actor.person_id,
        opened_at=now,
        ends_at=now + LONGEST,
    )
    session.add(joint)
    session.flush()
    return joint


def _close_old(session: Session, recording_id: str, now: datetime) -> None:
    """A session whose hour is over makes room, also where the job has not come by yet."""
    for old in queries.open_ones(session, recording_id):
        close(session, old, Why.TIME, min(now, old.ends_at))


def join(session: Session, actor: Actor, joint_id: str, seat: str, *, beside: bool = False) -> JointSession:
    """The direct team lead joins, in the browser of the session `seat`; whoever calls has just seen their
    second factor. `beside`: that browser is the employee's, and kcc itself acts, for the team lead is signed
    in nowhere there.
    """
    joint = queries.locked(session, joint_id)
    facts = queries.facts(session, joint_id, clock.now())
    permit = policy.permit(actor, Action.JOINT_JOIN, Subject("joint", joint_id), facts)
    found = joint or queries.by_id(session, joint_id)
    record.act(session, permit, recording=found.recording_id, **({"act": "beside"} if beside else {}))
    found.lead_id = actor.person_id
    session.flush()
    presence.sit_down(session, joint_id, actor.person_id, seat, beside=beside)
    return found


def end(session: Session, actor: Actor, joint_id: str) -> None:
    """One of both ends the session: the sound stops for both. Ending twice changes nothing."""
    subject, now = Subject("joint", joint_id), clock.now()
    joint = queries.locked(session, joint_id)
    if joint is not None and joint.closed_at is not None:
        policy.permit(actor, Action.JOINT_READ, subject, queries.facts(session, joint_id, now))
        return
    permit = policy.permit(actor, Action.JOINT_STEER, subject, queries.facts(session, joint_id, now))
    found = queries.by_id(session, joint_id)
    record.act(session, permit, act="ended", recording=found.recording_id)
    close(session, found, Why.BY_HAND, now)


def close(session: Session, joint: JointSession, why: Why, at: datetime) -> None:
    """It is over; who asks the policy from now on hears nothing. The line is written by whoever ended it."""
    joint.closed_at, joint.ended_why = at, why.value
    session.flush()
