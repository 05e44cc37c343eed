"""Giving each line its place in the tree, behind the writers: a late commit is never skipped, nothing sealed
moves; signing what came of it is checkpoints'.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import func, insert, literal, select, text, tuple_, update
from sqlalchemy.orm import Session

from kcc.audit.model import AuditLeaf, AuditLine, AuditSeal
from kcc.audit.tiles import Tiles
from kcc.db import Database, inserting

log = structlog.get_logger(__name__)

BATCH = 1000
"""Lines of one transaction: on SQLite nobody else writes while it lasts."""
_HORIZON = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
_NEXT = text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
_EVER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many lines a run sealed, and how large the tree is now."""

    lines: int
    size: int


def seal(database: Database, batch: int = BATCH) -> Sealed:
    """Seal every line whose place is certain, in transactions of its own; two at once take turns.

    The order is that of the writing transactions, then of the lines: whoever saw a line committed before
    writing another finds it before that one.
    """
    lines = 0
    while True:
        with database.write() as session:
            kept = state(session, lock=True)
            found = _next(session, kept, batch)
            if found:
                _place(session, kept, found)
            size = kept.size
        lines += len(found)
        if len(found) < batch:
            return Sealed(lines, size)


def state(session: Session, *, lock: bool = False) -> AuditSeal:
    """How far the tree has grown; it begins with the first call."""
    query = select(AuditSeal).where(AuditSeal.id == 1).execution_options(populate_existing=True)
    if lock:
        query = query.with_for_update()
    if kept := session.scalars(query).first():
        return kept
    begun: dict[str, Any] = {"id": 1, "origin": f"kcc/{secrets.token_hex(8)}", "size": 0}
    fresh = inserting(session, AuditSeal, **begun, after_xid=-1, after_id=-1)
    session.execute(fresh.on_conflict_do_nothing())
    return session.scalars(query).one()


def found(session: Session) -> AuditSeal | None:
    """The same, for reading: None before it begins."""
    return session.get(AuditSeal, 1)


def _next(session: Session, kept: AuditSeal, batch: int) -> list[Any]:
    """The next lines in their order; none of a transaction while an older one is open."""
    columns = select(AuditLine.xid, AuditLine.id, AuditLine.commitment)
    place = tuple_(AuditLine.xid, AuditLine.id)
    after = tuple_(literal(kept.after_xid), literal(kept.after_id))
    if session.get_bind().dialect.name == "sqlite":
        horizon = _EVER
    else:
        # Asked before the lines are: whatever is older than this is over, and the next statement sees it.
        horizon = session.execute(_HORIZON).scalar_one()
        if kept.after_xid > session.execute(_NEXT).scalar_one():
            return _of_another_server(session, kept)
    query = columns.where(place > after, AuditLine.xid < horizon).order_by(AuditLine.xid, AuditLine.id)
    return list(session.execute(query.limit(batch)))


def _of_another_server(session: Session, kept: AuditSeal) -> list[Any]:
    """The database was restored into a server that counts transactions anew: seal what has no place yet, and
    let all that is sealed count as written by transaction 0.
    """
    log.warning("the audit's lines come from another server", after=kept.after_xid)
    query = select(AuditLine.xid, AuditLine.id, AuditLine.commitment)
    query = query.where(~select(AuditLeaf).where(AuditLeaf.line_id == AuditLine.id).exists())
    found = list(session.execute(query.order_by(AuditLine.xid, AuditLine.id)))
    for first in range(0, len(found), BATCH):
        _place(session, kept, found[first : first + BATCH])
    sealed = select(AuditLeaf.line_id)
    session.execute(update(AuditLine).where(AuditLine.id.in_(sealed), AuditLine.xid > 0).values(xid=0))
    kept.after_xid = 0
    kept.after_id = session.execute(select(func.max(AuditLeaf.line_id))).scalar_one()
    session.flush()
    return []


def _place(session: Session, kept: AuditSeal, found: list[Any]) -> None:
    """Give the lines their places, counted by the database: a row each through Python took long."""
    ids = [line.id for line in found]
    number = func.row_number().over(order_by=(AuditLine.xid, AuditLine.id))
    numbered = select(literal(kept.size - 1) + number, AuditLine.id).where(AuditLine.id.in_(ids))
    session.execute(insert(AuditLeaf).from_select(["position", "line_id"], numbered))
    kept.size = Tiles(session).append(kept.size, (line.commitment for line in found))
    kept.after_xid, kept.after_id = found[-1].xid, found[-1].id
    session.flush()
