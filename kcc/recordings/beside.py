"""What lies beside a recorded sound and says whose call it is: a sidecar, SIPREC metadata, a vCon or the call
records of the folder; recognised by content, taken in elsewhere.
"""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from kcc import clock
from kcc.config import Settings
from kcc.errors import N_, Invalid
from kcc.recorder_settings import Cdr
from kcc.recordings.source_files import SOUND_SUFFIXES, Source, SourceFault
from kcc.recordings.sources import cdr, sidecar, signed, siprec, vcon
from kcc.recordings.sources.content import Content
from kcc.recordings.sources.described import Described, whole
from kcc.recordings.sources.metadata import MetadataInvalid, unusable

SUFFIXES = (".json", ".xml", ".vcon.json", ".vcon")
"""Of what lies beside NAME.wav, in the order in which it is looked for."""
_VCON_SIGNS = (b'"vcon"', b'"dialog"', b'"payload"', b'"parties"')


def find(sound: Path) -> Source | None:
    """The file beside a sound that describes it, open; None if there is none."""
    for suffix in SUFFIXES:
        try:
            return Source(sound.with_suffix(suffix))
        except SourceFault as fault:
            if fault.code != "file_vanished":
                raise
    return None


def is_vcon(head: bytes) -> bool:
    """Whether a JSON file is a vCon and no sidecar, by its first bytes."""
    return not head.lstrip().startswith(b"<") and any(sign in head for sign in _VCON_SIGNS)


def describe(source: Source, settings: Settings, recorder: str = "") -> tuple[Described, Content]:
    """What the file says of the sound beside it, and the hashes that the sound must have; MetadataInvalid.

    `recorder` is whose folder it is: a sidecar need not say so, and may say nothing else.
    """
    head = source.read(sidecar.FILE_BYTES)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return siprec.describe(source.read(siprec.FILE_BYTES), settings.siprec), Content()
    if is_vcon(head):
        return _vcon(source, settings)
    call = sidecar.parse(head, {"recorder": recorder} if recorder else None)
    if call.recorder is None:
        missing = Invalid(
            "recorder", N_("The key %(key)s is missing."), code="metadata_missing", key="recorder"
        )
        raise MetadataInvalid((missing,))
    return whole(call.recorder, call), Content()


def _vcon(source: Source, settings: Settings) -> tuple[Described, Content]:
    data = source.read(settings.vcons.max_mb * 1024 * 1024)
    found = vcon.read(data, settings.vcons, signed.load(settings.vcons.certificates), clock.now())
    if len(found) > 1:
        raise unusable(N_("The vCon beside this sound describes several recordings."))
    return found[0].described, Content(digests=found[0].content.digests)


Neighbours = Callable[[Path], tuple[Path, Callable[[], frozenset[str]]]]
"""Of a sound: where its call records would lie, and how to list the names, without suffix, of all sounds in
question; that is asked only when the records are read, not for each sound.
"""


def neighbours(sound: Path) -> tuple[Path, Callable[[], frozenset[str]]]:
    """Where sounds lie beside their call records: all of that folder."""
    return sound.with_name(cdr.FILE_NAME), partial(_sounds_in, sound.parent)


def _sounds_in(folder: Path) -> frozenset[str]:
    return frozenset(one.stem for one in folder.iterdir() if _is_sound(one))


class CallRecords:
    """The call records (Master.csv) of the folder that is being taken in, read once for all its sounds."""

    def __init__(self, settings: Settings, near: Neighbours = neighbours) -> None:
        self._settings, self._near = settings.cdr, near
        self._lock = threading.Lock()
        self._of: tuple[Path, int, int] | None = None
        self._wanted: frozenset[str] = frozenset()
        self._records = cdr.Records()

    def describe(self, sound: Path) -> Described | None:
        """The call of a sound, None if no call records lie beside it; raises MetadataInvalid."""
        place, sounds = self._near(sound)
        if not place.is_file():
            return None
        with self._lock:
            found = place.stat()
            if self._of != (place, found.st_size, found.st_mtime_ns) or sound.stem not in self._wanted:
                self._wanted = sounds()
                self._records = read_records(place, self._settings.max_mb, self._wanted, self._settings)
                self._of = (place, found.st_size, found.st_mtime_ns)
            rows = self._records.rows.get(sound.stem, [])
        return cdr.describe(rows, self._settings, sound.suffix)


def read_records(place: Path, max_mb: int, wanted: frozenset[str] | None, settings: Cdr) -> cdr.Records:
    """The records in a file, of these sounds (None: counted alone); the file may grow meanwhile."""
    with Source(place) as source:
        if place.stat().st_size > max_mb * 1024 * 1024:
            raise unusable(N_("The call records are larger than %(limit)s MiB."), limit=max_mb)
        return cdr.read(_lines(source), settings, wanted)


def _lines(source: Source) -> Iterator[str]:
    """Whole lines: the last one may still be being written. A line without end is cut, and is no row then."""
    rest = b""
    try:
        for piece in source.pieces():
            *lines, rest = (rest + bytes(piece)).split(b"\n")
            yield from (line.decode("utf-8", "replace").rstrip("\r") for line in lines)
            rest = rest[-2 * cdr.ROW_CHARACTERS :]
    except SourceFault as fault:
        if fault.code != "file_changing":
            raise


def _is_sound(path: Path) -> bool:
    return path.suffix.lower() in SOUND_SUFFIXES
