"""Cutting a part out of a WAV sound on the borders of its samples (PCM of 16 bits, A-law, µ-law); pure: bytes
in, bytes out.
"""

import struct
from collections.abc import Iterable, Iterator

from kcc.recordings.formats import Recogniser
from kcc.recordings.sound import Encoding, Sound

_TAGS = {Encoding.PCM16: 1, Encoding.ALAW: 6, Encoding.ULAW: 7}

Pieces = Iterable[bytes | memoryview]


def measure(pieces: Pieces) -> Sound:
    """What sound these bytes make, all of them; raises UnknownSound."""
    recogniser = Recogniser()
    for piece in pieces:
        recogniser.feed(piece)
    return recogniser.finish()


def can_cut(sound: Sound) -> bool:
    """Whether its samples lie side by side, so that any of them can begin a file."""
    return sound.encoding in _TAGS


def frames(sound: Sound, begins: float | None, ends: float | None) -> range:
    """The samples (of all channels) between two moments, in seconds from the sound's beginning.

    None is its own beginning or end; moments beyond it are. One part's end is the next one's beginning: the
    same moment always gives the same sample, so that nothing is lost or doubled between them.
    """
    first = 0 if begins is None else _frame(sound, begins)
    last = sound.frames if ends is None else _frame(sound, ends)
    return range(first, max(first, last))


def _frame(sound: Sound, moment: float) -> int:
    return min(max(round(moment * sound.rate), 0), sound.frames)


def cut(pieces: Pieces, sound: Sound, part: range) -> Iterator[bytes | memoryview]:
    """A WAV file of those samples alone, while the whole file passes; the samples are copied as they are."""
    size = len(part) * sound.frame_bytes
    yield head(sound, size)
    yield from samples(pieces, sound, part)
    if size % 2:
        yield b"\0"


def samples(pieces: Pieces, sound: Sound, part: range) -> Iterator[memoryview]:
    """Those samples alone, without a head, while the whole file passes."""
    first = sound.data_offset + part.start * sound.frame_bytes
    at, last = 0, first + len(part) * sound.frame_bytes
    for piece in pieces:
        data = memoryview(piece).cast("B")
        wanted = data[max(first - at, 0) : max(last - at, 0)]
        at += len(data)
        if wanted:
            yield wanted


def head(sound: Sound, size: int) -> bytes:
    """All of a WAV file that comes before its `size` bytes of samples."""
    sample = sound.encoding.sample_bytes
    tag, frame = _TAGS[sound.encoding], sound.frame_bytes
    described = struct.pack("<HHIIHH", tag, sound.channels, sound.rate, sound.rate * frame, frame, sample * 8)
    chunks = _chunk(b"fmt ", described)
    if (
        sound.encoding is not Encoding.PCM16
    ):  # what is compressed also says that nothing follows, and its length
        chunks = _chunk(b"fmt ", described + bytes(2)) + _chunk(b"fact", struct.pack("<I", size // frame))
    total = len(b"WAVE") + len(chunks) + 8 + size + size % 2
    return b"RIFF" + struct.pack("<I", total) + b"WAVE" + chunks + b"data" + struct.pack("<I", size)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body
