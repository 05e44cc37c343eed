"""Erasing what is due: intent, key destroyed and read back, blob unlinked, tombstone; each step
repeatable, one bad item never stops the rest. What intake leaves behind is reconcile's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, case, delete, insert, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import RecordingState
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record
from kcc.errors import KccError
from kcc.recordings import attempts, callers, derivative, extent, marks, volume
from kcc.recordings.model import ErasureAttempt, Recording, Tombstone
from kcc.recordings.sound import Encoding, Sound
from kcc.stores import Stores
from kcc.timekeeping import guard

log = structlog.get_logger(__name__)

KEPT_RULE = "RET-5"
_RULE = case((Recording.kept_until > Recording.due_at, KEPT_RULE), else_=Recording.due_rule)
"""Under which rule a recording goes: that of its deadline, or of the case that kept it longer."""
BATCH = 200
"""Small enough that an employee's page never waits long for the database."""


@dataclass(frozen=True, slots=True)
class Due:
    """A recording that must go now."""

    id: str
    due_at: datetime
    state: str
    rule: str
    blobs: tuple[str, ...]
    """Its sound, and every piece that may have been made of it on first listening."""


@dataclass(slots=True)
class Summary:
    """What a run did: erased, failed (they stay due and are tried again), or would erase in a dry run."""

    erased: int = 0
    failed: int = 0
    due: int = 0


def erase_due(
    stores: Stores, actor: Actor, *, dry_run: bool = False, progress: Callable[[int], None] | None = None
) -> Summary:
    """Erase every recording whose deadline has come (RET-1, RET-2, RET-8); a hold has already moved its
    deadline.

    Opens its own transactions, one for the intent and one for the tombstones of each batch; at the end the
    keys of days of which no recording is left are destroyed (callers), and the rows are gone from the
    database's files, too, as far as the engine lets us. ClockUntrusted when the time cannot be relied on:
    then nothing is touched.
    """
    summary, after = Summary(), None
    now = clock.now() if dry_run else guard.trusted(stores)
    if not dry_run:
        _leave(stores, now)
    while batch := _due(stores, now, after, patient=not dry_run):
        after = (batch[-1].due_at, batch[-1].id)
        summary.due += len(batch)
        if not dry_run:
            _erase(stores, actor, batch, now, summary)
        if progress:
            progress(summary.due)
    if not dry_run:
        callers.forget(stores)
    if summary.erased:
        stores.database.settle()
    return summary


def _due(stores: Stores, now: datetime, after: tuple[datetime, str] | None, *, patient: bool) -> list[Due]:
    """The next batch of what is due; `patient` leaves out what failed and has to wait (attempts)."""
    key = tuple_(Recording.due_at, Recording.id)
    form = (Recording.encoding, Recording.rate, Recording.channels, Recording.data_bytes)
    query = select(Recording.id, Recording.due_at, Recording.state, _RULE, *form)
    query = query.where(Recording.due_at <= now, _unkept(now))
    if after:
        query = query.where(key > after)
    if patient:
        waiting = select(ErasureAttempt.recording_id).where(ErasureAttempt.next_try > now)
        query = query.where(Recording.id.not_in(waiting))
    with stores.database.read() as session:
        rows = session.execute(query.order_by(Recording.due_at, Recording.id).limit(BATCH))
        return [Due(row[0], row[1], row[2], row[3], _blobs(row.id, *row[4:])) for row in rows]


def _unkept(now: datetime) -> ColumnElement[bool]:
    return or_(Recording.kept_until.is_(None), Recording.kept_until <= now)


def _leave(stores: Stores, now: datetime) -> None:
    """Note of what only a case still keeps when it would have gone: everybody else is told that it went."""
    with stores.database.write() as session:
        kept = (Recording.due_at <= now, Recording.kept_until > now, Recording.left_at.is_(None))
        session.execute(update(Recording).where(*kept).values(left_at=now))


def _blobs(
    id_: str, encoding: str | None, rate: int | None, channels: int | None, size: int | None
) -> tuple[str, ...]:
    if encoding is None or not rate or not channels or not size:
        return (id_,)
    return (id_, *derivative.names(id_, Sound(Encoding(encoding), rate, channels, 0, size)))


def _erase(stores: Stores, actor: Actor, batch: Sequence[Due], now: datetime, summary: Summary) -> None:
    doomed = _intend(stores, actor, batch, now)
    gone = _destroy(stores, doomed)
    buried = _bury(stores, actor, gone) if gone else set()
    summary.erased += len(buried)
    summary.failed += len(doomed) - len(buried)
    if gone is not None:
        attempts.note(stores, [due.id for due in doomed if due.id not in buried], now)


def _intend(stores: Stores, actor: Actor, batch: Sequence[Due], now: datetime) -> list[Due]:
    """Mark what is still due as going, so that no hold and no playback can come between (RET-7)."""
    ids = [due.id for due in batch]
    with stores.database.write() as session:
        query = select(Recording.id, Recording.state).where(Recording.id.in_(ids), Recording.due_at <= now)
        query = query.where(_unkept(now))
        states = {row.id: row.state for row in session.execute(query.with_for_update(skip_locked=True))}
        still = [due for due in batch if due.id in states]
        fresh = [due for due in still if states[due.id] != RecordingState.ERASING.value]
        session.execute(
            update(Recording)
            .where(Recording.id.in_([due.id for due in fresh]))
            .values(state=RecordingState.ERASING.value, reason=Recording.state)
        )
        record.acts(session, [(_permit(actor, due), {"step": "intent", "rule": due.rule}) for due in fresh])
    return still


def _destroy(stores: Stores, doomed: Sequence[Due]) -> Sequence[Due] | None:
    """Destroy the keys, then unlink the blobs; gives those of which nothing is left, None while a store is
    away: that is no item's fault.

    Keys go all at once or, with the key store away, none. Of the blobs all are tried; those that remain can
    be opened by nobody, and are tried again with the next run.
    """
    ids = [due.id for due in doomed]
    try:
        marks.bring_under_key(stores)
        stores.keys.destroy(ids)
    except KccError as fault:
        log.warning("keys not destroyed", count=len(ids), code=fault.code, error=str(fault))
        return None
    try:
        volume.check(stores)
    except KccError as fault:  # on a foreign one everything of ours would pass for unlinked
        log.warning("blobs not removed", code=fault.code, error=str(fault))
        return None
    try:
        stores.blobs.delete([name for due in doomed for name in due.blobs])
    except KccError as fault:
        log.warning("blobs not removed", code=fault.code, error=str(fault))
        return [due for due in doomed if _deleted(stores, due)] if _there(stores) else None
    return doomed


def _there(stores: Stores) -> bool:
    try:
        stores.blobs.check()
    except KccError:
        return False
    return True


def _deleted(stores: Stores, due: Due) -> bool:
    """Whether this blob alone can be removed, durably: only then is its recording erased."""
    try:
        stores.blobs.delete(due.blobs)
    except KccError as fault:
        log.warning("blob not removed", recording=due.id, code=fault.code, error=str(fault))
        return False
    return True


def _bury(stores: Stores, actor: Actor, gone: Sequence[Due]) -> set[str]:
    """Replace the rows, and all that hangs on them, by tombstones: all at once, or one by one if that fails;
    which ones.
    """
    try:
        return _bury_now(stores, actor, gone)
    except IntegrityError:
        return {id_ for due in gone for id_ in _buried(stores, actor, due)}


def _buried(stores: Stores, actor: Actor, due: Due) -> set[str]:
    try:
        return _bury_now(stores, actor, [due])
    except IntegrityError as fault:
        log.warning("not buried", recording=due.id, error=type(fault.orig).__name__)
        return set()


def _bury_now(stores: Stores, actor: Actor, gone: Sequence[Due]) -> set[str]:
    secret = marks.key(stores.keys)
    with stores.database.write() as session:
        rows = _still_there(session, [due.id for due in gone])
        erased_at = clock.now()
        if rows:
            extent.sum_up(session, [row.id for row in rows])  # how much was played outlives the call (ACC-5)
            session.execute(insert(Tombstone), [_tombstone(row, erased_at, secret) for row in rows])
            session.execute(delete(Recording).where(Recording.id.in_([row.id for row in rows])))
        there = {row.id for row in rows}
        record.acts(
            session,
            [(_permit(actor, due), {"step": "erased", "rule": due.rule}) for due in gone if due.id in there],
        )
    return {due.id for due in gone}


def _still_there(session: Session, ids: Sequence[str]) -> Sequence[Recording]:
    query = select(Recording).where(Recording.id.in_(ids)).with_for_update()
    return session.scalars(query).all()


def _tombstone(row: Recording, erased_at: datetime, secret: bytes) -> dict[str, object]:
    return {
        "recording_id": row.id,
        "call_digest": marks.mark(secret, row.recorder, row.call_id),
        "keyed": True,
        "state": row.reason if row.state == RecordingState.ERASING.value else row.state,
        "rule": row.due_rule if row.erased_from == row.due_at else KEPT_RULE,
        "due_at": row.erased_from,
        "erased_at": erased_at,
    }


def _permit(actor: Actor, due: Due) -> Permit:
    return permit(actor, Action.RECORDING_ERASE, Subject("recording", due.id))
