"""Reading audit lines; writes nothing."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from kcc.audit.model import AuditCheckpoint, AuditLeaf, AuditLine, AuditPlace, AuditSeal


@dataclass(frozen=True, slots=True)
class Seen:
    """Who did something with one thing, when, as what and for which purpose."""

    at: datetime
    name: str
    function: str | None
    action: str
    purpose: str | None
    subject: str
    detail: Mapping[str, Any]


def acts_on(
    session: Session, subjects: Collection[str], actions: Collection[str], limit: int = 200
) -> list[Seen]:
    """The permitted acts on these subjects, newest first, at most `limit`."""
    query = (
        select(AuditLine.at, AuditLine.body, AuditLine.action, AuditLine.purpose)
        .where(AuditLine.subject.in_(subjects), AuditLine.action.in_(actions), AuditLine.allowed)
        .where(AuditLine.body.is_not(None))
        .order_by(AuditLine.id.desc())
        .limit(limit)
    )
    seen = []
    for at, body, action, purpose in session.execute(query):
        line = json.loads(body or "{}")
        seen.append(
            Seen(at, line["name"], line["function"], action, purpose, line["subject"], line["detail"])
        )
    return seen


def details(session: Session, subjects: Collection[str], action: str) -> list[dict[str, Any]]:
    """The further facts of permitted acts of one kind on these subjects, in no order."""
    query = select(AuditLine.body).where(AuditLine.subject.in_(subjects), AuditLine.action == action)
    query = query.where(AuditLine.allowed, AuditLine.body.is_not(None))
    return [json.loads(body or "{}")["detail"] for body in session.scalars(query)]


def broken_since(session: Session) -> datetime | None:
    """Since when it is known that the log is not what was sealed and signed."""
    return session.scalars(select(AuditSeal.broken_since)).first()


def unproven(session: Session) -> tuple[int, datetime | None]:
    """How many lines no checkpoint proves, and the time of the oldest; none before the tree has begun.

    Half an hour of lines at most while all is well: it is counted, not looked up.
    """
    kept = session.get(AuditSeal, 1)
    if kept is None:
        return 0, None
    signed = session.scalars(select(func.max(AuditCheckpoint.size))).one() or 0
    place = tuple_(AuditLine.xid, AuditLine.id)
    waiting = select(func.count(), func.min(AuditLine.at)).select_from(AuditLine)
    sealed = waiting.join(AuditLeaf, AuditLeaf.line_id == AuditLine.id).where(AuditLeaf.position >= signed)
    unsealed = waiting.where(place > tuple_(kept.after_xid, kept.after_id))
    found = [session.execute(query).one() for query in (sealed, unsealed)]
    return sum(count for count, _ in found), min((at for _, at in found if at), default=None)


def failing_places(session: Session) -> list[datetime]:
    """Since when each place takes no checkpoints that takes none."""
    query = select(AuditPlace.failing_since).where(AuditPlace.failing_since.is_not(None))
    return [since for since in session.scalars(query) if since]


CHECKPOINTS = 50


def checkpoints(session: Session, before: int | None = None) -> list[AuditCheckpoint]:
    """The signed checkpoints, newest first, from before a number; one more than a page (CHECKPOINTS)."""
    query = select(AuditCheckpoint).order_by(AuditCheckpoint.number.desc()).limit(CHECKPOINTS + 1)
    return list(session.scalars(query.where(AuditCheckpoint.number < before) if before else query))


def checkpoint(session: Session, number: int) -> AuditCheckpoint | None:
    """One signed checkpoint."""
    return session.get(AuditCheckpoint, number)
