"""Reading joint sessions, and the facts by which the policy judges them; writes nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import JointFacts
from kcc.db import hidden, walled
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.people.model import Person, SigninSession
from kcc.recordings import queries as recordings
from kcc.recordings.model import Recording
from kcc.threat import queries as threat
from kcc.threat.joint_listening.model import JointPresence, JointSession, JointTransport
from kcc.threat.joint_listening.rules import Moment, Sign, Standing, Why, here


def by_id(session: Session, joint_id: str) -> JointSession:
    """The joint session, or NotFound."""
    found = session.get(JointSession, joint_id)
    if found is None:
        raise NotFound
    return found


def facts(session: Session, joint_id: str, now: datetime) -> JointFacts:
    """The facts of a joint session, or NotFound."""
    found = session.get(JointSession, joint_id)
    if found is None and hidden(session, "joint", joint_id):
        return _of_nobody(now)
    return facts_of(session, by_id(session, joint_id), now)


def facts_of(session: Session, joint: JointSession, now: datetime) -> JointFacts:
    """The facts of a joint session at hand."""
    leads = people.leads_of(session, joint.employee_id, clock.local_day(now))
    present = here(signs(session, joint.id), now)
    return JointFacts(
        recording=recordings.facts(session, joint.recording_id, now),
        incident_open=open_incident(session, joint.recording_id) == joint.incident_id,
        in_its_hour=now < joint.ends_at,
        going_on=joint.closed_at is None and now < joint.ends_at,
        lead_ids=leads,
        lead_id=joint.lead_id,
        here_ids=frozenset(sign.person_id for sign in present),
        seats=frozenset(sign.session_id for sign in present),
    )


def _of_nobody(now: datetime) -> JointFacts:
    return JointFacts(
        recordings.out_of_sight(now),
        incident_open=False,
        in_its_hour=False,
        going_on=False,
        lead_ids=frozenset(),
        lead_id=None,
    )


def call_facts(session: Session, recording_id: str, now: datetime) -> JointFacts:
    """The facts of a call before there is a session about it, or NotFound."""
    recording = recordings.facts(session, recording_id, now)
    return JointFacts(
        recording,
        incident_open=open_incident(session, recording_id) is not None,
        in_its_hour=False,
        going_on=False,
        lead_ids=people.leads_of(session, recording.owner_id or "", clock.local_day(now)),
        lead_id=None,
    )


def open_incident(session: Session, recording_id: str) -> str | None:
    """The incident that a call belongs to, if it was neither withdrawn nor settled."""
    found = threat.open_incident_for(session, recording_id)
    return found.id if found is not None else None


def signs(session: Session, joint_id: str) -> list[Sign]:
    """The last sign of each of both, and whether they are still signed in."""
    rows = list(session.scalars(select(JointPresence).where(JointPresence.joint_id == joint_id)))
    open_ones = _signed_in(session, joint_id)
    return [
        Sign(
            row.person_id,
            row.session_id,
            row.joined_at,
            row.seen_at,
            row.left_at,
            row.beside,
            row.session_id in open_ones,
        )
        for row in rows
    ]


def _signed_in(session: Session, joint_id: str) -> frozenset[str]:
    """Which of both browsers are still signed in; of another's session the second wall tells only this."""
    if walled(session):
        asked = text("SELECT unnest(kcc_wall.seats(:joint))")
        return frozenset(session.scalars(asked, {"joint": joint_id}))
    query = (
        select(SigninSession.id)
        .join(JointPresence, JointPresence.session_id == SigninSession.id)
        .where(JointPresence.joint_id == joint_id, SigninSession.ended_at.is_(None))
    )
    return frozenset(session.scalars(query))


def standing(session: Session, joint: JointSession, facts: JointFacts, now: datetime) -> Standing:
    """What decides whether a session is over."""
    day = clock.local_day(now)
    leads = people.leads_of(session, joint.employee_id, day)
    return Standing(
        ended=Why(joint.ended_why) if joint.closed_at and joint.ended_why else None,
        ends_at=joint.ends_at,
        incident_open=facts.incident_open,
        employed=bool(people.holdings(session, joint.employee_id, day)),
        lead_leads=joint.lead_id is None or joint.lead_id in leads,
    )


def moment(session: Session, joint: JointSession) -> Moment:
    """Where the sound of both stands; at the start before anybody moved it."""
    row = session.get(JointTransport, joint.id, populate_existing=True)
    if row is None:
        return Moment(0, playing=False, place_ms=0, moved_at=joint.opened_at)
    return Moment(row.revision, row.playing, row.place_ms, row.moved_at, row.moved_by_id)


def locked(session: Session, joint_id: str) -> JointSession | None:
    """A session that nobody changes meanwhile, as it now is; None where there is none for this reader."""
    query = select(JointSession).where(JointSession.id == joint_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def open_ones(session: Session, recording_id: str) -> list[JointSession]:
    """The sessions about a call that nobody ended, also where the hour is over."""
    query = select(JointSession).where(
        JointSession.recording_id == recording_id, JointSession.closed_at.is_(None)
    )
    return list(session.scalars(query))


def going_on(session: Session, recording_id: str, now: datetime) -> JointSession | None:
    """The session about a call that nobody ended and whose hour is not over."""
    query = select(JointSession).where(
        JointSession.recording_id == recording_id,
        JointSession.closed_at.is_(None),
        JointSession.ends_at > now,
    )
    return session.scalar(query)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A session that an employee opened and that a team lead may join, or has joined."""

    id: str
    name: str
    opened_at: datetime
    joined: bool


def waiting_for(session: Session, lead_id: str, team_ids: frozenset[str], now: datetime) -> list[Waiting]:
    """The sessions that a team lead may join now, the one opened first on top; no call is named."""
    day = clock.local_day(now)
    members = {one for team in team_ids for one in people.team_members(session, team, day)} - {lead_id}
    query = (
        select(JointSession, Person.name)
        .join(Person, Person.id == JointSession.employee_id)
        .join(Recording, Recording.id == JointSession.recording_id)
        .where(
            JointSession.employee_id.in_(members),
            JointSession.closed_at.is_(None),
            JointSession.ends_at > now,
            (JointSession.lead_id.is_(None)) | (JointSession.lead_id == lead_id),
            Recording.due_at > now,
        )
        .order_by(JointSession.opened_at, JointSession.id)
    )
    return [
        Waiting(joint.id, name, joint.opened_at, joint.lead_id is not None)
        for joint, name in session.execute(query)
        if open_incident(session, joint.recording_id) == joint.incident_id
    ]
