"""Coded sounds for tests, made here with encoders or bit by bit; what is done with them lives elsewhere."""

import io
import struct
from collections.abc import Callable

import av
import numpy as np
from av.audio.frame import AudioFrame

from tests.sounds import tone


def encoded(
    container: str, codec: str, rate: int, seconds: float, channels: int = 1, **options: str
) -> bytes:
    """A tone through one of PyAV's encoders."""
    file = io.BytesIO()
    layout = "mono" if channels == 1 else "stereo"
    with av.open(file, "w", format=container, container_options=options) as out:
        stream = out.add_stream(codec, rate=rate, options={"strict": "-2"})
        stream.layout = layout  # type: ignore[attr-defined]
        voices = [np.frombuffer(tone(seconds, rate, 440.0 * (1 + n)), "<i2") for n in range(channels)]
        samples = np.stack(voices, axis=1).reshape(1, -1)
        step = rate // 10 * channels
        for start in range(0, samples.shape[1], step):
            frame = AudioFrame.from_ndarray(samples[:, start : start + step].copy(), "s16", layout)
            frame.sample_rate, frame.pts = rate, start // channels
            out.mux(stream.encode(frame))  # type: ignore[attr-defined]
        out.mux(stream.encode(None))  # type: ignore[attr-defined]
    return file.getvalue()


def gsm_frames(seconds: float) -> bytes:
    """GSM 6.10 of 20 ms frames with parameters that make a noise; nobody here has an encoder."""
    noise = np.random.default_rng(1).integers(0, 256, (int(seconds * 50), 33), dtype=np.uint8)
    noise[:, 0] = 0xD0 | noise[:, 0] & 0x0F
    return noise.tobytes()


def wave(tag: int, body: bytes, block: int, rate: int = 8000, extra: bytes = b"") -> bytes:
    """A WAV file around coded bytes."""
    fmt = struct.pack("<HHIIHH", tag, 1, rate, rate * block // 320, block, 0)
    fmt += struct.pack("<H", len(extra)) + extra
    chunks = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def wave_gsm(seconds: float) -> bytes:
    """The GSM of Windows: blocks of 65 bytes, 40 ms each."""
    noise = np.random.default_rng(2).integers(0, 256, int(seconds * 25) * 65, dtype=np.uint8)
    return wave(0x31, noise.tobytes(), 65, extra=struct.pack("<H", 320))


def _fragmented(seconds: float) -> bytes:
    return encoded("mp4", "aac", 16000, seconds, 2, movflags="frag_keyframe+empty_moov")


Make = Callable[[float], bytes]
MADE: dict[str, tuple[Make, str, int]] = {
    "wav-gsm": (wave_gsm, "wave", 8000),
    "wav-g722": (lambda s: encoded("wav", "g722", 16000, s), "wave", 16000),
    "wav-ima": (lambda s: encoded("wav", "adpcm_ima_wav", 8000, s), "wave", 8000),
    "wav-ms": (lambda s: encoded("wav", "adpcm_ms", 8000, s), "wave", 8000),
    "wav-mp3": (lambda s: encoded("wav", "libmp3lame", 16000, s), "wave", 16000),
    "gsm": (gsm_frames, "gsm", 8000),
    "mp3": (lambda s: encoded("mp3", "libmp3lame", 16000, s), "mp3", 16000),
    "mp3-stereo": (lambda s: encoded("mp3", "libmp3lame", 44100, s, 2), "mp3", 22050),
    "opus": (lambda s: encoded("ogg", "libopus", 48000, s), "ogg", 24000),
    "vorbis": (lambda s: encoded("ogg", "vorbis", 16000, s, 2), "ogg", 16000),
    "webm": (lambda s: encoded("webm", "libopus", 48000, s, 2), "matroska", 24000),
    "flac": (lambda s: encoded("flac", "flac", 8000, s, 2), "flac", 8000),
    "m4a": (lambda s: encoded("mp4", "aac", 16000, s), "mp4", 16000),
    "m4a-fragments": (_fragmented, "mp4", 16000),
    "amr": (lambda s: encoded("amr", "libopencore_amrnb", 8000, s), "amr", 8000),
}
"""By name: how it is made, as what it is recognised, and the rate it is played at."""
