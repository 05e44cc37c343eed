"""Server-side sessions: begun at sign-in, found by a secret, ended by time or by hand; cookies live in
kcc.web.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post
from kcc.audit import record
from kcc.errors import NotFound
from kcc.people.browsers import Browser
from kcc.people.factors.model import HalfSession
from kcc.people.model import FunctionPeriod, Person, SigninSession
from kcc.people.queries import actor_of, holds_on
from kcc.people.ways import way_among
from kcc.sections import Signin

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)
"""How often a session's last use is written down; people are therefore signed out at most this much early."""
AT_MOST = 2
"""So many sessions a person has at a time; another sign-in ends the oldest."""


class Why(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    DISPLACED = "displaced"
    FUNCTIONS = "functions"


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
    browser: str | None
    system: str | None


def digest(token: str) -> bytes:
    """What the database keeps of a cookie's secret."""
    return hashlib.sha256(token.encode()).digest()


def begin(
    session: Session,
    person_id: str,
    factors: Collection[str] = (),
    *,
    browser: Browser | None = None,
    limits: Signin | None = None,
) -> str:
    """Start a session for somebody who proved who they are; gives its secret, which is kept nowhere.

    `factors` are the words of what they proved it with. They have two sessions at most: the oldest others
    end (SEC-1).
    """
    # Two at once would each find room: the second waits here for the first.
    session.execute(
        select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    ).one_or_none()
    actor = actor_of(session, person_id, clock.today())
    permit = policy.permit(actor, Action.SIGN_IN, policy.Subject("person", person_id))
    record.act(session, permit, **({"factors": sorted(factors)} if factors else {}))
    token, now, browser = secrets.token_urlsafe(TOKEN_BYTES), clock.now(), browser or Browser()
    _make_room(session, person_id, limits or Signin(), now)
    session.add(
        SigninSession(
            token_digest=digest(token),
            person_id=person_id,
            created_at=now,
            seen_at=now,
            way=way_among(factors),
            browser=browser.name,
            system=browser.system,
            posts_digest=posts_digest(actor.posts),
            proved_at=now,
        )
    )
    session.flush()
    return token


def displaced(session: Session, token: str) -> int:
    """How many of its person's sessions ended to make room for this one."""
    mine = select(SigninSession).where(SigninSession.token_digest == digest(token)).subquery()
    query = select(SigninSession.id).where(
        SigninSession.person_id == mine.c.person_id,
        SigninSession.ended_why == Why.DISPLACED,
        SigninSession.ended_at == mine.c.created_at,
    )
    return len(session.scalars(query).all())


def posts_digest(posts: Collection[Post]) -> bytes:
    """What a session keeps of the functions, teams and departments with which it was begun."""
    lines = sorted(f"{post.function}\0{post.team_id or ''}\0{post.department_id or ''}" for post in posts)
    return hashlib.sha256("\n".join(lines).encode()).digest()


def look_up(session: Session, token: str, limits: Signin) -> SignedIn | None:
    """Whom the secret stands for now, with today's posts; None when the session is over.

    It is over, too, on a day when its person holds other functions than it was begun with (ACC-1, ACC-6):
    what somebody opened as a coach does not go on when they are none. One query, because every page asks it:
    the session, its person and the functions held today.
    """
    return _signed_in(session, SigninSession.token_digest == digest(token), limits)


def id_of(session: Session, secret_digest: bytes) -> str | None:
    """The session that a secret opens, also one that is over; None for no session of ours."""
    return session.scalar(select(SigninSession.id).where(SigninSession.token_digest == secret_digest))


def actor_in(session: Session, session_id: str, limits: Signin) -> Actor | None:
    """Who acts in a session now, by its id; None when the session is over."""
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


def end_one(session: Session, actor: Actor, session_id: str) -> None:
    """End one of the actor's own sessions; harmless when it is over. NotFound for anybody else's."""
    own = and_(SigninSession.id == session_id, SigninSession.person_id == actor.person_id)
    if session.scalar(select(SigninSession.id).where(own)) is None:
        raise NotFound
    _end(session, actor, own, act="sign out one")


def end_of_person(session: Session, person_id: str) -> None:
    """End every session of somebody, also one half begun, as part of an act that has its own audit line."""
    end_of_people(session, [person_id])


def end_of_people(session: Session, person_ids: Collection[str]) -> None:
    """End every session of these people, at most AT_ONCE of them; else as of one."""
    session.execute(delete(HalfSession).where(HalfSession.person_id.in_(person_ids)))
    close(session, SigninSession.person_id.in_(person_ids))


def open_sessions(session: Session, person_id: str, limits: Signin) -> list[OpenSession]:
    """The sessions of a person that still work, latest used first."""
    query = (
        select(
            SigninSession.id,
            SigninSession.created_at,
            SigninSession.seen_at,
            SigninSession.browser,
            SigninSession.system,
        )
        .where(SigninSession.person_id == person_id, *open_ones(limits))
        .order_by(SigninSession.seen_at.desc(), SigninSession.id)
    )
    return [OpenSession(*row) for row in session.execute(query)]


def open_ones(limits: Signin) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a session has neither ended nor run out."""
    now = clock.now()
    return (
        SigninSession.ended_at.is_(None),
        SigninSession.seen_at > now - timedelta(minutes=limits.idle_minutes),
        SigninSession.created_at > now - timedelta(hours=limits.absolute_hours),
    )


def _make_room(session: Session, person_id: str, limits: Signin, now: datetime) -> None:
    query = (
        select(SigninSession.id)
        .where(SigninSession.person_id == person_id, *open_ones(limits))
        .order_by(SigninSession.created_at.desc(), SigninSession.seen_at.desc(), SigninSession.id)
        .offset(AT_MOST - 1)
    )
    if oldest := session.scalars(query).all():
        close(session, SigninSession.id.in_(oldest), Why.DISPLACED, now)


def _signed_in(session: Session, which: ColumnElement[bool], limits: Signin) -> SignedIn | None:
    query = (
        select(
            SigninSession.id,
            SigninSession.seen_at,
            SigninSession.posts_digest,
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
        .where(which, *open_ones(limits))
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    session_id, seen_at, begun_with, person_id, name, language = rows[0][:6]
    posts = frozenset(Post(Function(function), team, department) for *_, function, team, department in rows)
    if begun_with != posts_digest(posts):
        return None
    return SignedIn(Actor(person_id, name, posts, session_id), language, seen_at)


def _end(session: Session, actor: Actor, which: ColumnElement[bool], *, act: str) -> None:
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", actor.person_id))
    record.act(session, permit, act=act)
    close(session, which)


def close(
    session: Session, which: ColumnElement[bool], why: Why = Why.SIGNED_OUT, at: datetime | None = None
) -> None:
    """End sessions as part of an act that has its own audit line."""
    session.execute(
        update(SigninSession)
        .where(which, SigninSession.ended_at.is_(None))
        .values(ended_at=at or clock.now(), ended_why=why)
    )
