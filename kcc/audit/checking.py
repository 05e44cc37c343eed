"""Looking each night whether the lines are still those that were sealed, and their columns what they say.

An exported log is checked by verify.
"""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.audit import sealer, tree
from kcc.audit.checkpoints import Broken
from kcc.audit.export import FORGET
from kcc.audit.model import AuditLeaf, AuditLine, AuditTile
from kcc.audit.record import commitment
from kcc.audit.tiles import WIDTH, Tiles
from kcc.db import Database

UNSEALED_AFTER = timedelta(hours=1)


def check(database: Database) -> dict[str, int]:
    """Compare every sealed line with the tree and itself; what is wrong, by kind; empty if nothing.

    What was found stands in the status until a later look finds nothing.
    """
    wrong: Counter[str] = Counter()
    with database.read() as session:
        kept = sealer.found(session)
        size = kept.size if kept else 0
        forgotten = _forgotten(session)
        for number in range(-(-size // WIDTH)):
            wrong += _tile(session, number, size, forgotten)
        wrong += _tree(session, size)
        wrong += _unsealed(session, clock.now() - UNSEALED_AFTER)
    with database.write() as session:
        kept = sealer.state(session, lock=True)
        if wrong and kept.broken is None:
            kept.broken, kept.broken_since = Broken.LINES.value, clock.now()
        elif not wrong and kept.broken == Broken.LINES.value:
            kept.broken = kept.broken_since = None
    return dict(wrong)


def _forgotten(session: Session) -> set[int]:
    """The places of the lines whose erasing another line tells."""
    query = select(AuditLine.body).where(AuditLine.action == FORGET, AuditLine.body.is_not(None))
    told = [json.loads(body or "{}") for body in session.scalars(query)]
    runs = [run for body in told for run in body.get("detail", {}).get("lines", [])]
    return {place for first, last in runs for place in range(first, last + 1)}


def _tile(session: Session, number: int, size: int, forgotten: set[int]) -> "Counter[str]":
    """The lines under one tile."""
    wrong: Counter[str] = Counter()
    first = number * WIDTH
    until = min(first + WIDTH, size)
    tile = session.scalars(select(AuditTile.hashes).where(AuditTile.level == 0, AuditTile.number == number))
    hashes = tile.first() or b""
    query = select(AuditLeaf.position, AuditLine).join(AuditLine, AuditLine.id == AuditLeaf.line_id)
    query = query.where(AuditLeaf.position >= first, AuditLeaf.position < until)
    lines: dict[int, AuditLine] = dict(iter(session.execute(query)))
    for position in range(first, until):
        line, at = lines.get(position), 32 * (position - first)
        if line is None:
            wrong["missing"] += 1
        elif tree.leaf_hash(line.commitment) != hashes[at : at + 32]:
            wrong["changed"] += 1
        elif line.body is None and line.salt is None:
            wrong["withheld"] += position not in forgotten
        else:
            wrong += _line(line)
    session.expunge_all()
    return +wrong


def _line(line: AuditLine) -> "Counter[str]":
    if line.body is None or line.salt is None or commitment(line.salt, line.body) != line.commitment:
        return Counter(changed=1)
    return Counter() if _columns(line) == _said(json.loads(line.body)) else Counter(columns=1)


def _columns(line: AuditLine) -> tuple[Any, ...]:
    return (
        line.at.isoformat(),
        line.actor_id,
        line.about_id,
        line.subject,
        line.action,
        line.purpose,
        line.allowed,
    )


def _said(body: dict[str, Any]) -> tuple[Any, ...]:
    names = ("at", "actor", "about", "subject", "action", "purpose", "allowed")
    return tuple(body[name] for name in names)


def _tree(session: Session, size: int) -> "Counter[str]":
    """The tiles above are those over the tiles below."""
    wrong: Counter[str] = Counter()
    level, whole = 1, WIDTH
    while whole <= size:
        for number in range(size // whole):
            tiles = Tiles(session)
            start = number * whole
            try:
                wrong["tree"] += tiles.range(start, start + whole) != tiles.folded(level - 1, number)
            except LookupError:
                wrong["tree"] += 1
        level, whole = level + 1, whole * WIDTH
    return +wrong


def _unsealed(session: Session, before: datetime) -> "Counter[str]":
    """Lines of long ago that have no place: by a number of a transaction that nobody has come to yet."""
    sealed = select(AuditLeaf).where(AuditLeaf.line_id == AuditLine.id).exists()
    query = select(func.count()).select_from(AuditLine).where(AuditLine.at < before, ~sealed)
    number = session.execute(query).scalar_one()
    return Counter(unsealed=number) if number else Counter()
