"""One blob as a file: written as a draft, made durable, read by ranges; knows no other blobs."""

import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from kcc.errors import N_, Refused, Unavailable
from kcc.failpoints import durable
from kcc.synced import sync

_PIECE = 262_144
"""Bytes of one write call: larger ones were several times slower."""


class BlobGone(Unavailable):
    """There is no blob of this name on a volume that is there."""

    code = "blob_gone"


class BlobExists(Refused):
    """A blob of this name is there already; it is never replaced."""

    code = "blob_exists"


def storage_fault(fault: OSError, name: str = "") -> Unavailable:
    """The Unavailable for a fault of the disk, `disk_full` or not, naming what it befell."""
    full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
    where = f"{name}: {fault.strerror}" if name else str(fault.strerror)
    return Unavailable(
        N_("The storage of recordings fails (%(reason)s)."), code="disk_full" if full else None, reason=where
    )


@contextmanager
def disk() -> Iterator[None]:
    """Turn a fault of the disk within the block into Unavailable."""
    try:
        yield
    except OSError as fault:
        raise storage_fault(fault) from fault


class FileWriter:
    """Writes one blob: `with folder.writer(name) as blob: blob.write(data); blob.commit()`; for one thread.

    `shards` are the folders whose own entry this process has made durable.
    """

    def __init__(self, draft: Path, place: Path, shards: set[Path]) -> None:
        self._draft, self._place, self._shards = draft, place, shards
        self._descriptor, self._left = -1, False

    def __enter__(self) -> Self:
        with disk(), durable("draft.create"):
            self._descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)  # dies with us, and then the draft may be swept
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            if self._left:
                return
            # Of a committed blob only a second name; what stays, the sweep removes.
            with suppress(OSError), durable("draft.remove"):
                self._draft.unlink(missing_ok=True)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes; Unavailable when the disk is full or fails."""
        rest = memoryview(data).cast("B")
        with disk():
            while len(rest):
                with durable("draft.write"):
                    rest = rest[os.write(self._descriptor, rest[:_PIECE]) :]

    def commit(self) -> None:
        """Make the blob appear, whole and durable: data, name, folder; BlobExists if the name is taken."""
        with disk():
            with durable("draft.sync"):
                os.fsync(self._descriptor)
            self._make_shard()
            try:
                with durable("blob.link"):
                    os.link(self._draft, self._place)  # a rename would silently replace what is there
            except FileExistsError:
                raise BlobExists(N_("There is stored sound under this name already.")) from None
            try:
                with durable("blob.sync"):
                    sync(self._place.parent)
            except OSError:
                with durable("blob.unlink"):
                    self._place.unlink()
                raise

    def leave(self) -> None:
        """Keep the draft when the block ends; no longer locked, it is the sweep's."""
        self._left = True

    def _make_shard(self) -> None:
        shard = self._place.parent
        if shard not in self._shards:
            with suppress(FileExistsError), durable("shard.make"):
                shard.mkdir(mode=0o700)
            with durable("shard.sync"):
                sync(shard.parent)  # also when another made it: it may not have come to this line yet
            self._shards.add(shard)


class FileBlob:
    """An open blob; threads may read it together, and `close` waits for none of them."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self._lock = threading.Lock()
        self._readers, self._closed = 0, False

    def read_at(self, start: int, length: int) -> bytes:
        """`length` bytes from `start`, fewer at the end."""
        with self._lock:
            if self._closed:
                raise ValueError("this blob is closed")
            self._readers += 1
        try:
            with disk():
                return os.pread(self._descriptor, length, start)
        finally:
            self._leave()

    def close(self) -> None:
        """Close the file once its last reader is done: its number may become another's."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._readers += 1
        self._leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _leave(self) -> None:
        with self._lock:
            self._readers -= 1
            if self._closed and not self._readers:
                os.close(self._descriptor)
