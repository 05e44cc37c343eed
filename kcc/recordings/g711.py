"""A-law and µ-law (ITU-T G.711) to and from PCM16; knows samples only, no files."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kcc.recordings.sound import Encoding

_BYTES = np.arange(256)


def _alaw() -> NDArray[np.int16]:
    code = _BYTES ^ 0x55  # the line inverts every second bit
    segment, step = (code >> 4) & 7, code & 15
    magnitude = np.where(segment == 0, 2 * step + 1, (2 * step + 33) << np.maximum(segment - 1, 0))
    return (np.where(code & 0x80, magnitude, -magnitude) * 8).astype("<i2")


def _ulaw() -> NDArray[np.int16]:
    code = _BYTES ^ 0xFF  # the line inverts all bits
    segment, step = (code >> 4) & 7, code & 15
    magnitude = ((2 * step + 33) << segment) - 33
    return (np.where(code & 0x80, -magnitude, magnitude) * 4).astype("<i2")


_TABLES = {Encoding.ALAW: _alaw(), Encoding.ULAW: _ulaw()}


def _pairs(table: NDArray[np.int16]) -> NDArray[np.uint32]:
    """For each two bytes, read as one number, their two samples, read as one: half as many look-ups."""
    samples = table.view("<u2").astype(np.uint32)
    return (samples[None, :] | samples[:, None] << 16).ravel().astype("<u4")


_PAIRS = {encoding: _pairs(table) for encoding, table in _TABLES.items()}


def expand(encoding: Encoding, data: bytes | memoryview) -> bytes:
    """PCM16-LE of A-law or µ-law samples: two bytes for each one. KeyError for another encoding."""
    codes, pairs = np.frombuffer(data, np.uint8), _PAIRS[encoding]
    pcm, paired = np.empty(len(codes), "<i2"), len(codes) & ~1
    # "clip" only says that no index needs a check: two bytes are never more than the table has.
    np.take(pairs, codes[:paired].view("<u2"), out=pcm[:paired].view("<u4"), mode="clip")
    pcm[paired:] = _TABLES[encoding][codes[paired:]]
    return pcm.tobytes()


def compress(encoding: Encoding, pcm: bytes | memoryview) -> bytes:
    """The nearest A-law or µ-law samples of PCM16-LE; for what we make ourselves, never on intake."""
    samples = np.frombuffer(pcm, "<i2").astype(np.int32)
    return np.take(_nearest(encoding), samples + 32_768).tobytes()


@cache
def _nearest(encoding: Encoding) -> NDArray[np.uint8]:
    """For each PCM16 value, from the lowest up, the byte whose expansion lies nearest."""
    values = _TABLES[encoding].astype(np.int32)
    order = np.argsort(values, kind="stable")
    between = (values[order][1:] + values[order][:-1]) / 2
    return order[np.searchsorted(between, np.arange(-32_768, 32_768), side="right")].astype(np.uint8)
