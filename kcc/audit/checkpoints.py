"""Signing the tree's size and root, after making sure that it still is what was signed before; how a
checkpoint reads is notes', where it is sent is places'.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.audit import sealer
from kcc.audit.model import AuditCheckpoint, AuditSeal
from kcc.audit.notes import Note, signature_line
from kcc.audit.signing import KeyUnusable, SigningKey
from kcc.audit.tiles import Tiles
from kcc.db import Database
from kcc.errors import N_, Refused, Unavailable

log = structlog.get_logger(__name__)

IDLE = timedelta(hours=1)
"""How long nothing is signed while nothing is added."""


class Broken(StrEnum):
    """What can be wrong with the audit."""

    CHECKPOINT = "checkpoint"  # the tree is not the one that was signed
    LINES = "lines"  # lines are not those that were sealed


class TreeBroken(Unavailable):
    """The tree is not the one that was signed before: nothing is signed any more."""

    code = "audit_broken"


@dataclass(frozen=True, slots=True)
class _Next:
    """What the next checkpoint says beside size and root."""

    number: int
    at: datetime
    next_key: bytes | None = None
    restored: int | None = None


def sign(
    database: Database, key: SigningKey, held: Iterable[str] = (), *, restored: bool = False
) -> Note | None:
    """Seal what there is and sign it, in a transaction of its own; None when the last one says it all.

    `held` are the newest checkpoints that other places keep. TreeBroken when this log does not know one of
    them, or the key's own memory, or the tree is not as last signed: the database was taken back or changed.
    `restored` says that a person knows why (a restored backup): what was lost is then stated and signed.
    """
    sealer.seal(database)
    memory = key.last()
    known = _signed(key, [*held, *([memory] if memory else [])])
    with database.write() as session:
        kept, last = sealer.state(session, lock=True), latest(session)
        key = _of_this_log(key, last)
        broken = not _contained(session, kept, last, known, restored=restored)
        _note_state(kept, Broken.CHECKPOINT, broken=broken)
        note = None
        if not broken and _worth_it(kept, last, restored=restored):
            told = _Next(last.number + 1 if last else 1, _not_before(last))
            if restored:
                given_up = max([last.number if last else 0, *(note.number for note in known)])
                told = replace(told, number=given_up + 1, restored=given_up)
            note = _sign(session, kept, last, told, [key])
    if broken:
        log.error("the audit's tree is not the one that was signed")
        raise TreeBroken(N_("The audit log does not match a checkpoint that was signed before."))
    newest = note or last
    if newest and newest.text != memory:  # also of a run before, which a crash broke off here
        key.remember(newest.text)
    return note


def hand_over(database: Database, key: SigningKey) -> SigningKey:
    """Let a new key follow, by a checkpoint that both sign; gives the new one."""
    sign(database, key)
    key = SigningKey(key.path)  # a hand-over that had been cut off is finished by now
    with database.write() as session:
        kept, last = sealer.state(session, lock=True), latest(session)
        if last is None:
            raise Refused(N_("Nothing has been signed yet, so no key need follow."), code="nothing_signed")
        key = _of_this_log(key, last)
        successor = key.successor()
        told = _Next(last.number + 1, _not_before(last), next_key=successor.public)
        note = _sign(session, kept, last, told, [key, successor])
    key = key.promote(successor)
    key.remember(note.text)
    return key


def latest(session: Session) -> Note | None:
    """The last checkpoint that this database knows."""
    query = select(AuditCheckpoint.note).order_by(AuditCheckpoint.number.desc()).limit(1)
    text = session.scalars(query).first()
    return Note.read(text) if text else None


def _signed(key: SigningKey, held: Iterable[str]) -> list[Note]:
    """The checkpoints that this key signed: what else lies in a place proves nothing."""
    found = []
    for text in held:
        try:
            note = Note.read(text)
        except ValueError:
            log.warning("what a place holds is no checkpoint")
            continue
        if note.signed_by(key.public):
            found.append(note)
    return found


def _of_this_log(key: SigningKey, last: Note | None) -> SigningKey:
    """The key whose turn it is; a hand-over that was cut off is finished."""
    turn = last.next_key if last else None
    if last is None or turn == key.public or (turn is None and last.signed_by(key.public)):
        return key
    if turn is not None and (successor := key.successor()).public == turn:
        return key.promote(successor)
    raise KeyUnusable(N_("The audit's signing key is not the one that signed the last checkpoint."))


def _contained(
    session: Session, kept: AuditSeal, last: Note | None, known: Sequence[Note], *, restored: bool
) -> bool:
    """Whether the tree still begins as last signed, and every checkpoint known elsewhere is known here."""
    if last and not _rooted(session, kept, last):
        return False
    newest = last.number if last else 0
    return all(
        note.origin == kept.origin and (_known(session, note) or (restored and note.number > newest))
        for note in known
    )


def _rooted(session: Session, kept: AuditSeal, last: Note) -> bool:
    try:
        return last.size <= kept.size and Tiles(session).root(last.size) == last.root
    except LookupError:
        return False


def _known(session: Session, note: Note) -> bool:
    """It stands here as it is, or was given up after the log had been restored."""
    query = select(AuditCheckpoint).where(AuditCheckpoint.number >= note.number)
    found = session.scalars(query.order_by(AuditCheckpoint.number).limit(1)).first()
    if found is None:
        return False
    if found.number == note.number:
        return found.note == note.text
    return (Note.read(found.note).restored or 0) >= note.number


def _note_state(kept: AuditSeal, what: Broken, *, broken: bool) -> None:
    """Keep that it is broken, or that this is over; other kinds stay as they are."""
    if broken and kept.broken is None:
        kept.broken, kept.broken_since = what.value, clock.now()
    elif not broken and kept.broken == what.value:
        kept.broken = kept.broken_since = None


def _worth_it(kept: AuditSeal, last: Note | None, *, restored: bool) -> bool:
    if last is None:
        return kept.size > 0
    return restored or kept.size > last.size or clock.now() - last.time >= IDLE


def _not_before(last: Note | None) -> datetime:
    return max(clock.now(), last.time) if last else clock.now()


def _sign(
    session: Session, kept: AuditSeal, last: Note | None, told: _Next, keys: Sequence[SigningKey]
) -> Note:
    tiles = Tiles(session)
    root = tiles.root(kept.size)
    unsigned = Note("", kept.origin, kept.size, root, told.number, told.at, told.next_key, told.restored)
    body = unsigned.body()
    lines = [signature_line(kept.origin, key.public, key.sign(body)) for key in keys]
    note = Note.read(f"{body}\n{''.join(lines)}")
    if kept.first_key is None:
        kept.first_key = keys[0].public
    proof = tiles.consistency(last.size, note.size) if last else []
    session.add(
        AuditCheckpoint(
            number=note.number,
            size=note.size,
            root=note.root,
            at=note.time,
            note=note.text,
            proof="".join(f"{node.hex()}\n" for node in proof),
        )
    )
    session.flush()
    return note
