"""Reading notices: one's own, how many are new, and whom a mail should say that there are some."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from kcc.notices.model import Notice
from kcc.notices.rules import Param, load

PAGE = 50
Key = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as its page shows it; `new` when it had not been shown before."""

    word: str
    params: dict[str, Param]
    told_at: datetime
    new: bool


def of_person(session: Session, person_id: str, before: Key | None = None) -> tuple[list[Told], Key | None]:
    """A page of what somebody was told, newest first, and the next page's key."""
    query = select(Notice).where(Notice.person_id == person_id)
    if before:
        query = query.where(tuple_(Notice.told_at, Notice.id) < before)
    ordered = query.order_by(Notice.told_at.desc(), Notice.id.desc()).limit(PAGE + 1)
    rows = list(session.scalars(ordered))
    older = (rows[PAGE - 1].told_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    told = [Told(row.word, load(row.params), row.told_at, row.read_at is None) for row in rows[:PAGE]]
    return told, older


def unread(session: Session, person_id: str) -> int:
    """How much somebody was told that they have not seen yet."""
    query = select(func.count()).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    return session.scalar(query) or 0


def unmailed(session: Session) -> dict[str, list[str]]:
    """The notices that nobody has seen and no mail has spoken of, by person."""
    query = select(Notice.person_id, Notice.id).where(Notice.read_at.is_(None), Notice.mailed_at.is_(None))
    found: dict[str, list[str]] = defaultdict(list)
    for person_id, notice_id in session.execute(query.order_by(Notice.told_at)):
        found[person_id].append(notice_id)
    return found
