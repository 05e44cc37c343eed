"""Server-side sessions: begun at sign-in, found by a secret, ended by time or by hand; cookies live in
kcc.web.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post
from kcc.audit import record
from kcc.people.factors.model import HalfSession
from kcc.people.model import FunctionPeriod, Person, SigninSession
from kcc.people.queries import actor_of, holds_on
from kcc.sections import Signin

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)
"""How often a session's last use is written down; people are therefore signed out at most this much early."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a cookie's secret stands for at this moment."""

    actor: Actor
    language: str
    seen_at: datetime

    @property
    def stale(self) -> bool:
        """Whether the last use is old enough to be written again."""
        return clock.now() - self.seen_at >= SEEN_EVERY


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that its owner may see on their account page."""

    id: str
    created_at: datetime
    seen_at: datetime


def digest(token: str) -> bytes:
    """What the database keeps of a cookie's secret."""
    return hashlib.sha256(token.encode()).digest()


def begin(session: Session, person_id: str, factors: Collection[str] = ()) -> str:
    """Start a session for somebody who proved who they are; gives its secret, which is kept nowhere.

    `factors` are the words of what they proved it with, for the audit.
    """
    actor = actor_of(session, person_id, clock.today())
    permit = policy.permit(actor, Action.SIGN_IN, policy.Subject("person", person_id))
    record.act(session, permit, **({"factors": sorted(factors)} if factors else {}))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = clock.now()
    session.add(
        SigninSession(
            token_digest=digest(token), person_id=person_id, created_at=now, seen_at=now, proved_at=now
        )
    )
    session.flush()
    return token


def look_up(session: Session, token: str, limits: Signin) -> SignedIn | None:
    """Whom the secret stands for now, with today's posts; None when the session or every function is over.

    One query, because every page asks it: the session, its person and the functions held today.
    """
    return _signed_in(session, SigninSession.token_digest == digest(token), limits)


def id_of(session: Session, secret_digest: bytes) -> str | None:
    """The session that a secret opens, also one that is over; None for no session of ours."""
    return session.scalar(select(SigninSession.id).where(SigninSession.token_digest == secret_digest))


def actor_in(session: Session, session_id: str, limits: Signin) -> Actor | None:
    """Who acts in a session now, by its id; None when the session or every function is over."""
    found = _signed_in(session, SigninSession.id == session_id, limits)
    return found.actor if found else None


def touch(session: Session, session_id: str) -> None:
    """Write down that the session was used now, unless that was written within the last minute."""
    now = clock.now()
    session.execute(
        update(SigninSession)
        .where(SigninSession.id == session_id, SigninSession.seen_at <= now - SEEN_EVERY)
        .values(seen_at=now)
    )


def end(session: Session, actor: Actor) -> None:
    """Sign out of the session the actor is using."""
    _end(session, actor, SigninSession.id == actor.session_id, act="sign out")


def end_all(session: Session, actor: Actor) -> None:
    """Sign out everywhere, also here."""
    _end(session, actor, SigninSession.person_id == actor.person_id, act="sign out everywhere")


def end_others(session: Session, actor: Actor) -> None:
    """Sign out everywhere but here."""
    others = and_(SigninSession.person_id == actor.person_id, SigninSession.id != actor.session_id)
    _end(session, actor, others, act="sign out elsewhere")


def end_of_person(session: Session, person_id: str) -> None:
    """End every session of somebody, also one half begun, as part of an act that has its own audit line."""
    session.execute(delete(HalfSession).where(HalfSession.person_id == person_id))
    _close(session, SigninSession.person_id == person_id)


def open_sessions(session: Session, person_id: str, limits: Signin) -> list[OpenSession]:
    """The sessions of a person that still work, latest used first."""
    query = (
        select(SigninSession.id, SigninSession.created_at, SigninSession.seen_at)
        .where(SigninSession.person_id == person_id, *_open(limits))
        .order_by(SigninSession.seen_at.desc(), SigninSession.id)
    )
    return [OpenSession(*row) for row in session.execute(query)]


def _signed_in(session: Session, which: ColumnElement[bool], limits: Signin) -> SignedIn | None:
    query = (
        select(
            SigninSession.id,
            SigninSession.seen_at,
            Person.id,
            Person.name,
            Person.language,
            FunctionPeriod.function,
            FunctionPeriod.team_id,
            FunctionPeriod.department_id,
        )
        .join(Person, Person.id == SigninSession.person_id)
        .join(
            FunctionPeriod,
            and_(FunctionPeriod.person_id == Person.id, holds_on(FunctionPeriod, clock.today())),
        )
        .where(which, *_open(limits))
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    session_id, seen_at, person_id, name, language = rows[0][:5]
    posts = frozenset(Post(Function(function), team, department) for *_, function, team, department in rows)
    return SignedIn(Actor(person_id, name, posts, session_id), language, seen_at)


def _open(limits: Signin) -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    return (
        SigninSession.ended_at.is_(None),
        SigninSession.seen_at > now - timedelta(minutes=limits.idle_minutes),
        SigninSession.created_at > now - timedelta(hours=limits.absolute_hours),
    )


def _end(session: Session, actor: Actor, which: ColumnElement[bool], *, act: str) -> None:
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", actor.person_id))
    record.act(session, permit, act=act)
    _close(session, which)


def _close(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(SigninSession).where(which, SigninSession.ended_at.is_(None)).values(ended_at=clock.now())
    )
