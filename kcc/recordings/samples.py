"""Samples of any uncoded kind as PCM16, by arithmetic; the tables of G.711 are g711's."""

from collections.abc import Callable

import numpy as np

from kcc.recordings import g711
from kcc.recordings.sound import Encoding


def expand(encoding: Encoding, data: bytes | memoryview) -> bytes:
    """PCM16-LE of whole samples: two bytes for each one. KeyError for a coded sound."""
    return _EXPAND[encoding](encoding, data)


def _same(_: Encoding, data: bytes | memoryview) -> bytes:
    return bytes(data)


def _pcm8(_: Encoding, data: bytes | memoryview) -> bytes:
    """8 bits are unsigned in WAV, their silence is 128."""
    return ((np.frombuffer(data, np.uint8).astype(np.int16) - 128) * 256).astype("<i2").tobytes()


def _pcm24(_: Encoding, data: bytes | memoryview) -> bytes:
    """The upper 16 of 24 bits."""
    return np.frombuffer(data, np.uint8).reshape(-1, 3)[:, 1:].tobytes()


def _float32(_: Encoding, data: bytes | memoryview) -> bytes:
    """1.0 is full scale; what lies beyond is cut, what is no number is silence."""
    samples = np.nan_to_num(np.frombuffer(data, "<f4").astype(np.float64), posinf=1.0, neginf=-1.0)
    return np.clip(np.rint(samples * 32_768), -32_768, 32_767).astype("<i2").tobytes()


_EXPAND: dict[Encoding, Callable[[Encoding, bytes | memoryview], bytes]] = {
    Encoding.PCM16: _same,
    Encoding.ALAW: g711.expand,
    Encoding.ULAW: g711.expand,
    Encoding.PCM8: _pcm8,
    Encoding.PCM24: _pcm24,
    Encoding.FLOAT32: _float32,
}
