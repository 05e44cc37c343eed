"""Writing the sealed log out, so that it can be checked without kcc: the checkpoints, then each line with its
salt, or with its commitment alone where what it said is erased; reading it is verify's.
"""

import base64
import json
from collections.abc import Iterator
from typing import BinaryIO

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from kcc.audit import sealer
from kcc.audit.checkpoints import latest
from kcc.audit.model import AuditCheckpoint, AuditLeaf, AuditLine
from kcc.db import Database
from kcc.errors import N_, Refused

FORM = 1
FORGET = "audit:forget"
"""The action of the lines that say what was erased."""
_PAGE = 5000


def write(database: Database, out: BinaryIO) -> int:
    """Write all lines up to the last checkpoint as they are at one moment; how many. As pieces gives them."""
    number = 0
    for piece, size in _told(database):
        out.write(piece)
        number = size
    return number


def pieces(database: Database) -> Iterator[bytes]:
    """The same piece by piece, in one transaction that ends with the last of them or when nobody wants more.

    Refused while there is no checkpoint. Whoever calls has a permit and has written that down, sealed and
    signed, so that the export's own line is in it.
    """
    return (piece for piece, _ in _told(database))


def _told(database: Database) -> Iterator[tuple[bytes, int]]:
    with database.read() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        last, kept = latest(session), sealer.found(session)
        if last is None or kept is None or kept.first_key is None:
            raise Refused(N_("Nothing has been signed yet."), code="nothing_signed")
        notes = list(session.scalars(select(AuditCheckpoint.note).order_by(AuditCheckpoint.number)))
        header = {
            "kcc-audit-log": FORM,
            "origin": kept.origin,
            "key": base64.b64encode(kept.first_key).decode(),
            "size": last.size,
            "checkpoints": len(notes),
            "forgotten": _forgotten(session, last.size),
        }
        yield json.dumps(header).encode() + b"\n", last.size
        for note in notes:
            yield json.dumps({"checkpoint": note}, ensure_ascii=False).encode() + b"\n", last.size
        for page in _pages(session, last.size):
            yield page, last.size


def _forgotten(session: Session, size: int) -> list[int]:
    """Where the lines stand that say what was erased."""
    query = select(AuditLeaf.position).join(AuditLine, AuditLine.id == AuditLeaf.line_id)
    query = query.where(AuditLine.action == FORGET, AuditLine.body.is_not(None), AuditLeaf.position < size)
    return list(session.scalars(query.order_by(AuditLeaf.position)))


def _pages(session: Session, size: int) -> Iterator[bytes]:
    columns = select(AuditLeaf.position, AuditLine.salt, AuditLine.body, AuditLine.commitment)
    query = columns.outerjoin(AuditLine, AuditLine.id == AuditLeaf.line_id).order_by(AuditLeaf.position)
    for first in range(0, size, _PAGE):
        until = min(first + _PAGE, size)
        page = {
            row.position: row
            for row in session.execute(query.where(AuditLeaf.position >= first, AuditLeaf.position < until))
        }
        yield b"".join(_line(page.get(position)) for position in range(first, until))


def _line(row: "Row[int, bytes | None, str | None, bytes] | None") -> bytes:
    """One line; the body stands in it as it was committed to, byte by byte."""
    if row is None or row.commitment is None:
        return b'{"missing":true}\n'
    if row.salt is None or row.body is None:
        return b'{"commitment":"%s"}\n' % row.commitment.hex().encode()
    return b'{"salt":"%s","body":%s}\n' % (row.salt.hex().encode(), row.body.encode())
