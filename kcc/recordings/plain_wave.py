"""Any sound as a WAV file that can be cut and joined: PCM16 and G.711 as they are, all else as PCM16; keeps
nothing, and what is cut or joined is decided elsewhere.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from kcc.recordings import rendition, samples, segments
from kcc.recordings.decoding import decoder
from kcc.recordings.judging import AnySound
from kcc.recordings.segments import Pieces
from kcc.recordings.sound import Encoding, Sound
from kcc.sections import Decoding

BLOCK = 65_536
"""Samples of all channels that are widened at once."""


@dataclass(frozen=True, slots=True)
class PlainWave:
    """A sound whose samples lie side by side; `read` gives its file anew each time."""

    sound: Sound
    read: Callable[[], Pieces]


def of(settings: Decoding, read: Callable[[], Pieces], declared: str | None = None) -> PlainWave:
    """The sound that `read` gives, all of it, as one that can be cut; raises UnknownSound.

    A coded one is decoded once to measure it and once more each time it is read; its file is read as often as
    the decoder goes back in it, so that nothing of it is held in memory.
    """
    judge, size = AnySound(declared), 0
    for piece in read():
        judge.feed(piece)
        size += len(piece)
    sound = judge.finish()
    if segments.can_cut(sound):
        return PlainWave(sound, read)
    if sound.encoding.coded:
        sound = decoder.measure(settings, sound.encoding, _Replay(read), size)
        parts = partial(_decoded, settings, sound, read, size)
    else:
        parts = partial(_widened, sound, read)
    plain = replace(
        sound,
        encoding=Encoding.PCM16,
        data_offset=rendition.HEADER_BYTES,
        data_bytes=sound.frames * sound.channels * 2,
    )
    return PlainWave(plain, partial(_file, plain, parts))


def _file(plain: Sound, parts: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    yield rendition.header(plain.rate, plain.channels, plain.data_bytes)
    yield from parts()


def _decoded(settings: Decoding, sound: Sound, read: Callable[[], Pieces], size: int) -> Iterator[bytes]:
    with closing(decoder.pcm(settings, sound, _Replay(read), size)) as pcm:
        yield from pcm


def _widened(sound: Sound, read: Callable[[], Pieces]) -> Iterator[bytes]:
    """PCM16 of samples of another width, whole frames at a time."""
    rest, block = b"", BLOCK * sound.frame_bytes
    for piece in segments.samples(read(), sound, range(sound.frames)):
        rest += bytes(piece)
        whole = len(rest) - len(rest) % sound.frame_bytes if len(rest) >= block else 0
        if whole:
            yield samples.expand(sound.encoding, rest[:whole])
            rest = rest[whole:]
    yield samples.expand(sound.encoding, rest)


class _Replay:
    """Ranges of a file that can be read from its beginning alone: whoever goes back begins anew."""

    def __init__(self, read: Callable[[], Pieces]) -> None:
        self._read = read
        self._pieces: Iterator[bytes | memoryview] | None = None
        self._begins, self._piece = 0, b""

    def __call__(self, start: int, length: int) -> bytes:
        """`length` bytes from `start`, fewer at the end."""
        if self._pieces is None or start < self._begins:
            self._pieces, self._begins, self._piece = iter(self._read()), 0, b""
        found = bytearray()
        while len(found) < length:
            at = start + len(found) - self._begins
            found += self._piece[at : at + length - len(found)]
            if len(found) < length and not self._step():
                break
        return bytes(found)

    def _step(self) -> bool:
        piece = next(self._pieces, None) if self._pieces is not None else None
        if piece is None:
            return False
        self._begins, self._piece = self._begins + len(self._piece), bytes(piece)
        return True
