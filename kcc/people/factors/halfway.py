"""Sign-ins that wait for a second factor: begun after a first proof, good for nothing else, soon over."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.people import queries
from kcc.people.factors.model import HalfSession
from kcc.people.sessions import TOKEN_BYTES, digest

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Half:
    """Who gave a first proof, and which."""

    id: str
    actor: Actor
    factors: frozenset[str]


def begin(session: Session, person_id: str, factors: Collection[str]) -> str:
    """Remember a first proof; gives the secret under which it is found, which is kept nowhere."""
    session.execute(delete(HalfSession).where(HalfSession.created_at <= clock.now() - LASTS))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    given = " ".join(sorted(factors))
    session.add(
        HalfSession(token_digest=digest(token), person_id=person_id, factors=given, created_at=clock.now())
    )
    session.flush()
    return token


def look_up(session: Session, token: str) -> Half | None:
    """Whom a secret stands for; None when it is over, or they have no function today."""
    query = select(HalfSession).where(
        HalfSession.token_digest == digest(token), HalfSession.created_at > clock.now() - LASTS
    )
    found = session.scalar(query)
    if found is None:
        return None
    actor = queries.actor_of(session, found.person_id, clock.today())
    return Half(found.id, actor, frozenset(found.factors.split())) if actor.posts else None


def end(session: Session, token: str) -> None:
    """It led to a session, or was given up."""
    session.execute(delete(HalfSession).where(HalfSession.token_digest == digest(token)))
