"""The phrase with which an employee makes their own draws unpredictable: setting, using and destroying it.

It is the employee's own words, so it is sealed under a key of its own, and the audit log holds only a salted
digest of it (RET-8). It holds for draws frozen after it was set; a draw keeps the one it was frozen with.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.draws.model import DrawPhrase
from kcc.coaching.model import Draw
from kcc.coaching.turns import alone
from kcc.db import new_id
from kcc.errors import N_, Invalid
from kcc.stores import Stores
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore

LONGEST = 200
"""Characters that a phrase may have."""
SUBJECT = Subject("phrase")
Newest = Mapping[str, tuple[str, bytes]]
"""(id, digest) of the phrase that holds now, by employee."""
_TICK = timedelta(microseconds=1)
_GONE = b""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, the random bytes that open its digest, and since when it holds; an empty one is none."""

    text: str = ""
    opening: bytes = b""
    set_at: datetime | None = None


def current(session: Session, keys: KeyStore, actor: Actor) -> tuple[Permit, Phrase]:
    """The actor's own phrase that the next draw takes, and the permit by which it is read; logged."""
    permit = policy.permit(actor, Action.DRAW_PHRASE, SUBJECT)
    record.act(session, permit)
    return permit, peek(session, keys, actor)


def peek(session: Session, keys: KeyStore, actor: Actor) -> Phrase:
    """The same on a page of the actor's own that has its line in the log already."""
    policy.permit(actor, Action.DRAW_PHRASE, SUBJECT)
    row = _newest(session, actor.person_id)
    return Phrase() if row is None else _opened(row, keys) or Phrase(set_at=row.set_at)


def why(actor: Actor) -> str:
    """Why the actor sees the page about their phrase."""
    return policy.permit(actor, Action.DRAW_PHRASE, SUBJECT).reason


def choose(session: Session, keys: KeyStore, actor: Actor, text: str) -> None:
    """Set the actor's phrase, or take it away with an empty text; for draws that are frozen from now on.

    Invalid names what is wrong with it. The one before is destroyed by `forget`, once no draw needs it.
    """
    permit = policy.permit(actor, Action.DRAW_PHRASE, SUBJECT)
    text = checked(text)
    before = _newest(session, actor.person_id)
    kept = _opened(before, keys) if before is not None else None
    if text == (kept.text if kept else ""):
        return
    record.act(session, permit, step="set" if text else "emptied")
    now = clock.now() if before is None else max(clock.now(), before.set_at + _TICK)
    row = DrawPhrase(id=new_id(), employee_id=actor.person_id, set_at=now, content=_GONE, digest=None)
    if text:
        opening = secrets.token_bytes(32)
        said = json.dumps({"v": 1, "phrase": text, "opening": opening.hex()}, ensure_ascii=False)
        row.digest = digest(opening, text)
        row.content = seal_text(keys.create(row.id), _place(row.id), said)
    session.add(row)
    session.flush()


def checked(text: str) -> str:
    """A phrase as it is kept: one line without spaces at its ends; Invalid for what cannot be one."""
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid("phrase", N_("Use at most %(most)s characters here."), most=LONGEST)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid("phrase", N_("This text holds characters that cannot be stored.")) from None
    if any(not sign.isprintable() for sign in text):
        raise Invalid("phrase", N_("Write the phrase on one line, in characters that can be seen."))
    return text


def digest(opening: bytes, text: str) -> bytes:
    """What a draw commits to: SHA-256(opening ‖ phrase in UTF-8)."""
    return hashlib.sha256(opening + text.encode()).digest()


# --- for draws ---


def newest_of(session: Session, employee_ids: Collection[str]) -> Newest:
    """What holds now of these employees, in any order; without those who have none."""
    query = select(DrawPhrase).where(DrawPhrase.employee_id.in_(employee_ids))
    newest = {row.employee_id: row for row in session.scalars(query.order_by(DrawPhrase.set_at))}
    return {who: (row.id, row.digest) for who, row in newest.items() if row.digest and row.content}


def opened(session: Session, keys: KeyStore, ids: Collection[str]) -> dict[str, Phrase | None]:
    """Phrases by id: None for one that was destroyed with its employee's function; a lost one is left out."""
    found: dict[str, Phrase | None] = {}
    if ids:
        held = keys.get_many(ids)
        for row in session.scalars(select(DrawPhrase).where(DrawPhrase.id.in_(ids))):
            if not row.content:
                found[row.id] = None
            elif row.id in held:
                found[row.id] = _read(row, held[row.id])
    return found


# --- destroying ---


def begin_erasing(session: Session, employee_id: str) -> None:
    """Take all phrases of an employee away, whose function ended; `forget` then destroys their keys."""
    theirs = update(DrawPhrase).where(DrawPhrase.employee_id == employee_id)
    session.execute(theirs.values(content=_GONE))


def forget(stores: Stores) -> int:
    """Destroy the phrases that neither count any more nor belong to a draw; answers how many. Repeatable.

    A row is emptied first, its key destroyed after, so that a crash in between leaves work, never a phrase
    without a key. No draw can be frozen with a phrase meanwhile.
    """
    with stores.database.read() as session:
        if not (_unneeded(session) or _emptied(session)):
            return 0
    with stores.database.write() as session:
        alone(session, Draw)
        unneeded = update(DrawPhrase).where(DrawPhrase.id.in_(_unneeded(session)))
        session.execute(unneeded.values(content=_GONE))
    with stores.database.read() as session:
        emptied = _emptied(session)
    stores.keys.destroy(emptied)
    with stores.database.write() as session:
        these = DrawPhrase.id.in_(emptied)
        session.execute(update(DrawPhrase).where(these).values(digest=None))
        session.execute(delete(DrawPhrase).where(these, ~_in_use()))
        session.execute(delete(DrawPhrase).where(DrawPhrase.digest.is_(None), _superseded(), ~_in_use()))
    return len(emptied)


def _unneeded(session: Session) -> list[str]:
    query = select(DrawPhrase.id).where(func.length(DrawPhrase.content) > 0, _superseded(), ~_in_use())
    return list(session.scalars(query))


def _emptied(session: Session) -> list[str]:
    """Those that still have a key to destroy, as far as is known: a row without digest has none."""
    query = select(DrawPhrase.id).where(func.length(DrawPhrase.content) == 0, DrawPhrase.digest.is_not(None))
    return list(session.scalars(query))


def _superseded() -> ColumnElement[bool]:
    later = aliased(DrawPhrase)
    of_same = later.employee_id == DrawPhrase.employee_id
    return select(later.id).where(of_same, later.set_at > DrawPhrase.set_at).exists()


def _in_use() -> ColumnElement[bool]:
    return select(Draw.number).where(Draw.phrase_id == DrawPhrase.id).exists()


def _newest(session: Session, employee_id: str) -> DrawPhrase | None:
    query = select(DrawPhrase).where(DrawPhrase.employee_id == employee_id)
    return session.scalars(query.order_by(DrawPhrase.set_at.desc()).limit(1)).first()


def _opened(row: DrawPhrase, keys: KeyStore) -> Phrase | None:
    return _read(row, keys.get(row.id)) if row.content else None


def _read(row: DrawPhrase, key: bytes) -> Phrase:
    said = json.loads(open_text(key, _place(row.id), row.content))
    return Phrase(said["phrase"], bytes.fromhex(said["opening"]), row.set_at)


def _place(phrase_id: str) -> str:
    return f"draw_phrase.content:{phrase_id}"
