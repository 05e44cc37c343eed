"""The form of a sound that every browser plays (WAV, PCM16), by arithmetic on ranges; stores nothing."""

import struct
from collections.abc import Callable

from kcc.recordings.samples import expand
from kcc.recordings.sound import Encoding, Sound
from kcc.vault.sealing import FIRST_BORDER

HEADER_BYTES = 44
MEDIA_TYPE = "audio/wav"
Read = Callable[[int, int], bytes | memoryview]
"""Gives `length` bytes from `start` of the file as it was recorded, or of the PCM16 it was decoded to; a view
need not last beyond the next call in the same thread.
"""


def header(rate: int, channels: int, pcm_bytes: int) -> bytes:
    """The canonical head of a WAV file with `pcm_bytes` bytes of PCM16."""
    frame = 2 * channels
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", HEADER_BYTES - 8 + pcm_bytes, b"WAVE"),
        *(b"fmt ", 16, 1, channels, rate, rate * frame, frame, 16),
        *(b"data", pcm_bytes),
    )


class Rendition:
    """A sound as the browser gets it; ranges map linearly onto the file as recorded, so seeking is free."""

    def __init__(self, sound: Sound, read: Read) -> None:
        self.sound = sound
        self._read = read
        self._pcm_bytes = sound.frames * sound.channels * 2

    @property
    def size(self) -> int:
        """Bytes of the whole rendition."""
        return HEADER_BYTES + self._pcm_bytes

    @property
    def border(self) -> int:
        """Where the first sealed segment ends, in bytes of the rendition; means nothing of a coded sound."""
        return HEADER_BYTES + (FIRST_BORDER - self.sound.data_offset) // self.sound.encoding.sample_bytes * 2

    def read(self, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start`, fewer at the end; ValueError for negative numbers."""
        if start < 0 or length < 0:
            raise ValueError("A range has no negative numbers.")
        end = min(start + length, self.size)
        if start >= end:
            return b""
        if start >= HEADER_BYTES:
            return self._pcm(start - HEADER_BYTES, end - HEADER_BYTES)
        head = header(self.sound.rate, self.sound.channels, self._pcm_bytes)[start:end]
        return head + self._pcm(0, end - HEADER_BYTES) if end > HEADER_BYTES else head

    def _pcm(self, start: int, end: int) -> bytes:
        if self.sound.encoding.coded or self.sound.encoding is Encoding.PCM16:
            return bytes(self._recorded(start, end))
        first, width = start // 2, self.sound.encoding.sample_bytes
        pcm = expand(self.sound.encoding, self._recorded(width * first, width * ((end + 1) // 2)))
        return pcm[start - 2 * first : end - 2 * first]

    def _recorded(self, start: int, end: int) -> bytes | memoryview:
        data = self._read(self.sound.data_offset + start, end - start)
        if len(data) != end - start:
            raise EOFError("The recorded file is shorter than the sound that was recognised in it.")
        return data
