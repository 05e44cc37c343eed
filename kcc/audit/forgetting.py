"""Erasing what lines said on their term, while their commitments and every proof stay; which lines have which
term is not decided here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kcc.audit import record
from kcc.audit.model import AuditCheckpoint, AuditLeaf, AuditLine
from kcc.audit.record import Act
from kcc.db import Database

BATCH = 500


def forget(database: Database, permit: Act, kind: str, actions: Collection[str], before: datetime) -> int:
    """Erase salt, body and every personal column of these actions' lines from before an instant; how many.

    Only of lines that a checkpoint proves. Each batch leaves a line that says which places of the tree it
    was, so that nobody can erase one unnoticed. Opens its own transactions.
    """
    gone = 0
    while True:
        with database.write() as session:
            found = _due(session, actions, before)
            if found:
                _erase(session, [line_id for line_id, _ in found])
                told = {"kind": kind, "before": before.isoformat(), "count": len(found)}
                record.act(session, permit, **told, lines=_ranges([place for _, place in found]))
        gone += len(found)
        if len(found) < BATCH:
            return gone


def _due(session: Session, actions: Collection[str], before: datetime) -> list[tuple[int, int]]:
    """(line, place) of what must go, in the tree's order."""
    # What was written before an instant stands, but for late commits, before the next checkpoint's end.
    proven = select(func.min(AuditCheckpoint.size)).where(AuditCheckpoint.at >= before).scalar_subquery()
    query = select(AuditLine.id, AuditLeaf.position).join(AuditLeaf, AuditLeaf.line_id == AuditLine.id)
    query = query.where(AuditLine.action.in_(actions), AuditLine.at < before, AuditLine.body.is_not(None))
    query = query.where(AuditLeaf.position < proven)
    return [(line, place) for line, place in session.execute(query.order_by(AuditLeaf.position).limit(BATCH))]


def _erase(session: Session, lines: Sequence[int]) -> None:
    nothing = dict.fromkeys(("salt", "body", "actor_id", "about_id", "subject", "purpose"))
    session.execute(update(AuditLine).where(AuditLine.id.in_(lines)).values(**nothing))


def _ranges(places: Sequence[int]) -> list[list[int]]:
    """[first, last] of each run of places that follow each other."""
    found: list[list[int]] = []
    for place in places:
        if found and found[-1][1] == place - 1:
            found[-1][1] = place
        else:
            found.append([place, place])
    return found
