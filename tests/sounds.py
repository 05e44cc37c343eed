"""Small real sounds for tests, as recorders write them; what is done with them lives elsewhere."""

import struct

import numpy as np

from kcc.recordings.g711 import compress

TAGS = {"pcm16": 1, "alaw": 6, "ulaw": 7}


def tone(seconds: float, rate: int = 8000, hertz: float = 440.0, level: float = 0.3) -> bytes:
    """Mono PCM16 of a sine."""
    time = np.arange(int(seconds * rate)) / rate
    return (np.sin(2 * np.pi * hertz * time) * level * 32767).astype("<i2").tobytes()


def wav(seconds: float = 30.0, encoding: str = "alaw", channels: int = 1, hertz: float = 440.0) -> bytes:
    """A WAV file of a tone, 8 kHz; on the second channel an octave higher."""
    voices = [tone(seconds, hertz=hertz * (1 + number)) for number in range(channels)]
    pcm = np.stack([np.frombuffer(voice, "<i2") for voice in voices], axis=1).astype("<i2").tobytes()
    from kcc.recordings.sound import Encoding

    data = pcm if encoding == "pcm16" else compress(Encoding(encoding), pcm)
    sample = 2 if encoding == "pcm16" else 1
    frame = sample * channels
    fmt = struct.pack("<HHIIHH", TAGS[encoding], channels, 8000, 8000 * frame, frame, sample * 8)
    body = (
        b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body
