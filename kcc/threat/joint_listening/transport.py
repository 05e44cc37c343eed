"""One transport for two screens: who moved last is right, and the other is told; marks are both's."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.db import new_id, put
from kcc.errors import N_, Refused
from kcc.recordings import queries as recordings
from kcc.threat.joint_listening import queries
from kcc.threat.joint_listening.model import JointMark, JointPresence, JointSession, JointTransport
from kcc.threat.joint_listening.rules import MARKS, Moment
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a move: where both are now; `overtook` says that the other had moved meanwhile."""

    moment: Moment
    overtook: bool


def steer(session: Session, actor: Actor, joint_id: str, seen: int, *, playing: bool, place_ms: int) -> Moved:
    """Play, pause or go to a place for both; `seen` is the revision that the mover had before them.

    Who moved last is right, whatever they had seen. Playing is refused while not both listen.
    """
    joint = queries.locked(session, joint_id)
    now = clock.now()
    facts = queries.facts(session, joint_id, now)
    policy.permit(actor, Action.JOINT_STEER, Subject("joint", joint_id), facts)
    found = joint or queries.by_id(session, joint_id)
    if playing and not both_listen(session, found, facts.here_ids):
        raise Refused(
            N_("Sound plays only while both of you are here and have pressed Listen."), rule="THR-2"
        )
    was, of_ms = queries.moment(session, found), _duration(session, found)
    moment = was.moved(now, actor.person_id, playing=playing, place_ms=place_ms, of_ms=of_ms)
    _keep(session, joint_id, moment)
    return Moved(moment, overtook=seen < was.revision)


def hold_still(session: Session, joint: JointSession) -> None:
    """Somebody is not here any more: both stand still where they were. Nothing if they do."""
    queries.locked(session, joint.id)
    was = queries.moment(session, joint)
    if was.playing:
        _keep(session, joint.id, was.held(clock.now(), _duration(session, joint)))


def both_listen(session: Session, joint: JointSession, here_ids: frozenset[str]) -> bool:
    """Whether both are here and have their sound open."""
    two = {joint.employee_id, joint.lead_id}
    listening = select(JointPresence.person_id).where(
        JointPresence.joint_id == joint.id, JointPresence.listening
    )
    return two <= here_ids and two <= set(session.scalars(listening))


def _keep(session: Session, joint_id: str, moment: Moment) -> None:
    put(
        session,
        JointTransport,
        {"joint_id": joint_id},
        revision=moment.revision,
        playing=moment.playing,
        place_ms=moment.place_ms,
        moved_at=moment.moved_at,
        moved_by_id=moment.moved_by_id,
    )


def _duration(session: Session, joint: JointSession) -> int:
    return recordings.by_id(session, joint.recording_id).duration_ms


# --- marks ---


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that one of both marked."""

    id: str
    ms: int
    by_id: str


def mark(session: Session, keys: KeyStore, actor: Actor, joint_id: str, ms: int) -> Mark:
    """Mark a moment for both, sealed under the recording's key (RET-8); Refused beyond 200."""
    queries.locked(session, joint_id)
    facts = queries.facts(session, joint_id, clock.now())
    permit = policy.permit(actor, Action.JOINT_STEER, Subject("joint", joint_id), facts)
    joint = queries.by_id(session, joint_id)
    if len(marks(session, keys, joint)) >= MARKS:
        raise Refused(N_("There are %(count)d marks already."), rule="THR-2", count=MARKS)
    record.act(session, permit, recording=joint.recording_id)
    made = Mark(new_id(), max(0, min(ms, _duration(session, joint))), actor.person_id)
    sealed = seal_text(keys.get(joint.recording_id), _place(made.id), str(made.ms))
    session.add(JointMark(id=made.id, joint_id=joint_id, by_id=made.by_id, place=sealed, made_at=clock.now()))
    session.flush()
    return made


def marks(session: Session, keys: KeyStore, joint: JointSession) -> list[Mark]:
    """The moments that both marked, by their place in the call."""
    rows = list(session.scalars(select(JointMark).where(JointMark.joint_id == joint.id)))
    if not rows:
        return []
    key = keys.get(joint.recording_id)
    found = [Mark(row.id, int(open_text(key, _place(row.id), row.place)), row.by_id) for row in rows]
    return sorted(found, key=lambda one: (one.ms, one.id))


def _place(mark_id: str) -> str:
    return f"joint_mark.place:{mark_id}"
