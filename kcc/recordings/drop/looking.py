"""What lies in a drop folder and has come to rest: files that belong together, and since when none of them
has changed; nothing is moved here.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from kcc.recordings.source_files import SOUND_SUFFIXES, describes
from kcc.recordings.sources import cdr
from kcc.sections import Drop

WORK, REFUSED = ".kcc", "refused"
"""kcc's own folders, at the top of a drop folder."""
REASON = ".reason.json"
CALL_RECORDS = cdr.FILE_NAME
"""The exchange's own file, which stays where it is."""
KINDS = ("sounds", "companions", "marks", "others")
UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".writing", "~")
"""Endings of names that writers take until they are done."""
ABANDONED = timedelta(hours=24)
"""After so long without a change nobody writes an unfinished file any more."""

Signature = tuple[tuple[str, int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one call, or one other file: names in `folder`, which counts from the drop folder."""

    folder: str
    sounds: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    """Files that only say that a call is whole, or why it was refused once."""
    others: tuple[str, ...] = ()
    odd: str | None = None
    """The code of why it may not be read: file_irregular or file_linked."""
    signature: Signature = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All its files, the one that is claimed first in front."""
        return self.sounds + self.companions + self.others + self.marks

    @property
    def unfinished(self) -> bool:
        """Whether its name says that somebody still writes it."""
        return any(name.lower().endswith(UNFINISHED) for name in self.others)


def look(drop: Drop) -> tuple[list[Bundle], int]:
    """Everything that lies there, and how many folders could not be read. No link is followed, and what is
    hidden is nobody's.
    """
    found: list[Bundle] = []
    unreadable: list[OSError] = []
    for place, folders, names in os.walk(drop.folder, onerror=unreadable.append):
        sub = os.path.relpath(place, drop.folder)
        own = (WORK, REFUSED) if sub == "." else ()
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in own)
        found += _bundles(drop, "" if sub == "." else sub, names)
    return found, len(unreadable)


def _bundles(drop: Drop, sub: str, names: list[str]) -> Iterator[Bundle]:
    groups: dict[str, dict[str, list[str]]] = {}
    for name in sorted(names):
        if not name.startswith(".") and name != CALL_RECORDS:
            stem, kind = _sorted(drop, name)
            groups.setdefault(stem, {}).setdefault(kind, []).append(name)
    for kinds in groups.values():
        sounds, companions, marks, others = (tuple(kinds.get(kind, ())) for kind in KINDS)
        bundle = Bundle(sub, sounds, companions, marks, others)
        if (signed := _signed(drop.folder / sub, bundle)) is not None:
            yield signed


def _sorted(drop: Drop, name: str) -> tuple[str, str]:
    """To which call a name belongs, and as what."""
    if name.endswith(REASON):
        return name.removesuffix(REASON), "marks"
    if drop.done_mark and name.endswith(drop.done_mark):
        stem = name.removesuffix(drop.done_mark)
        return (Path(stem).stem if stem.lower().endswith(SOUND_SUFFIXES) else stem), "marks"
    if name.lower().endswith(SOUND_SUFFIXES):
        return Path(name).stem, "sounds"
    stem_ = describes(name)
    return (stem_, "companions") if stem_ else (f"\0{name}", "others")


def _signed(folder: Path, bundle: Bundle) -> Bundle | None:
    """With what tells that it has changed; None when it is gone in the meantime."""
    try:
        states = [(name, (folder / name).lstat()) for name in bundle.names]
    except OSError:
        return None
    signature = tuple(
        (name, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns) for name, state in states
    )
    return replace(bundle, odd=_odd(state for _, state in states), signature=signature)


def oddity(place: Path, names: Iterable[str]) -> str | None:
    """Why these files may not be read: file_irregular (no file at all) or file_linked (a hard link)."""
    found = []
    for name in names:
        with suppress(FileNotFoundError):
            found.append((place / name).lstat())
    return _odd(found)


def _odd(states: Iterable[os.stat_result]) -> str | None:
    modes = [(stat.S_ISREG(state.st_mode), state.st_nlink) for state in states]
    if not all(regular for regular, _ in modes):
        return "file_irregular"
    return "file_linked" if any(links > 1 for _, links in modes) else None


class Memory:
    """Since when each bundle has been as it is, by our own clock: that of the files may be another's."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, tuple[str, ...]], tuple[Signature, datetime]] = {}

    def rested(self, bundles: list[Bundle], now: datetime) -> list[tuple[Bundle, timedelta]]:
        """Each bundle that was seen before as it is now, with for how long; the rest is remembered."""
        before, self._since = self._since, {}
        rested = []
        for bundle in bundles:
            key = (bundle.folder, bundle.names)
            signature, since = before.get(key, ((), now))
            if signature == bundle.signature and since <= now:
                self._since[key] = (signature, since)
                rested.append((bundle, now - since))
            else:
                self._since[key] = (bundle.signature, now)
        return rested
