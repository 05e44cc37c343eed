"""One stereo sound of two mono ones, the sides of a call; pure: bytes in, bytes out, none kept."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest

from kcc.errors import N_
from kcc.recordings import plain_wave, segments, unknown_sound
from kcc.recordings.segments import Pieces
from kcc.recordings.sound import Encoding
from kcc.sections import Decoding

BLOCK = 131_072
_SILENCE = {Encoding.PCM16: b"\0", Encoding.ALAW: b"\xd5", Encoding.ULAW: b"\xff"}


def stereo(
    settings: Decoding,
    left: Callable[[], Pieces],
    right: Callable[[], Pieces],
    *,
    declared: str | None = None,
) -> Iterator[bytes]:
    """A WAV file with a side on each channel, the shorter one silent at its end; reads each side twice.

    Raises UnknownSound if one is no sound, or if both are not mono and, decoded, written alike.
    """
    sides = plain_wave.of(settings, left, declared), plain_wave.of(settings, right, declared)
    one, other = (side.sound for side in sides)
    if (one.encoding, one.rate, one.channels, other.channels) != (other.encoding, other.rate, 1, 1):
        raise unknown_sound.unsupported(
            N_("The two sides of this call are not written alike: they cannot be put together.")
        )
    frames, sample, silence = max(one.frames, other.frames), one.encoding.sample_bytes, _SILENCE[one.encoding]
    yield segments.head(replace(one, channels=2), frames * sample * 2)
    blocks = [_blocks(segments.samples(side.read(), side.sound, range(side.sound.frames))) for side in sides]
    for first, second in zip_longest(*blocks, fillvalue=b""):
        size = max(len(first), len(second))
        yield _interleaved(first.ljust(size, silence), second.ljust(size, silence), sample)


def _interleaved(first: bytes, second: bytes, sample: int) -> bytes:
    out = bytearray(2 * len(first))
    for part in range(sample):
        out[part :: 2 * sample] = first[part::sample]
        out[sample + part :: 2 * sample] = second[part::sample]
    return bytes(out)


def _blocks(pieces: Iterable[memoryview]) -> Iterator[bytes]:
    """The same bytes in blocks of one size, the last one smaller."""
    rest = bytearray()
    for piece in pieces:
        rest += piece
        while len(rest) >= BLOCK:
            yield bytes(rest[:BLOCK])
            del rest[:BLOCK]
    yield bytes(rest)
