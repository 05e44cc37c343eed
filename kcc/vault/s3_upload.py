"""One blob on its way into an S3 bucket: kept back as a draft, put in its place only if that is free; what
is there already is s3's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from kcc import clock
from kcc.errors import N_, Unavailable
from kcc.failpoints import durable
from kcc.vault.files import BlobExists

ARRIVING = ".arriving"
"""Where drafts lie: empty objects that say a writer is at work; one of a large blob holds it at the end."""

_PART = 8 * 1024 * 1024
"""Bytes kept in memory; what is larger goes in parts of this size."""
_AT_ONCE = 2
TOUCH = 300.0
"""Seconds after which a writer shows again that it lives; far below the grace that sweeping gives."""
_TAIL = 64


@contextmanager
def answering(name: str = "") -> Iterator[None]:
    """Turn a fault of the store within the block into Unavailable."""
    try:
        yield
    except (BaseError, OSError, ValueError) as fault:
        reason = f"{name}: {_short(fault)}" if name else _short(fault)
        raise Unavailable(N_("The storage of recordings fails (%(reason)s)."), reason=reason) from fault


def _short(fault: BaseException) -> str:
    """The first sentence, without the store's own page, which may repeat what we sent."""
    first = str(fault).partition("\n")[0].partition("<")[0]
    return re.sub(r"\?\S+", "", first).strip(" :-")[:300]


class Upload:
    """Writes one blob: `with blobs.writer(name) as blob: blob.write(data); blob.commit()`; for one thread.

    Blobs are sealed, each under a key of its own: no two have the same last bytes.
    """

    def __init__(self, store: S3Store, draft: str, key: str) -> None:
        self._store, self._draft, self._key = store, draft, key
        self._kept = bytearray()
        self._parts: Any = None
        self._size, self._tail = 0, b""
        self._touched = 0.0
        self._left = False

    def __enter__(self) -> Self:
        with answering(), durable("bucket.draft"):
            self._mark = obstore.put(self._store, self._draft, b"", mode="create")
        self._touched = clock.ticking()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept = bytearray()
        with suppress(Unavailable), answering():
            self._give_up_parts()
        if self._left:
            return
        with suppress(Unavailable), answering(), durable("bucket.remove"):
            obstore.delete(self._store, self._draft)  # what stays, the sweep removes

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes; Unavailable when the store fails."""
        piece = bytes(data)
        self._size += len(piece)
        self._tail = (self._tail + piece)[-_TAIL:]
        if self._parts is None and len(self._kept) + len(piece) <= _PART:
            self._kept += piece
        else:
            self._send(piece)
        if clock.ticking() - self._touched > TOUCH:
            self._touch()

    def commit(self) -> None:
        """Make the blob appear, whole and durable; BlobExists if the name is taken."""
        self._touch()
        with answering():
            try:
                self._put_in_place()
            except AlreadyExistsError:
                if not self._is_ours():
                    raise BlobExists(N_("There is stored sound under this name already.")) from None

    def leave(self) -> None:
        """Keep the draft when the block ends: it is the sweep's."""
        self._left = True

    def _put_in_place(self) -> None:
        if self._parts is None:
            with durable("bucket.put"):
                obstore.put(self._store, self._key, bytes(self._kept), mode="create")
        else:
            self._finish_parts()
            with durable("bucket.copy"):
                obstore.copy(self._store, self._draft, self._key, overwrite=False)

    def _send(self, piece: bytes) -> None:
        with answering():
            if self._parts is None:
                self._parts = obstore.open_writer(
                    self._store, self._draft, buffer_size=_PART, max_concurrency=_AT_ONCE
                )
                with durable("bucket.part"):
                    self._parts.write(bytes(self._kept))
                self._kept = bytearray()
            with durable("bucket.part"):
                self._parts.write(piece)

    def _finish_parts(self) -> None:
        parts, self._parts = self._parts, None
        try:
            with durable("bucket.parts"):
                parts.close()
        except BaseException:
            self._parts = parts
            raise

    def _give_up_parts(self) -> None:
        """Have the store forget the parts it was sent: leaving by a fault aborts, closing would complete."""
        if self._parts is not None:
            stop = RuntimeError("given up")
            self._parts.__exit__(RuntimeError, stop, None)

    def _touch(self) -> None:
        """Show that this writer lives; Unavailable if it was silent so long that its draft was swept."""
        with answering():
            try:
                with durable("bucket.touch"):
                    self._mark = obstore.put(
                        self._store, self._draft, b"", mode={"e_tag": self._mark["e_tag"]}
                    )
            except (PreconditionError, FileNotFoundError):
                raise Unavailable(N_("Writing a recording took too long and was given up.")) from None
        self._touched = clock.ticking()

    def _is_ours(self) -> bool:
        """Whether what lies there is what we wrote: an answer was lost, and the request was made again."""
        if not self._tail or obstore.head(self._store, self._key)["size"] != self._size:
            return False
        start = self._size - len(self._tail)
        found = obstore.get_range(self._store, self._key, start=start, length=len(self._tail))
        return bytes(found) == self._tail
