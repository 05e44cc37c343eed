"""How people came into their sessions, and how often by the emergency account; reads only."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc.access.actor import Actor
from kcc.people.model import SigninSession

BREAK_GLASS = "break_glass"
WAYS = (BREAK_GLASS, "sso", "passkey")
"""How somebody may have come in, other than with a password."""


def way_among(factors: Collection[str]) -> str:
    """The first way that is among somebody's proofs, or "password"."""
    return next((way for way in WAYS if way in factors), "password")


def way_of(session: Session, actor: Actor) -> str | None:
    """How the actor came into the session they are using."""
    return session.scalar(select(SigninSession.way).where(SigninSession.id == actor.session_id))


def break_glass_uses(session: Session, since: datetime) -> tuple[int, datetime | None, datetime | None]:
    """How often the emergency account's sessions were begun after a moment, the first and the last time."""
    begun = SigninSession.created_at
    query = select(func.count(SigninSession.id), func.min(begun), func.max(begun))
    count, first, last = session.execute(query.where(SigninSession.way == BREAK_GLASS, begun > since)).one()
    return count, first, last
