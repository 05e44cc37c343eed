"""Taking a call's files over from a drop folder: by renaming them into a folder of its own, so that nobody
else takes them and whoever comes after a crash goes on; what is done with them is the round's.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from kcc.db import new_id
from kcc.failpoints import durable
from kcc.recordings.drop.looking import WORK, Bundle, Signature
from kcc.recordings.source_files import SOUND_SUFFIXES

LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """Files that were taken over: whence, under which names, since when, and when they are tried again."""

    root: Path
    id: str
    folder: str
    names: tuple[str, ...]
    since: datetime
    attempts: int
    next_try: datetime
    moves: Mapping[str, str] = field(default_factory=dict)
    """Once it is refused: under which name each file is kept."""

    @property
    def place(self) -> Path:
        """Where the files are now."""
        return self.root / WORK / self.id

    @property
    def note(self) -> Path:
        """Where it is written down."""
        return self.root / WORK / f"{self.id}.json"

    def left(self) -> list[str]:
        """Names of the files that are there."""
        with suppress(FileNotFoundError):
            return sorted(os.listdir(self.place))  # noqa: PTH208 - names, which may be no UTF-8
        return []

    def put_off(self, now: datetime) -> "Claim":
        """Try again later: after 1, 2, 4 … minutes, an hour at most."""
        wait = min(timedelta(minutes=2 ** min(self.attempts, 6)), LONGEST_WAIT)
        later = replace(self, attempts=self.attempts + 1, next_try=now + wait)
        with suppress(OSError):  # a disk without room: tried again at the next round
            _write(later)
        return later

    def refuse(self, moves: Mapping[str, str]) -> None:
        """Write down that it is refused, so that it is not judged again after a crash; OSError."""
        _write(replace(self, moves=moves))

    def end(self) -> None:
        """Forget the claim; files that are still there are the next round's."""
        with suppress(OSError):
            with durable("claim.empty"):
                self.place.rmdir()
            with durable("claim.forget"):
                self.note.unlink(missing_ok=True)


def take(root: Path, bundle: Bundle, since: datetime) -> Claim | None:
    """Take a bundle over that is as it is since a moment; None if another was first, or if it is no longer
    what was seen. OSError if the folder cannot be written.
    """
    claim = Claim(root, new_id(), bundle.folder, bundle.names, since, 0, since)
    with durable("claim.make"):
        claim.place.mkdir(mode=0o700)
    _write(claim)
    complete(claim)
    if _signature(claim) == bundle.signature:
        return claim
    give_back(claim)
    return None


def noted(claim: Claim) -> Claim:
    """With what stands in its note by now: it may be refused already."""
    return replace(claim, moves=_read(claim.root, claim.id, claim.since).moves)


def complete(claim: Claim) -> None:
    """Bring over what is not here yet: the first moment, or a crash in the midst of it.

    The folders on the way are opened one by one, so that none is a link that leads elsewhere.
    """
    with suppress(FileNotFoundError), _opened(claim.root, claim.folder) as source:
        for name in claim.names:
            if not os.path.lexists(claim.place / name):
                try:
                    with durable("claim.take"):
                        os.rename(name, claim.place / name, src_dir_fd=source)
                except FileNotFoundError:
                    if name == claim.names[0] and not claim.left():
                        return  # another was first: what goes with it is the other's, too


def give_back(claim: Claim) -> None:
    """Put everything where it was, unless something new lies there."""
    with suppress(FileNotFoundError), _opened(claim.root, claim.folder) as target:
        taken = set(os.listdir(target))  # noqa: PTH208 - by its descriptor
        for name in claim.left():
            if name not in taken:
                with durable("claim.return"):
                    os.rename(claim.place / name, name, dst_dir_fd=target)
    claim.end()


def kept(root: Path, now: datetime) -> Iterator[Claim]:
    """Claims of before whose moment has come, whole again; also what a crash left without a note."""
    work = root / WORK
    for name in sorted(os.listdir(work)):  # noqa: PTH208 - as above
        lone = name.endswith(".json") and not (work / name.removesuffix(".json")).is_dir()
        if lone or name.endswith(".draft"):
            with durable("claim.clear"):
                (work / name).unlink(missing_ok=True)
        elif (work / name).is_dir() and not (work / name).is_symlink():
            claim = _read(root, name, now)
            if not claim.next_try - LONGEST_WAIT <= now < claim.next_try:
                complete(claim)
                yield claim


def waiting(root: Path) -> int:
    """How many claims there are."""
    return sum(1 for one in (root / WORK).iterdir() if one.is_dir())


def _signature(claim: Claim) -> Signature:
    found = []
    for name in claim.names:
        with suppress(FileNotFoundError):
            state = (claim.place / name).lstat()
            found.append((name, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns))
    return tuple(found)


def _write(claim: Claim) -> None:
    values = asdict(claim) | {"since": claim.since.isoformat(), "next_try": claim.next_try.isoformat()}
    del values["root"], values["id"]
    draft = claim.note.with_suffix(".draft")
    with durable("claim.write"):
        draft.write_text(json.dumps(values))
    with durable("claim.note"):
        os.replace(draft, claim.note)  # noqa: PTH105 - beside os.rename


def _read(root: Path, id_: str, now: datetime) -> Claim:
    """The claim of this name; without a readable note its files count as taken over now, from the top."""
    try:
        values = json.loads((root / WORK / f"{id_}.json").read_text())
        moments = {name: datetime.fromisoformat(values[name]) for name in ("since", "next_try")}
        names = tuple(Path(str(name)).name for name in values["names"])
        moves = {str(name): Path(kept).name for name, kept in values["moves"].items()}
        folder, attempts = str(values["folder"]), int(values["attempts"])
        return Claim(root, id_, folder, names, attempts=attempts, moves=moves, **moments)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        bare = Claim(root, id_, "", (), now, 0, now)
        return replace(bare, names=tuple(bare.left()))


@contextmanager
def _opened(root: Path, folder: str) -> Iterator[int]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    descriptor = os.open(root, flags)
    try:
        for part in Path(folder).parts:
            inner = os.open(part, flags | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def destroy(place: Path, names: Iterable[str]) -> None:
    """Remove these files; what is gone already is as good. Sounds go first: one whose metadata went before it
    could after a crash be kept as nobody's, though it may not be kept at all (PUR-4, RET-1).
    """
    for name in sorted(names, key=lambda name: not name.lower().endswith(SOUND_SUFFIXES)):
        with durable("claim.remove"):
            (place / name).unlink(missing_ok=True)
