"""How a call is known again after its erasure (RET-8): by a keyed digest of the recorder's id for it, which
nobody can try without the key store.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from kcc.recordings.model import Tombstone
from kcc.stores import Stores
from kcc.vault.keystore import KeyExists, KeyGone, KeyStore

KEY = "tombstones"
"""The id of the one key to all tombstones; it is wrapped anew with the others and never destroyed."""
_BATCH = 500


def key(keys: KeyStore) -> bytes:
    """The key to all tombstones, made by whoever needs it first."""
    try:
        return keys.get(KEY)
    except KeyGone:
        try:
            return keys.create(KEY)
        except KeyExists:
            return keys.get(KEY)


def mark(secret: bytes, recorder: str, call_id: str) -> bytes:
    """What a tombstone keeps of a call: HMAC-SHA-256, under the key to all tombstones, of its bare digest."""
    return _keyed(secret, bare(recorder, call_id))


def bare(recorder: str, call_id: str) -> bytes:
    """What tombstones of before kept: anybody with the database could try a call's id."""
    return hashlib.sha256(f"{recorder}\0{call_id}".encode()).digest()


def both(secret: bytes, recorder: str, call_id: str) -> tuple[bytes, bytes]:
    """What a tombstone of this call has, whether it was brought under the key yet or not."""
    return mark(secret, recorder, call_id), bare(recorder, call_id)


def bring_under_key(stores: Stores) -> int:
    """Key the digests of tombstones of before, from themselves; how many. Can be repeated and broken off."""
    done = 0
    while found := _bare_ones(stores):
        secret = key(stores.keys)
        with stores.database.write() as session:
            for id_, digest in found:
                session.execute(
                    update(Tombstone)
                    .where(Tombstone.recording_id == id_, ~Tombstone.keyed)
                    .values(call_digest=_keyed(secret, digest), keyed=True)
                )
        done += len(found)
    return done


def known(_session: Session, ids: Collection[str]) -> set[str]:
    """The key to all tombstones, if it is among the ids."""
    return {KEY} & set(ids)


def expected(session: Session) -> Iterable[str]:
    """That key, once a tombstone is under it."""
    return [KEY] if session.scalar(select(exists().where(Tombstone.keyed))) else []


def _keyed(secret: bytes, digest: bytes) -> bytes:
    return hmac.digest(secret, b"kcc tombstone v1\0" + digest, hashlib.sha256)


def _bare_ones(stores: Stores) -> list[tuple[str, bytes]]:
    query = select(Tombstone.recording_id, Tombstone.call_digest).where(~Tombstone.keyed).limit(_BATCH)
    with stores.database.read() as session:
        return [(id_, bytes(digest)) for id_, digest in session.execute(query)]
