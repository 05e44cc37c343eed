"""Reading notices: one's own, and how many are new; whom a mail tells that there are some is letters'."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from kcc.errors import NotFound
from kcc.notices.model import Notice
from kcc.notices.rules import Param, load

PAGE = 50
Key = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as its page shows it; `new` when not shown before, `dated` with a calendar entry."""

    id: str
    word: str
    params: dict[str, Param]
    told_at: datetime
    new: bool
    dated: bool


def of_person(session: Session, person_id: str, before: Key | None = None) -> tuple[list[Told], Key | None]:
    """A page of what somebody was told, newest first, and the next page's key."""
    query = select(Notice).where(Notice.person_id == person_id)
    if before:
        query = query.where(tuple_(Notice.told_at, Notice.id) < before)
    ordered = query.order_by(Notice.told_at.desc(), Notice.id.desc()).limit(PAGE + 1)
    rows = list(session.scalars(ordered))
    older = (rows[PAGE - 1].told_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return [_told(row) for row in rows[:PAGE]], older


def entry(session: Session, person_id: str, notice_id: str) -> bytes:
    """What a notice has for its own reader's calendar; NotFound for anybody else, and without one."""
    query = select(Notice.entry).where(Notice.id == notice_id, Notice.person_id == person_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found.encode()


def unread(session: Session, person_id: str) -> int:
    """How much somebody was told that they have not seen yet."""
    query = select(func.count()).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    return session.scalar(query) or 0


def _told(row: Notice) -> Told:
    dated = row.entry is not None
    return Told(row.id, row.word, load(row.params), row.told_at, row.read_at is None, dated)
