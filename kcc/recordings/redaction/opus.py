"""A covered copy as an Ogg Opus file, encoded as it is sent; only our own samples go in, no file is read."""

from collections.abc import Iterator

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

MEDIA_TYPE = "audio/ogg"
RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
"""What Opus encodes; telephony at its own 8 kHz is three times as quick as at 48."""
BITS = 24_000
"""A second and channel: speech without audible loss."""
_EXACT = {"fflags": "+bitexact"}
_STEP = 48_000


class _Sink:
    """What the container writes to: no file, no name, no going back."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        """Take bytes."""
        self._waiting += data
        return len(data)

    def taken(self) -> bytes:
        """What has been written since the last time."""
        found = bytes(self._waiting)
        self._waiting.clear()
        return found


def encoded(pcm: Iterator[bytes], rate: int, channels: int) -> Iterator[bytes]:
    """The file of interleaved PCM16, piece by piece; memory stays flat."""
    sink, layout = _Sink(), "mono" if channels == 1 else "stereo"
    target = next((one for one in RATES if one >= rate), RATES[-1])
    with av.open(sink, "w", format="ogg", container_options=_EXACT) as out:
        stream = out.add_stream("libopus", rate=target)
        if not isinstance(stream, AudioStream):
            raise TypeError("libopus")
        stream.layout, stream.bit_rate = layout, BITS * channels
        stream.codec_context.options = {"compression_level": "0", "application": "voip"}
        resampler, at = AudioResampler("s16", layout, target), 0
        for piece in pcm:
            for samples in _steps(piece, channels):
                frame = AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", layout)
                frame.sample_rate, frame.pts = rate, at
                at += samples.size // channels
                for ready in resampler.resample(frame):
                    out.mux(stream.encode(ready))
            yield sink.taken()
        for ready in resampler.resample(None):
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
    yield sink.taken()


def _steps(piece: bytes, channels: int) -> Iterator[np.ndarray[tuple[int], np.dtype[np.int16]]]:
    samples = np.frombuffer(piece, "<i2")
    for start in range(0, samples.size, _STEP * channels):
        yield samples[start : start + _STEP * channels]
