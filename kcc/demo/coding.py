"""Coded sound as some recorders leave it (Opus, MP3, AMR), from PCM16; plain WAV is the recorder's own."""

import io

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from kcc.demo.resampling import RATE

CODECS = {
    "opus": ("ogg", "libopus", 16_000),
    "mp3": ("mp3", "libmp3lame", 12_000),
    "amr": ("amr", "libopencore_amrnb", 12_200),
}
"""Container, encoder and bits a second of each channel, by encoding, which is the file's ending too."""
EXACT = {"fflags": "+bitexact"}
"""Nothing random and no writer's version in the file: the same call gives the same bytes."""
STEP = RATE
"""Samples of a channel given to the encoder at a time."""


def encode(encoding: str, samples: NDArray[np.int16], channels: int) -> bytes:
    """A whole file of interleaved 8 kHz samples."""
    container, codec, bits = CODECS[encoding]
    file, layout = io.BytesIO(), "mono" if channels == 1 else "stereo"
    with av.open(file, "w", format=container, container_options=EXACT) as out:
        stream = out.add_stream(codec, rate=RATE)
        if not isinstance(stream, AudioStream):
            raise TypeError(codec)
        stream.layout, stream.bit_rate = layout, bits * channels
        for at in range(0, len(samples), STEP * channels):
            piece = np.ascontiguousarray(samples[at : at + STEP * channels]).reshape(1, -1)
            frame = AudioFrame.from_ndarray(piece, "s16", layout)
            frame.sample_rate, frame.pts = RATE, at // channels
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()
