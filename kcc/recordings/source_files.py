"""Files that a recorder left in a folder: finding, reading and removing them with care; what is in them is
not known here.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from kcc.errors import N_, KccError
from kcc.failpoints import durable

PIECE = 262_144
COMPANIONS = (".vcon.json", ".json", ".xml", ".vcon")
"""The endings of files that describe the sound of the same name."""
SOUND_SUFFIXES = (
    *(".wav", ".mp3", ".ogg", ".opus", ".oga", ".webm", ".mka", ".flac", ".m4a", ".mp4", ".amr"),
    *(".gsm", ".g722", ".alaw", ".al", ".ulaw", ".ul", ".raw"),
)
"""Which files of a folder may be sounds; what they are, their bytes say."""


class SourceFault(KccError):
    """A file that cannot be taken: file_vanished, file_unreadable, file_irregular or file_changing."""

    status = 422


def found_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files of these folders and files, a folder at a time in order; no symbolic link is followed.

    The sidecar of a sound comes with its sound, not by itself.
    """
    for path in paths:
        if path.is_dir():
            yield from _within(path)
        elif not _goes_with_sound(path, path.parent):
            yield path


def _within(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        sounds = {Path(name).stem for name in names if name.lower().endswith(SOUND_SUFFIXES)}
        for name in sorted(names):
            if name[0] != "." and describes(name) not in sounds:
                yield Path(place, name)


def _goes_with_sound(path: Path, folder: Path) -> bool:
    suffixes = (*SOUND_SUFFIXES, *(suffix.upper() for suffix in SOUND_SUFFIXES))
    name = describes(path.name)
    return name is not None and any((folder / (name + s)).exists() for s in suffixes)


def describes(name: str) -> str | None:
    """The name, without suffix, of the sound that a file of this name describes; None for any other file."""
    suffix = next((one for one in COMPANIONS if name.endswith(one)), None)
    return name.removesuffix(suffix) if suffix else None


class Source:
    """One file, opened once: what is removed later is what was read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Never a link's target, and no waiting for the other end of a pipe.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as fault:
            raise _fault(fault, path) from fault
        self._as_opened = os.fstat(self._descriptor)
        if not stat.S_ISREG(self._as_opened.st_mode):
            self.close()
            raise SourceFault(N_("This is no ordinary file."), code="file_irregular")

    @property
    def size(self) -> int:
        """Bytes, when it was opened."""
        return self._as_opened.st_size

    def pieces(self) -> Iterator[memoryview]:
        """The file's bytes from its beginning, each piece good until the next; SourceFault if it fails or
        is being written.
        """
        buffer = memoryview(bytearray(PIECE))
        try:
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            while size := os.readv(self._descriptor, [buffer]):
                yield buffer[:size]
            now = os.fstat(self._descriptor)
        except OSError as fault:
            raise _fault(fault, self.path) from fault
        if not _same(now, self._as_opened):
            raise _changing()

    def read(self, limit: int) -> bytes:
        """The file's first bytes, one more than `limit` if there are more."""
        try:
            return os.pread(self._descriptor, limit + 1, 0)
        except OSError as fault:
            raise _fault(fault, self.path) from fault

    def remove(self, *, changed_too: bool = False) -> None:
        """Remove the file, unless another has come in its place or it was written meanwhile (SourceFault).

        `changed_too` removes it even if it is still being written.
        """
        try:
            now = self.path.lstat()
            if not (os.path.samestat(now, self._as_opened) if changed_too else _same(now, self._as_opened)):
                raise _changing()
            with durable("source.remove"):
                self.path.unlink()
        except OSError as fault:
            raise _fault(fault, self.path) from fault

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    def identity(found: os.stat_result) -> tuple[int, ...]:
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    return identity(one) == identity(other)


def _changing() -> SourceFault:
    return SourceFault(N_("This file is still being written."), code="file_changing")


def _fault(fault: OSError, path: Path) -> SourceFault:
    if isinstance(fault, FileNotFoundError):
        return SourceFault(N_("This file is no longer there."), code="file_vanished")
    if path.is_symlink():
        return SourceFault(N_("This is no ordinary file."), code="file_irregular")
    return SourceFault(
        N_("This file cannot be read or removed: %(reason)s."), code="file_unreadable", reason=fault.strerror
    )
