"""The PCM16 of a coded recording, made on first listening: pieces of 20 seconds, each sealed under the
recording's own key and gone with it; decoding is decoding's, serving is rendition's.
"""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

import structlog

from kcc.errors import N_, KccError, Unavailable
from kcc.recordings.decoding import decoder
from kcc.recordings.sound import Sound
from kcc.stores import Stores
from kcc.vault.blobs import BlobExists, BlobGone
from kcc.vault.sealing import SealedReader, SealingWriter

log = structlog.get_logger(__name__)

PIECE_SECONDS = 20
"""With it the names of all pieces follow from a row. Pieces of before a change would be read wrongly: whoever
changes it changes _MARK too, and lets the next sweep for strays know the old one.
"""
WAIT_SECONDS = 1.0
"""How long a range waits for its piece: short, because its right was asked before."""
AT_ONCE = 2
"""Decoders of one process at the same time; who comes later waits for a turn."""
_ID = 32
_MARK = "p"
"""No hexadecimal digit: the name of a piece is nobody's id."""


class StillMaking(Unavailable):
    """This part has not been decoded yet; ask again in a moment."""

    code = "sound_making"


def recording_of(name: str) -> str:
    """The id of the recording to which a blob of this name belongs, be it the sound itself or a piece."""
    id_, mark, number = name[:_ID], name[_ID : _ID + 1], name[_ID + 1 :]
    return id_ if mark == _MARK and number.isdigit() else name


def piece_bytes(sound: Sound) -> int:
    """Bytes of PCM16 in each piece but the last."""
    return PIECE_SECONDS * sound.rate * 2 * sound.channels


def names(recording_id: str, sound: Sound) -> list[str]:
    """The names of all pieces that there may be of a recording; none of one that needs no decoder."""
    if not sound.encoding.coded:
        return []
    return [_name(recording_id, number) for number in range(-(-sound.data_bytes // piece_bytes(sound)))]


def _name(recording_id: str, number: int) -> str:
    return f"{recording_id}{_MARK}{number:04d}"


def _associated(recording_id: str, number: int) -> bytes:
    return f"{recording_id} pcm16 {number}".encode()


@dataclass(slots=True)
class Making:
    """One recording being decoded in this process: how many pieces there are, and what went wrong."""

    made: int = 0
    fault: KccError | None = None
    ended: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, *, made: int | None = None, fault: KccError | None = None, ended: bool = False) -> None:
        """Something happened: whoever waits looks again."""
        with self.changed:
            self.made = self.made if made is None else made
            self.fault, self.ended = fault or self.fault, ended
            self.changed.notify_all()

    def wait_for(self, number: int) -> None:
        """Wait a moment for a piece; raises what went wrong."""
        with self.changed:
            self.changed.wait_for(lambda: self.made > number or self.ended, WAIT_SECONDS)
            if self.made <= number and self.fault:
                raise self.fault


class Makers:
    """The decoders of one process: one a recording, a few at once.

    Another process may make the same pieces at the same time; whoever is second finds them there.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._running: dict[str, Making] = {}
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def ensure(self, recording_id: str, sound: Sound, key: bytes) -> Making:
        """See to it that the pieces are being made; gives how far that is."""
        with self._lock:
            found = self._running.get(recording_id)
            if found is None:
                found = self._running[recording_id] = Making()
                work = partial(self._make, recording_id, sound, key, found)
                threading.Thread(target=work, name="decoding", daemon=True).start()
            return found

    def _make(self, recording_id: str, sound: Sound, key: bytes, making: Making) -> None:
        fault: KccError | None = None
        try:
            with self._turns, self._stores.blobs.open(recording_id) as blob:
                reader = SealedReader(key, recording_id.encode(), blob.read_at, blob.size)
                pcm = decoder.pcm(self._stores.settings.decoding, sound, reader.read, reader.size)
                with closing(pcm):  # whatever happens, the decoder's process ends here
                    self._cut(recording_id, sound, key, making, pcm)
        except KccError as refused:
            log.warning("not decoded", recording=recording_id, code=refused.code)
            fault = refused
        except Exception as unexpected:
            log.exception("not decoded", recording=recording_id, error=type(unexpected).__name__)
            fault = Unavailable(N_("This sound cannot be decoded now."), code="decoding_failed")
        finally:
            with self._lock:
                self._running.pop(recording_id, None)
            making.tell(fault=fault, ended=True)

    def _cut(self, recording_id: str, sound: Sound, key: bytes, making: Making, pcm: Iterator[bytes]) -> None:
        size, number, waiting = piece_bytes(sound), 0, bytearray()
        for part in pcm:
            waiting += part
            while len(waiting) >= size:
                self._keep(recording_id, key, number, waiting[:size])
                del waiting[:size]
                number += 1
                making.tell(made=number)
        if waiting:
            self._keep(recording_id, key, number, waiting)
            making.tell(made=number + 1)

    def _keep(self, recording_id: str, key: bytes, number: int, pcm: bytearray) -> None:
        """Seal one piece. If the recording was erased meanwhile nothing stays: its key went first (RET-8)."""
        name, blobs = _name(recording_id, number), self._stores.blobs
        if not blobs.present(name):
            try:
                with blobs.writer(name) as blob:
                    sealing = SealingWriter(key, _associated(recording_id, number), blob.write)
                    sealing.write(pcm)
                    sealing.finish()
                    blob.commit()
            except BlobExists:
                pass  # another process was first
        if recording_id not in self._stores.keys.holds([recording_id]):
            blobs.delete([name])
            raise BlobGone(N_("The stored sound is gone."))


class Pieces:
    """The decoded sound as one run of PCM16, read by ranges while it may still be made."""

    def __init__(self, stores: Stores, makers: Makers, recording_id: str, sound: Sound, key: bytes) -> None:
        self._stores, self._makers = stores, makers
        self._id, self._sound, self._key = recording_id, sound, key
        self._size = piece_bytes(sound)
        self._names = names(recording_id, sound)
        if not stores.blobs.present(self._names[-1]):
            self._ensure()

    def read(self, start: int, length: int) -> bytes:
        """`length` bytes from `start`, fewer at the end; StillMaking if they do not come within a moment."""
        end, parts = min(start + length, self._sound.data_bytes), []
        while start < end:
            number, offset = divmod(start, self._size)
            part = self._from(number, offset, min(end - start, self._size - offset))
            if not part:
                raise EOFError("a piece of the decoded sound is shorter than it was made")
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def made(self) -> int:
        """How many bytes from the start can be read now."""
        low, high = 0, len(self._names)
        while low < high:  # pieces are made in order
            middle = (low + high) // 2
            if self._stores.blobs.present(self._names[middle]):
                low = middle + 1
            else:
                high = middle
        return min(low * self._size, self._sound.data_bytes)

    def _ensure(self) -> Making:
        return self._makers.ensure(self._id, self._sound, self._key)

    def _from(self, number: int, offset: int, length: int) -> bytes:
        """Bytes of one piece, waiting a moment for it if it is not there."""
        try:
            return self._opened(number, offset, length)
        except BlobGone:
            self._ensure().wait_for(number)
        try:
            return self._opened(number, offset, length)
        except BlobGone:
            percent = 100 * self.made() // max(self._sound.data_bytes, 1)
            sentence = N_("The sound is being prepared: %(percent)s%% is ready.")
            raise StillMaking(sentence, percent=str(percent)) from None

    def _opened(self, number: int, offset: int, length: int) -> bytes:
        with self._stores.blobs.open(self._names[number]) as blob:
            sealed = SealedReader(self._key, _associated(self._id, number), blob.read_at, blob.size)
            return sealed.read(offset, length)
