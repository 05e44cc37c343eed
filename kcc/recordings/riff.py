"""Walking the chunks of a RIFF WAVE file as its bytes stream past, before its sound and after it; the sound
itself is formats'.
"""

import struct

from kcc.errors import N_
from kcc.recordings import unknown_sound
from kcc.recordings.sound import Encoding, Head
from kcc.recordings.unknown_sound import UnknownSound
from kcc.recordings.wave_format import read_format

HEAD_BYTES = 65_536
"""The sound must begin within this many first bytes; no recorder needs more, and memory stays flat."""
TRAILER_BYTES = 1_048_576
"""More than this after the sound (tags, padding) is a hiding place, not a tag."""

_RIFF, _OTHER_RIFFS = b"RIFF", {b"RIFX", b"RF64", b"BW64"}
_CHUNK = struct.Struct("<4sI")
# What programs leave in the data size when they cannot seek back to write it: nothing, all ones (also
# with the header subtracted), SoX's and ALSA's largest numbers.
_PLACEHOLDERS = {0, 0xFFFFFFFF, 0xFFFFFFDB, 0x7FFFF000, 0x7FFFFFFF, 0x7FFFFFDB, 0x80000000}


class Start:
    """Gathers the file up to where its sound begins; believes no RIFF size, for it is often stale."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self._seen = bytearray()
        self._at = 0  # where the next chunk begins
        self._padded = False
        self._format: tuple[Encoding, int, int] | None = None

    def feed(self, data: memoryview) -> memoryview:
        """Take what is needed; gives back the bytes from where the sound begins."""
        kept = data[: HEAD_BYTES - len(self._seen)]
        self._seen += kept
        if self._at > 0 or self._recognise():
            while self.head is None and self._step():
                pass
        if self.head is not None:
            return data[len(kept) - (len(self._seen) - self.head.data_offset) :]
        if len(self._seen) == HEAD_BYTES:
            raise unknown_sound.begins_late()
        return data[len(kept) :]

    def unfinished(self) -> UnknownSound:
        """Why the file ended before its sound began."""
        seen = bytes(self._seen)
        if not seen:
            return unknown_sound.empty()
        if not _RIFF.startswith(seen[:4]):
            return unknown_sound.unknown(seen)
        if self._at > 0 and self._at == len(seen) == 8 + int.from_bytes(seen[4:8], "little"):
            return unknown_sound.malformed(N_("The WAV file has no part that holds sound."))
        return unknown_sound.truncated()

    def _recognise(self) -> bool:
        seen = bytes(self._seen[:12])
        if len(seen) >= 4 and seen[:4] in _OTHER_RIFFS:
            raise unknown_sound.unsupported(
                N_("This is a %(kind)s file; kcc takes RIFF WAVE files."),
                kind=seen[:4].decode("ascii"),
            )
        if len(seen) >= 4 and seen[:4] != _RIFF:
            raise unknown_sound.unknown(seen)
        if len(seen) < 12:
            return False
        if seen[8:] != b"WAVE":
            raise unknown_sound.unknown(seen)
        self._at = 12
        return True

    def _step(self) -> bool:
        """Take the next chunk; False when more bytes are needed first."""
        if self._padded and len(self._seen) > self._at:
            # Some writers leave the padding out: only a NUL is padding, for no chunk's name begins with one.
            self._at += self._seen[self._at] == 0
            self._padded = False
        if self._padded or len(self._seen) < self._at + _CHUNK.size:
            return False
        name, size = _CHUNK.unpack_from(self._seen, self._at)
        body = self._at + _CHUNK.size
        if name == b"data":
            self.head = self._open(body, size)
            return True
        if not is_name(name):
            raise unknown_sound.malformed(N_("The WAV file holds something that is no part of a WAV file."))
        if body + size + _CHUNK.size > HEAD_BYTES:
            raise unknown_sound.begins_late()
        if len(self._seen) < body + size:
            return False
        if name == b"fmt ":
            self._describe(bytes(self._seen[body : body + size]))
        self._at, self._padded = body + size, size % 2 == 1
        return True

    def _describe(self, body: bytes) -> None:
        if self._format is not None:
            raise unknown_sound.malformed(N_("The WAV file says twice how its sound is written."))
        self._format = read_format(body)

    def _open(self, offset: int, size: int) -> Head:
        if self._format is None:
            raise unknown_sound.malformed(N_("The WAV file does not say how its sound is written."))
        head = Head(*self._format, offset, None if size in _PLACEHOLDERS else size)
        if head.declared_bytes is not None and head.declared_bytes % head.frame_bytes:
            raise unknown_sound.truncated()
        return head


class Trailer:
    """Walks the chunks after the sound piece by piece, keeping no more than one chunk's head."""

    def __init__(self, *, padded: bool) -> None:
        self.chunks = 0
        self._begun = bytearray()
        self._skip = 0
        self._padded = padded
        self._zeros = False  # only padding from here on
        self._total = 0

    def feed(self, data: memoryview) -> None:
        """Take the next bytes; raises UnknownSound when they are no chunks."""
        self._total += len(data)
        if self._total > TRAILER_BYTES:
            raise unknown_sound.malformed(N_("The WAV file has more than 1 MiB after its sound."))
        while data:
            data = data[self._take(data) :]

    def finish(self) -> None:
        """Raises UnknownSound when the last chunk is not whole; its padding may be missing, or no NUL."""
        begun = bytes(self._begun)
        padding = not any(begun) or (self._padded and len(begun) == 1)
        if not padding and not is_name(begun[:4]):
            raise unknown_sound.goes_on()
        if self._skip or not padding:
            raise unknown_sound.truncated()

    def _take(self, data: memoryview) -> int:
        if self._skip:
            taken = min(self._skip, len(data))
            self._skip -= taken
            return taken
        if self._zeros:
            if bytes(data).count(0) != len(data):
                raise unknown_sound.goes_on()
            return len(data)
        if self._padded and not self._begun and data[0] == 0:
            self._padded = False
            return 1
        taken = min(_CHUNK.size - len(self._begun), len(data))
        self._begun += data[:taken]
        if len(self._begun) == _CHUNK.size:
            self._open(*_CHUNK.unpack(self._begun))
        return taken

    def _open(self, name: bytes, size: int) -> None:
        self._zeros = not any(self._begun)
        if self._zeros:
            return
        if not is_name(name):
            raise unknown_sound.goes_on()
        if name in (b"data", b"fmt "):
            raise unknown_sound.malformed(N_("The WAV file holds a second sound after the first."))
        self._begun.clear()
        self._skip, self._padded = size, size % 2 == 1
        self.chunks += 1


def is_name(name: bytes) -> bool:
    """Whether these four bytes can name a chunk."""
    return all(0x20 <= byte <= 0x7E for byte in name)
