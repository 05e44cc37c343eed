"""What became of one call, asked by the recorder's own id for it: kept, erased under which rule, or unknown;
tells nothing about anybody.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import RecordingState
from kcc.access.policy import Subject, permit
from kcc.audit import record
from kcc.recordings import marks
from kcc.recordings.model import Recording, Tombstone
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Fate:
    """`answer` is live (until `at`, by `rule`), erasing (its time has come), erased (at `at`, by `rule`) or
    unknown: never taken in, or refused.
    """

    answer: str
    rule: str | None = None
    at: datetime | None = None


def find(session: Session, keys: KeyStore, actor: Actor, recorder: str, call_id: str) -> Fate:
    """Answer "was this call recorded, and when was it erased under which rule?" (RET-8, SUB-1).

    Of what was erased the id is compared by its keyed digest alone; the audit keeps the recording's random
    id, not the call's.
    """
    allowed = permit(actor, Action.RECORDING_FIND, Subject("recording"))
    id_, fate = _fate(session, marks.key(keys), recorder, call_id)
    record.act(session, allowed, answer=fate.answer, recording=id_)
    return fate


def _fate(session: Session, secret: bytes, recorder: str, call_id: str) -> tuple[str | None, Fate]:
    known = select(Recording).where(Recording.recorder == recorder, Recording.call_id == call_id)
    row = session.scalar(known)
    if row is not None:
        going = row.state == RecordingState.ERASING.value or row.due_at <= clock.now()
        return row.id, Fate("erasing" if going else "live", row.due_rule, row.due_at)
    stone = session.scalar(
        select(Tombstone).where(Tombstone.call_digest.in_(marks.both(secret, recorder, call_id)))
    )
    if stone is not None:
        return stone.recording_id, Fate("erased", stone.rule, stone.erased_at)
    return None, Fate("unknown")
