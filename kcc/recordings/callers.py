"""Finding a caller's calls by number, through a digest under a key of the day that dies with the day's last
recording; the number itself is sealed with its recording.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import Exists, Select, delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import RecordingState
from kcc.access.policy import Permit, Subject, permit
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.db import new_id
from kcc.errors import N_, Invalid, KccError, Unavailable
from kcc.recordings import queries
from kcc.recordings.model import CallerDay, Recording
from kcc.recordings.numbers import e164
from kcc.stores import Stores
from kcc.vault.fields import open_text
from kcc.vault.keystore import KeyExists, KeyGone, KeyStore

log = structlog.get_logger(__name__)

PREFIX = "callers:"
"""Before the id of a day's key: it is no recording's."""
_LABEL = b"kcc caller v1\0"
_FOUND_STATES = (RecordingState.LIVE.value, RecordingState.QUARANTINED.value)
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,39}")
_PAGE = 500


@dataclass(frozen=True, slots=True)
class FoundCall:
    """One call of a caller who asks: when, over which line, and until when it is kept under which rule."""

    recording: str
    started_at: datetime
    line: str
    direction: str
    state: str
    due_at: datetime
    due_rule: str


def put(stores: Stores, row: Recording, number: str) -> None:
    """Write a caller's digest into a recording's row; a number that names nobody leaves none.

    Makes the day and its key at the day's first recording. What was put may be overtaken by `forget`: then
    the row cannot be inserted, and is put anew.
    """
    named = _named(stores, number)
    if named is not None:
        day_id = _day_id(stores, clock.local_day(row.started_at))
        row.caller_day_id = day_id
        row.caller_digest = digest(_day_key(stores.keys, day_id), named)


def digest(key: bytes, number: str) -> bytes:
    """What stands for a number (in E.164) among the calls of one day: HMAC-SHA-256 under the day's key."""
    return hmac.digest(key, _LABEL + number.encode(), hashlib.sha256)


def calls_of_caller(
    stores: Stores, session: Session, actor: Actor, number: str, reference: str
) -> list[FoundCall]:
    """The calls of this number that are still kept, oldest first, for a caller's registered request (SUB-1).

    `reference` is the request's own. The audit keeps it and the calls found, never the number. Invalid when
    the number names nobody, or the reference is missing or more than a short code.
    """
    allowed = permit(actor, Action.CALLER_FIND, Subject("caller"), purpose=Purpose.CALLER_REQUEST)
    reference = reference.strip()
    if not _REFERENCE.fullmatch(reference):
        raise Invalid(
            "reference",
            N_("Give the reference of the registered request: at most 40 letters, digits and _ . / -."),
        )
    named = _named(stores, number)
    if named is None:
        raise Invalid("number", N_("Give the caller's telephone number in full."))
    rows = of_number(stores, session, named)
    record.act(session, allowed, reference=reference, found=len(rows))
    record.acts(session, [(_permit(actor, row), {"reference": reference}) for row in rows])
    return [
        FoundCall(row.id, row.started_at, row.line, row.direction, row.state, row.due_at, row.due_rule)
        for row in rows
    ]


def forget(stores: Stores) -> int:
    """Destroy the keys of days of which no recording is left (RET-8); how many went.

    The day's row goes first, which the database refuses while a recording hangs on it; a key whose row is
    gone is nobody's, because rows come before their keys and ids are never given twice. With the key store
    away the keys wait for the next run.
    """
    with stores.database.read() as session:
        empty = list(session.scalars(select(CallerDay.id).where(~_has_recordings())))
    for day_id in empty:
        _drop(stores, day_id)
    try:
        orphans = orphaned(stores)
        stores.keys.destroy(orphans)
    except KccError as fault:
        log.warning("keys of days not destroyed", code=fault.code, error=str(fault))
        return 0
    return len(orphans)


def orphaned(stores: Stores) -> list[str]:
    """The ids of keys of days that are over: no row names them."""
    held = list(stores.keys.ids(PREFIX))  # before the rows: a row comes before its key
    with stores.database.read() as session:
        return sorted(set(held) - known(session, held))


def known(session: Session, ids: Collection[str]) -> set[str]:
    """Those of the ids that are keys of living days."""
    days = [id_.removeprefix(PREFIX) for id_ in ids if id_.startswith(PREFIX)]
    return {PREFIX + id_ for id_ in session.scalars(select(CallerDay.id).where(CallerDay.id.in_(days)))}


def expected(session: Session) -> Iterable[str]:
    """The ids of keys that must be there: of days with a recording."""
    return [PREFIX + id_ for id_ in session.scalars(select(CallerDay.id).where(_has_recordings()))]


def fill(stores: Stores, actor: Actor) -> int:
    """Give a digest to recordings of before there were any, from their sealed numbers; how many got one.

    Opens its own transactions; can be repeated.
    """
    permit(actor, Action.CALLER_DIGEST, Subject("caller"))
    given, after = 0, ""
    while page := _without_digest(stores, after):
        after = page[-1].id
        numbers = _open_numbers(stores, page)
        given += _fill_page(stores, actor, [row for row in page if row.id in numbers], numbers)
    return given


def numbers_of(stores: Stores, rows: Sequence[Recording]) -> dict[str, str]:
    """The callers' numbers (in E.164) of some recordings, by id; one that names nobody, or whose key is gone,
    is left out. They are for comparing, within one act, and never to be kept or shown.
    """
    sealed = [row for row in rows if row.remote_number is not None]
    opened = _open_numbers(stores, sealed).items()
    return {id_: named for id_, number in opened if (named := _named(stores, number)) is not None}


def _named(stores: Stores, number: str) -> str | None:
    rule = stores.settings.callers
    return e164(number, rule.country_code, rule.trunk_prefix, rule.international_prefix)


def _day_id(stores: Stores, day: date) -> str:
    """The id of a day, made if it is not there; two at once end with one."""
    for _attempt in range(3):  # one that was made may be forgotten again before its first recording is in
        found = _known_day(stores, day)
        if found is not None:
            return found
        try:
            with stores.database.write() as session:
                session.add(CallerDay(id=new_id(), day=day))
        except IntegrityError:
            log.debug("the day was made by another", day=day.isoformat())
    raise Unavailable(N_("The database does not answer. Try again in a moment."), code="database")


def _known_day(stores: Stores, day: date) -> str | None:
    with stores.database.read() as session:
        return session.scalar(select(CallerDay.id).where(CallerDay.day == day))


def _day_key(keys: KeyStore, day_id: str) -> bytes:
    """The key of a day, made by whoever needs it first."""
    try:
        return keys.get(PREFIX + day_id)
    except KeyGone:
        try:
            return keys.create(PREFIX + day_id)
        except KeyExists:
            return keys.get(PREFIX + day_id)


def of_number(stores: Stores, session: Session, number: str) -> Sequence[Recording]:
    """Kept recordings with this number's digest (in E.164) of any living day, oldest first: one look into the
    index a day. The session is one that may see the days; who may know is the caller's to settle.
    """
    keys = stores.keys.get_many(PREFIX + id_ for id_ in session.scalars(select(CallerDay.id)))
    found: list[Recording] = []
    for key_id, key in keys.items():
        found += session.scalars(of_day(key_id.removeprefix(PREFIX), digest(key, number)))
    return sorted(found, key=lambda row: (row.started_at, row.id))


def of_day(day_id: str, caller: bytes) -> Select[Recording]:
    """Asking for a caller's kept recordings of one day."""
    return select(Recording).where(
        Recording.caller_day_id == day_id,
        Recording.caller_digest == caller,
        Recording.state.in_(_FOUND_STATES),
        Recording.due_at > clock.now(),
    )


def _permit(actor: Actor, row: Recording) -> Permit:
    facts = queries.facts_of(row, clock.now())
    return permit(
        actor, Action.CALLER_FIND, Subject("recording", row.id), facts, purpose=Purpose.CALLER_REQUEST
    )


def _has_recordings() -> Exists:
    return exists().where(Recording.caller_day_id == CallerDay.id)


def _drop(stores: Stores, day_id: str) -> None:
    try:
        with stores.database.write() as session:
            session.execute(delete(CallerDay).where(CallerDay.id == day_id, ~_has_recordings()))
    except IntegrityError:
        log.debug("a late call of the day came", day=day_id)


def _without_digest(stores: Stores, after: str) -> Sequence[Recording]:
    query = select(Recording).where(
        Recording.remote_number.is_not(None),
        Recording.caller_digest.is_(None),
        Recording.state.in_(_FOUND_STATES),
        Recording.id > after,
    )
    with stores.database.read() as session:
        return session.scalars(query.order_by(Recording.id).limit(_PAGE)).all()


def _open_numbers(stores: Stores, rows: Sequence[Recording]) -> dict[str, str]:
    keys = stores.keys.get_many(row.id for row in rows)
    return {
        row.id: open_text(keys[row.id], f"recording.remote_number:{row.id}", row.remote_number or b"")
        for row in rows
        if row.id in keys
    }


def _fill_page(stores: Stores, actor: Actor, rows: Sequence[Recording], numbers: dict[str, str]) -> int:
    for row in rows:
        put(stores, row, numbers[row.id])
    named = [row for row in rows if row.caller_digest is not None]
    with stores.database.write() as session:
        for row in named:
            session.execute(
                update(Recording)
                .where(Recording.id == row.id)
                .values(caller_day_id=row.caller_day_id, caller_digest=row.caller_digest)
            )
        if named:
            record.act(session, permit(actor, Action.CALLER_DIGEST, Subject("caller")), count=len(named))
    return len(named)
