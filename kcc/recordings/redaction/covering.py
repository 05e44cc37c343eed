"""Putting a bleep or silence over samples, piece by piece, with pydub; what is covered is spans'.

A covered sample is replaced, never mixed, faded or turned down: nothing of it can be won back. Only the bleep
itself swells and fades, within its own span. Each piece can be covered alone, in any order, and the same
sample always becomes the same: so any range of a copy can be heard before it is made.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcc.recordings.redaction.spans import Cut, Manner

with warnings.catch_warnings():
    # pydub looks for ffmpeg when it is imported; it is given samples here, and needs none.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

PIECE_SECONDS = 30
"""Memory is the same for a minute and for four hours."""
WIDTH = 2
_HERTZ, _LOUDNESS = 1000, 0.12
"""A tone everybody knows as a bleep, some 18 dB under full scale: no louder than talk."""
_RAMP_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Covering:
    """What is done to a sound of PCM16."""

    rate: int
    channels: int
    cuts: Sequence[Cut]
    manner: Manner

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return WIDTH * self.channels

    def piece(self, pcm: bytes, first: int) -> bytes:
        """A piece that begins at sample `first` of the sound, with what is covered in it covered."""
        count = len(pcm) // self.frame_bytes
        touching = [one for one in self.cuts if one.first < first + count and one.last > first]
        if not touching:
            return pcm
        result = bytearray(pcm)
        for cut in touching:
            begins, ends = max(cut.first - first, 0), min(cut.last - first, count)
            where = slice(begins * self.frame_bytes, ends * self.frame_bytes)
            result[where] = self._covered(bytes(result[where]), cut, first + begins)
        return bytes(result)

    def _covered(self, pcm: bytes, cut: Cut, first: int) -> bytes:
        """A part that lies wholly in a cut: that side is another sound, the other one stays as it is."""
        whole = AudioSegment(data=pcm, sample_width=WIDTH, frame_rate=self.rate, channels=self.channels)
        sides = whole.split_to_mono()
        bare = sides[cut.channel]
        sides[cut.channel] = bare._spawn(data=self._cover(cut, first, first + int(bare.frame_count())))
        return bytes(
            (sides[0] if self.channels == 1 else AudioSegment.from_mono_audiosegments(*sides)).raw_data
        )

    def _cover(self, cut: Cut, begins: int, ends: int) -> bytes:
        if self.manner is Manner.SILENCE:
            return bytes(WIDTH * (ends - begins))
        at: NDArray[np.float64] = np.arange(begins, ends, dtype=np.float64)
        ramp = max(1.0, _RAMP_SECONDS * self.rate)
        swell = np.clip(np.minimum(at - cut.first, cut.last - 1 - at) / ramp, 0.0, 1.0)
        tone = np.sin(2 * np.pi * _HERTZ * (at % self.rate) / self.rate) * swell * (_LOUDNESS * 32_767)
        return np.rint(tone).astype("<i2").tobytes()


def pieces(covering: Covering, pcm: Iterator[bytes]) -> Iterator[bytes]:
    """The whole sound covered, 30 seconds at a time, however it comes."""
    size = PIECE_SECONDS * covering.rate * covering.frame_bytes
    first, waiting = 0, bytearray()
    for part in pcm:
        waiting += part
        while len(waiting) >= size:
            yield covering.piece(bytes(waiting[:size]), first)
            del waiting[:size]
            first += size // covering.frame_bytes
    whole = len(waiting) - len(waiting) % covering.frame_bytes
    if whole:
        yield covering.piece(bytes(waiting[:whole]), first)


def part(covering: Covering, read: Callable[[int, int], bytes], start: int, length: int) -> bytes:
    """`length` bytes from `start` of the covered samples; `read` gives the bytes of the bare ones."""
    frame = covering.frame_bytes
    begins = start // frame
    bare = read(begins * frame, -(-(start + length) // frame) * frame - begins * frame)
    covered = covering.piece(bare[: len(bare) - len(bare) % frame], begins)
    return covered[start - begins * frame :][:length]
