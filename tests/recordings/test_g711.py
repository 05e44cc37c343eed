"""A-law and µ-law against the standard: its intervals, its corner values and another implementation."""

import audioop
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.recordings.g711 import compress, expand
from kcc.recordings.sound import Encoding

ALL = bytes(range(256))
LAWS = [Encoding.ALAW, Encoding.ULAW]


def values(encoding: Encoding) -> list[int]:
    return [int(value) for value in np.frombuffer(expand(encoding, ALL), "<i2")]


@pytest.mark.parametrize(
    ("encoding", "corners"),
    [
        # G.711 tables 1a/1b and 2a/2b: largest and smallest outputs (of 4096 and 8159), times 8 and 4.
        (Encoding.ALAW, {0xAA: 4032 * 8, 0x2A: -4032 * 8, 0xD5: 8, 0x55: -8, 0x85: 528 * 8}),
        (Encoding.ULAW, {0x80: 8031 * 4, 0x00: -8031 * 4, 0xFF: 0, 0x7F: 0, 0xEF: 33 * 4, 0x8F: 4191 * 4}),
    ],
)
def test_the_corner_values_are_those_of_the_standard(encoding: Encoding, corners: dict[int, int]) -> None:
    got = values(encoding)
    assert {code: got[code] for code in corners} == corners


def test_another_implementation_expands_every_byte_alike() -> None:
    assert expand(Encoding.ALAW, ALL) == audioop.alaw2lin(ALL, 2)
    assert expand(Encoding.ULAW, ALL) == audioop.ulaw2lin(ALL, 2)


def middles(ends: list[int], steps: int = 16) -> list[float]:
    """The middles of the intervals that G.711 lays between its segments' ends: its quantised outputs."""
    width = [(end - start) / steps for start, end in pairwise(ends)]
    return [
        start + (step + 0.5) * wide
        for start, wide in zip(ends[:-1], width, strict=True)
        for step in range(steps)
    ]


def test_alaw_gives_the_middles_of_the_standards_intervals() -> None:
    # Table 1a: x of 4096, segment ends; even bits inverted; the first bit set is positive.
    outputs = middles([0, 32, 64, 128, 256, 512, 1024, 2048, 4096])
    got = values(Encoding.ALAW)
    assert [got[number ^ 0xD5] for number in range(128)] == [8 * output for output in outputs]
    assert [got[number ^ 0x55] for number in range(128)] == [-8 * output for output in outputs]


def test_ulaw_gives_the_middles_of_the_standards_intervals() -> None:
    # Table 2a: x of 8159, segment ends; the interval around 0 is half as wide, so that the first middle is 0.
    outputs = middles([-1, 31, 95, 223, 479, 991, 2015, 4063, 8159])
    got = values(Encoding.ULAW)
    assert [got[number ^ 0xFF] for number in range(128)] == [4 * output for output in outputs]
    assert [got[number ^ 0x7F] for number in range(128)] == [-4 * output for output in outputs]


@pytest.mark.parametrize("encoding", LAWS)
def test_compressing_what_was_expanded_gives_the_same_value(encoding: Encoding) -> None:
    pcm = expand(encoding, ALL)
    assert expand(encoding, compress(encoding, pcm)) == pcm


@pytest.mark.parametrize("encoding", LAWS)
def test_compressing_finds_the_nearest_value_for_every_sample(encoding: Encoding) -> None:
    pcm = np.arange(-32_768, 32_768).astype("<i2")
    got = np.frombuffer(expand(encoding, compress(encoding, pcm.tobytes())), "<i2").astype(int)
    table = np.array(sorted(values(encoding)))
    nearest = np.abs(table[None, :] - pcm.astype(int)[:, None]).min(axis=1)
    assert (np.abs(got - pcm.astype(int)) == nearest).all()


@given(st.binary(max_size=500))
def test_each_byte_expands_by_itself(data: bytes) -> None:
    whole = expand(Encoding.ALAW, data)
    assert whole == b"".join(expand(Encoding.ALAW, data[at : at + 1]) for at in range(len(data)))
