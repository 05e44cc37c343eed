"""Signs of being there: a browser gives one each second, one is kept every five, and after a minute without
somebody is gone; what was decided by whoever calls is that they are one of both.
"""

from sqlalchemy import update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.db import put
from kcc.threat.joint_listening.model import JointPresence
from kcc.threat.joint_listening.rules import GONE_AFTER, SIGN_EVERY


def sit_down(session: Session, joint_id: str, person_id: str, seat: str, *, beside: bool = False) -> None:
    """Somebody is there, in the browser of this session; where they sat before they no longer do."""
    now = clock.now()
    key = {"joint_id": joint_id, "person_id": person_id}
    put(
        session,
        JointPresence,
        key,
        session_id=seat,
        joined_at=now,
        seen_at=now,
        left_at=None,
        beside=beside,
        listening=beside,
    )


def worth_keeping(session: Session, actor: Actor, joint_id: str, *, listening: bool) -> bool:
    """Whether a sign of this browser tells something new, or the one that is kept is too old."""
    seat = session.get(JointPresence, (joint_id, actor.person_id))
    if seat is None or seat.beside or seat.session_id != actor.session_id:
        return False
    news = seat.left_at is not None or seat.listening != listening
    return news or clock.now() - seat.seen_at >= SIGN_EVERY


def keep(session: Session, actor: Actor, joint_id: str, *, listening: bool) -> None:
    """Keep a sign of this browser, also for whoever sits beside and is not gone; a browser that lost its seat
    has none.
    """
    mine = update(JointPresence).where(
        JointPresence.joint_id == joint_id,
        JointPresence.session_id == actor.session_id,
    )
    now = clock.now()
    there = mine.where(JointPresence.beside, JointPresence.seen_at > now - GONE_AFTER)
    session.execute(there.values(seen_at=now))
    own = mine.where(JointPresence.person_id == actor.person_id, JointPresence.beside.is_(False))
    session.execute(own.values(seen_at=now, left_at=None, listening=listening))


def leave(session: Session, actor: Actor, joint_id: str) -> None:
    """The actor left this browser: its page was closed, or another one opens. Whoever sits beside them is
    still there when the actor comes back within a minute.
    """
    here = update(JointPresence).where(
        JointPresence.joint_id == joint_id,
        JointPresence.person_id == actor.person_id,
        JointPresence.session_id == actor.session_id,
        JointPresence.beside.is_(False),
        JointPresence.left_at.is_(None),
    )
    session.execute(here.values(left_at=clock.now(), listening=False))


def stand_up(session: Session, actor: Actor, joint_id: str) -> None:
    """Whoever sat beside the actor at this browser has gone; the actor stays."""
    beside = update(JointPresence).where(
        JointPresence.joint_id == joint_id,
        JointPresence.session_id == actor.session_id,
        JointPresence.beside,
    )
    session.execute(beside.values(left_at=clock.now()))
