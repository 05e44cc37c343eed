"""Reading audit lines; writes nothing."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.audit.model import AuditLine


@dataclass(frozen=True, slots=True)
class Seen:
    """Who did something with one thing, when, as what and for which purpose."""

    at: datetime
    name: str
    function: str | None
    action: str
    purpose: str | None


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
        seen.append(Seen(at, line["name"], line["function"], action, purpose))
    return seen
