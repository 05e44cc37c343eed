"""Blobs in a local folder: fan-out, volume marker, sweeping; one blob's own file is in files."""

import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from kcc.errors import N_, Invalid, Unavailable
from kcc.failpoints import durable
from kcc.synced import sync
from kcc.vault.files import BlobGone, FileBlob, FileWriter, disk, storage_fault

MARKER = ".kcc-volume"
"""The file that says "this is the volume"; without it an unmounted disk would look like an empty one."""

_VERSION = "kcc volume 1"
_ARRIVING = ".arriving"
_NAME = re.compile(r"[a-z0-9]{8,64}")
_SHARD = re.compile(r"[a-z0-9]{2}")


class Folder:
    """A folder of blobs, `ab/abcdef...`, marked as a volume; drafts lie in `.arriving` until committed."""

    def __init__(self, path: Path) -> None:
        """The volume at `path`; Unavailable when it is not mounted (no marker)."""
        self._path = path
        self._shards: set[Path] = set()
        self.check()

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make an empty or absent folder a volume; one that is a volume already stays as it is."""
        with disk():
            with durable("volume.make"):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not (path / MARKER).exists():
                if any(entry.name not in ("lost+found", _ARRIVING) for entry in path.iterdir()):
                    raise Unavailable(
                        N_("The folder for recordings is not empty and is not a volume of kcc.")
                    )
                with durable("volume.arriving"):
                    (path / _ARRIVING).mkdir(mode=0o700, exist_ok=True)
                with durable("volume.mark"):
                    (path / MARKER).write_text(f"{_VERSION}\n{secrets.token_hex(16)}\n")
                for changed in (path / MARKER, path, path.parent):
                    with durable("volume.sync"):
                        sync(changed)
        return cls(path)

    def check(self) -> None:
        """Unavailable when the volume is not there."""
        try:
            (self._path / MARKER).stat()
        except OSError as fault:
            raise Unavailable(
                N_("The volume of recordings is not mounted (%(reason)s)."), reason=str(fault.strerror)
            ) from fault

    def writer(self, name: str) -> FileWriter:
        """A writer for a new blob; nothing is there under the name until it is committed."""
        place = self._place(name)
        draft = self._path / _ARRIVING / f"{name}.{secrets.token_hex(4)}"
        return FileWriter(draft, place, self._shards)

    def open(self, name: str) -> FileBlob:
        """The blob, open for reading; BlobGone when there is none."""
        place = self._place(name)
        try:
            return FileBlob(os.open(place, os.O_RDONLY))
        except FileNotFoundError:
            self.check()  # an absent volume says nothing about the blob
            raise BlobGone(N_("The stored sound is gone.")) from None
        except OSError as fault:
            raise storage_fault(fault, name) from fault

    def delete(self, names: Sequence[str]) -> None:
        """Remove these blobs durably; a missing one is fine; all are tried before a fault is raised."""
        places = [self._place(name) for name in names]
        self.check()
        shards = sorted({place.parent for place in places})
        faults = [*_each("blob.unlink", Path.unlink, places), *_each("blob.gone", sync, shards)]
        self.check()  # "not found" on a volume that went away meanwhile is no erasure
        if faults:
            raise faults[0]

    def names(self) -> Iterator[str]:
        """The names of all blobs, shard by shard; Unavailable rather than a short list."""
        self.check()
        with disk():
            for shard in sorted(entry for entry in self._path.iterdir() if _SHARD.fullmatch(entry.name)):
                yield from sorted(entry.name for entry in shard.iterdir() if _NAME.fullmatch(entry.name))
        self.check()

    def present(self, name: str) -> bool:
        """Whether there is a blob of this name; Unavailable when the volume is not there."""
        return self._written(name) is not None

    def older(self, name: str, before: datetime) -> bool:
        """Whether there is a blob of this name that was last written before an instant."""
        written = self._written(name)
        return written is not None and written < before.timestamp()

    def abandoned(self, older_than: datetime) -> set[str]:
        """The names of which there is a draft that `sweep` would remove."""
        self.check()
        with disk():
            drafts = list((self._path / _ARRIVING).iterdir())
            return {
                d.name.partition(".")[0] for d in drafts if _stale(d, older_than.timestamp(), remove=False)
            }

    def sweep(self, older_than: datetime) -> int:
        """Remove the drafts last written before `older_than` that no living process is writing; how many."""
        with disk():
            drafts = list((self._path / _ARRIVING).iterdir())
            return sum(_stale(draft, older_than.timestamp(), remove=True) for draft in drafts)

    def arriving(self) -> set[str]:
        """The names of what is being written, or was left unfinished."""
        self.check()
        with disk():
            return {draft.name.partition(".")[0] for draft in (self._path / _ARRIVING).iterdir()}

    def identity(self) -> str:
        """What tells this volume from every other; a volume of before gets its own now."""
        self.check()
        with disk():
            lines = (self._path / MARKER).read_text().split("\n")
            if len(lines) < 2 or not lines[1]:
                draft = self._path / f"{MARKER}.{secrets.token_hex(4)}"
                with durable("volume.identify"):
                    draft.write_text(f"{_VERSION}\n{secrets.token_hex(16)}\n")
                    sync(draft)
                with durable("volume.identity"):
                    draft.replace(self._path / MARKER)
                    sync(self._path)
                lines = (self._path / MARKER).read_text().split("\n")
        return lines[1]

    def free_bytes(self) -> int:
        """Bytes that can still be written."""
        with disk():
            space = os.statvfs(self._path)
            return space.f_bavail * space.f_frsize

    def _written(self, name: str) -> float | None:
        """When a blob was last written; None when the volume is there and the blob is not."""
        place = self._place(name)
        with disk(), suppress(FileNotFoundError):
            return place.stat().st_mtime
        self.check()
        return None

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Invalid("name", N_("A stored file's name has 8 to 64 small letters and digits."))
        return self._path / name[:2] / name


def _each(point: str, act: Callable[[Path], None], paths: Sequence[Path]) -> Iterator[Unavailable]:
    """Do it to every path, and give the faults; one that is missing is none."""
    for path in paths:
        try:
            with durable(point):
                act(path)
        except FileNotFoundError:
            continue
        except OSError as fault:
            yield storage_fault(fault, path.name)


def _stale(draft: Path, before: float, *, remove: bool) -> bool:
    """Whether a draft was last written before an instant and no living process is writing it."""
    try:
        descriptor = os.open(draft, os.O_RDONLY)
    except FileNotFoundError:
        return False  # committed or given up meanwhile
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_mtime >= before:
            return False
        if remove:
            with durable("stray.remove"):
                draft.unlink(missing_ok=True)
    except BlockingIOError:
        return False  # a living writer holds it
    finally:
        os.close(descriptor)
    return True
