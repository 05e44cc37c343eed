"""The key store: one random key per sealed thing, outside the database, whose destruction is the erasure.

What a key opens is not known here. No key and no root is remembered between two calls: a key destroyed by one
process is gone for all of them at once.
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, bindparam, delete, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from kcc import clock
from kcc.errors import N_, Refused, Unavailable
from kcc.vault.keyrows import KeyRows, keys, metadata
from kcc.vault.roots import Root, RootFile, Roots, RootUnusable
from kcc.vault.sealing import SealBroken

_BATCH = 500
"""Ids in one statement, and keys re-wrapped while other writers wait."""

_BREATH = 0.02
"""Seconds between two such batches: SQLite's writers do not queue, they look again now and then."""


class KeyGone(Unavailable):
    """There is no such key: what it sealed is erased, or never was."""

    code = "key_gone"


class KeyExists(Refused):
    """A key of this id is there already; it is never replaced, or what it seals would be lost."""

    code = "key_exists"


class KeyStore:
    """Makes, gives and destroys keys; for many threads. Open it anew in each process (after a fork)."""

    def __init__(self, rows: KeyRows, root_file: RootFile) -> None:
        self._rows, self._root_file = rows, root_file

    @classmethod
    def open(cls, url: str, root_file: Path) -> Self:
        """The key store at `url`, made if it is not there, with the root key in `root_file`.

        Raises RootUnusable when the root is missing while there are keys, belongs to another key store, or
        may be read by others; Unavailable when the database does not answer.
        """
        store = cls(KeyRows(url), RootFile(root_file))
        try:
            store.create_schema()
            store._ensure_root()
        except BaseException:
            store.close()
            raise
        return store

    def create_schema(self) -> None:
        """Make the key table when it is not there."""
        with self._rows.alone("keys.schema") as connection:
            metadata.create_all(connection)

    def create(self, key_id: str) -> bytes:
        """A new random key of 32 bytes, durable on return; KeyExists if there is one of this id."""
        return self.create_many([key_id])[key_id]

    def create_many(self, key_ids: Sequence[str]) -> dict[str, bytes]:
        """New keys for all of `key_ids` in one transaction, or for none of them (KeyExists)."""
        if not all(0 < len(key_id) <= 128 for key_id in key_ids):
            raise ValueError("a key's id has 1 to 128 characters")
        made = {key_id: secrets.token_bytes(32) for key_id in key_ids}
        if len(made) < len(key_ids):
            raise KeyExists(N_("A key of this id is there already."))
        try:
            with self._rows.writing("keys.create") as connection:
                root = self._root_file.read().current  # inside: no rotation can come between
                rows = [_row(root, key_id, key) for key_id, key in made.items()]
                if rows:
                    connection.execute(insert(keys), rows)
        except IntegrityError:
            raise KeyExists(N_("A key of this id is there already.")) from None
        return made

    def get(self, key_id: str) -> bytes:
        """The key; KeyGone when there is none."""
        found = self.get_many([key_id])
        if key_id not in found:
            raise KeyGone(N_("The key to this is gone: it has been erased."))
        return found[key_id]

    def get_many(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """Those of the keys that exist, by id: for a page full of sealed columns."""
        found: dict[str, bytes] = {}
        for batch in _batches(key_ids):
            found |= self._get_batch(batch)
        return found

    def holds(self, key_ids: Iterable[str]) -> set[str]:
        """Which of these keys exist."""
        held: set[str] = set()
        for batch in _batches(key_ids):
            with self._rows.reading() as connection:
                held.update(connection.scalars(select(keys.c.key_id).where(keys.c.key_id.in_(batch))))
        return held

    def ids(self, prefix: str = "") -> Iterator[str]:
        """The ids of all keys (that begin so) in order, page by page, each page as of its own moment."""
        page, after = [""], ""
        begun = keys.c.key_id.startswith(prefix, autoescape=True) if prefix else true()
        while page:
            query = select(keys.c.key_id).where(keys.c.key_id > after, begun)
            query = query.order_by(keys.c.key_id).limit(1000)
            with self._rows.reading() as connection:
                page = list(connection.scalars(query))
            yield from page
            after = page[-1] if page else after

    def destroy(self, key_ids: Sequence[str]) -> None:
        """Destroy these keys and see in a fresh transaction that they are gone; an absent key is no fault.

        Unavailable if any remains or the store does not answer: then do it again, it is repeatable. Every
        call ends in a checkpoint, so hand it many at once. [RET-8]
        """
        for batch in _batches(key_ids):
            with self._rows.writing("keys.destroy") as connection:
                connection.execute(delete(keys).where(keys.c.key_id.in_(batch)))
        remaining = self.holds(key_ids)
        if remaining:
            raise Unavailable(N_("%(count)s keys could not be destroyed."), count=len(remaining))
        self._rows.settle()

    def rotate(self, now: datetime) -> int:
        """Wrap all keys under a new root and destroy the old one; gives how many were wrapped anew.

        What was deleted since the last rotation cannot be opened afterwards, wherever a copy of it lies. A
        rotation that was broken off is finished first. The root file holds both roots until no key needs the
        old one; other processes go on reading and creating meanwhile. SealBroken if a key cannot be wrapped
        anew: all others are, and the old root stays until that key is destroyed. [RET-8]
        """
        if now.tzinfo is None:
            raise ValueError("a naive time names no instant")
        moved = self._finish_rotation()
        with self._rows.alone("keys.root"):
            roots = self._root_file.read()
            if roots.previous is None:
                self._root_file.replace(Roots(Root.new(now), roots.current))
        moved += self._finish_rotation()
        self._rows.settle()
        return moved

    def close(self) -> None:
        """Close the connections to the database."""
        self._rows.close()

    def _get_batch(self, batch: list[str]) -> dict[str, bytes]:
        query = select(keys.c.key_id, keys.c.root_id, keys.c.wrapped).where(keys.c.key_id.in_(batch))
        for _attempt in range(3):  # a rotation may end between the rows and the root
            with self._rows.reading() as connection:
                rows = connection.execute(query).all()
            roots = self._root_file.read().by_id() if rows else {}
            if all(row.root_id in roots for row in rows):
                return {row.key_id: roots[row.root_id].unwrap(row.key_id, row.wrapped) for row in rows}
        raise RootUnusable(N_("The root key file does not belong to this key store."))

    def _ensure_root(self) -> None:
        with self._rows.alone("keys.root") as connection:
            used = connection.scalar(select(keys.c.root_id).order_by(keys.c.key_id).limit(1))
            if used is None and not self._root_file.exists():
                self._root_file.replace(Roots(Root.new(clock.now())))
            roots = self._root_file.read()
            if used is not None and used not in roots.by_id():
                raise RootUnusable(N_("The root key file does not belong to this key store."))

    def _finish_rotation(self) -> int:
        """Wrap in small batches what is still under the previous root, then drop that root."""
        moved, under, after = 0, "", ""
        while True:
            with self._rows.alone("keys.rewrap") as connection:
                roots = self._root_file.read()
                if roots.previous is None:
                    return moved
                if roots.previous.id != under:
                    under, after = roots.previous.id, ""
                last = _rewrap_batch(connection, roots.current, roots.previous, after)
                if last is None:
                    _refuse_remaining(connection, roots.previous)
                    self._root_file.replace(Roots(roots.current))
                    return moved
            moved, after = moved + last[0], last[1]
            time.sleep(_BREATH)


def _row(root: Root, key_id: str, key: bytes) -> dict[str, str | bytes]:
    return {"key_id": key_id, "root_id": root.id, "wrapped": root.wrap(key_id, key)}


def _batches(key_ids: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(set(key_ids))  # one order for all, so that no two deletions wait for each other
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]


def _rewrap_batch(connection: Connection, new: Root, old: Root, after: str) -> tuple[int, str] | None:
    """Wrap the next keys after `after` under `new`: how many and the last id seen; None when none is left."""
    remaining = select(keys.c.key_id, keys.c.wrapped).where(keys.c.root_id == old.id, keys.c.key_id > after)
    page = connection.execute(remaining.order_by(keys.c.key_id).limit(_BATCH)).all()
    if not page:
        return None
    moved = []
    for key_id, wrapped in page:
        try:
            moved.append({"at": key_id, "new": new.wrap(key_id, old.unwrap(key_id, wrapped))})
        except SealBroken:
            continue  # stays under the old root, where _refuse_remaining finds and names it
    if moved:
        moving = update(keys).where(keys.c.key_id == bindparam("at"))
        connection.execute(moving.values(root_id=new.id, wrapped=bindparam("new")), moved)
    return len(moved), page[-1].key_id


def _refuse_remaining(connection: Connection, old: Root) -> None:
    stuck = connection.scalar(select(keys.c.key_id).where(keys.c.root_id == old.id).limit(1))
    if stuck is not None:
        raise SealBroken(
            N_("Key %(key_id)s is damaged; destroy it, or the old root key stays."), key_id=stuck
        )
