"""A-law and mu-law (ITU-T G.711) from PCM16, by a table of all 65,536 values; decoding is not needed here."""

from functools import cache

import numpy as np
from numpy.typing import NDArray


def encode(law: str, samples: NDArray[np.int16]) -> bytes:
    """`samples` in one byte each; `law` is "alaw" or "ulaw"."""
    coded = _table(law)[samples.view(np.uint16)]
    return bytes(coded.tobytes())


@cache
def _table(law: str) -> NDArray[np.uint8]:
    values = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    return (_alaw if law == "alaw" else _ulaw)(values).astype(np.uint8)


def _alaw(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """13 bits: sign, 3 bits of segment, 4 bits within it; even bits inverted."""
    magnitude = np.where(values >= 0, values, -values - 1) >> 3
    segment = np.maximum(_top_bit(magnitude) - 4, 0)
    segment = np.where(magnitude < 32, 0, segment)
    within = np.where(segment < 1, magnitude >> 1, magnitude >> np.maximum(segment, 1)) & 15
    sign = np.where(values >= 0, 0x80, 0)
    coded: NDArray[np.int32] = (sign | segment << 4 | within) ^ 0x55
    return coded


def _ulaw(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """14 bits with a bias: sign, 3 bits of segment, 4 bits within it; all bits inverted."""
    magnitude = np.minimum(np.abs(values >> 2), 8158) + 33
    segment = np.clip(_top_bit(magnitude) - 5, 0, 7)
    within = (magnitude >> (segment + 1)) & 15
    sign = np.where(values < 0, 0x80, 0)
    coded: NDArray[np.int32] = (sign | segment << 4 | within) ^ 0xFF
    return coded


def _top_bit(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """The place of the highest bit set, 0 for 0 and 1."""
    return np.floor(np.log2(np.maximum(values, 1))).astype(np.int32)
