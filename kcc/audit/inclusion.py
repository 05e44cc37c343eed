"""The proof that one line was signed, for whoever is shown it and nothing else of the log; checking it is
verify's.
"""

import base64
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.audit import sealer
from kcc.audit.model import AuditCheckpoint, AuditLeaf, AuditLine
from kcc.audit.notes import Note
from kcc.audit.tiles import Tiles
from kcc.errors import N_, NotFound, Refused

FORM = 1


def prove(session: Session, line_id: int) -> dict[str, Any]:
    """The line with its salt, its place, the path to the root, the checkpoint that signed that, and those by
    which keys were handed over until then.

    Refused while it is not signed, or once what it said was erased; NotFound for no line.
    """
    line, kept = session.get(AuditLine, line_id), sealer.found(session)
    if line is None:
        raise NotFound
    if line.salt is None or line.body is None:
        raise Refused(N_("What this line said was erased on its term: nothing of it can be proven."))
    place = session.scalars(select(AuditLeaf.position).where(AuditLeaf.line_id == line_id)).first()
    signed = None if place is None else _first_over(session, place)
    if place is None or signed is None or kept is None or kept.first_key is None:
        raise Refused(N_("This line is not signed yet. Try again in some minutes."), code="nothing_signed")
    note = Note.read(signed)
    return {
        "kcc-audit-line": FORM,
        "origin": kept.origin,
        "key": base64.b64encode(kept.first_key).decode(),
        "keys": _handed_over(session, note.number),
        "checkpoint": note.text,
        "position": place,
        "path": [node.hex() for node in Tiles(session).inclusion(place, note.size)],
        "salt": line.salt.hex(),
        "body": line.body,
    }


def _first_over(session: Session, place: int) -> str | None:
    query = select(AuditCheckpoint.note).where(AuditCheckpoint.size > place)
    return session.scalars(query.order_by(AuditCheckpoint.number).limit(1)).first()


def _handed_over(session: Session, before: int) -> list[str]:
    query = select(AuditCheckpoint.note).where(
        AuditCheckpoint.number < before, AuditCheckpoint.note.contains("\nnext-key ")
    )
    return list(session.scalars(query.order_by(AuditCheckpoint.number)))
