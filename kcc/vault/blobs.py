"""What kcc asks of any store of sealed bytes, be it a folder or (in s3) a bucket; knows no keys."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from kcc.vault.files import BlobExists, BlobGone
from kcc.vault.folder import Folder

__all__ = ["Blob", "BlobExists", "BlobGone", "BlobWriter", "Blobs", "Folder"]


class BlobWriter(Protocol):
    """A blob on its way in; leaving the block without `commit` leaves nothing behind."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give up, unless committed."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes."""

    def commit(self) -> None:
        """Make the blob appear, whole and durable; BlobExists if the name is taken."""

    def leave(self) -> None:
        """Keep the draft when the block ends, for the sweep: something is left that only it leads to."""


class Blob(Protocol):
    """A blob open for reading, by several threads at once."""

    size: int

    def read_at(self, start: int, length: int) -> bytes:
        """`length` bytes from `start`, fewer at the end."""

    def close(self) -> None:
        """Let go of it."""

    def __enter__(self) -> Self:
        """Itself."""

    def __exit__(self, *_: object) -> None:
        """Close."""


class Blobs(Protocol):
    """A store of blobs by name ([a-z0-9]{8,64}); every fault of it is an Unavailable."""

    def writer(self, name: str) -> BlobWriter:
        """A writer for a new blob."""

    def open(self, name: str) -> Blob:
        """The blob; BlobGone when the store is there and the blob is not."""

    def delete(self, names: Sequence[str]) -> None:
        """Remove these durably; a missing one is fine; all are tried before the first fault is raised."""

    def names(self) -> Iterator[str]:
        """All blobs' names; never a short list because the store went away."""

    def present(self, name: str) -> bool:
        """Whether there is a blob of this name."""

    def older(self, name: str, before: datetime) -> bool:
        """Whether there is a blob of this name that was last written before an instant."""

    def abandoned(self, older_than: datetime) -> set[str]:
        """The names of what `sweep` would remove."""

    def sweep(self, older_than: datetime) -> int:
        """Remove what unfinished writers left before `older_than`; how many."""

    def free_bytes(self) -> int | None:
        """Bytes that can still be written; None where the store does not say."""

    def arriving(self) -> set[str]:
        """The names of what is being written, or was left unfinished."""

    def identity(self) -> str:
        """What tells this volume from every other; made when it has none yet."""

    def check(self) -> None:
        """Unavailable when the store is not there."""
