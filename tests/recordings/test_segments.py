"""Cutting: what is cut is a whole WAV file of exactly those samples; neighbours lose and double nothing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.recordings import segments
from kcc.recordings.sound import Sound
from tests.sounds import wav


def samples(content: bytes, sound: Sound) -> bytes:
    return content[sound.data_offset : sound.data_offset + sound.data_bytes]


def torn(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("encoding", ["pcm16", "alaw", "ulaw"])
def test_a_part_is_a_sound_of_exactly_its_samples(encoding: str, channels: int) -> None:
    content = wav(2.0, encoding, channels)
    sound = segments.measure([content])
    part = segments.frames(sound, 0.5, 1.25)
    cut = b"".join(segments.cut(torn(content, 1000), sound, part))
    found = segments.measure([cut])
    assert (found.encoding, found.rate, found.channels) == (sound.encoding, sound.rate, sound.channels)
    assert (found.frames, found.duration_ms) == (6000, 750)
    frame = sound.frame_bytes
    assert samples(cut, found) == samples(content, sound)[4000 * frame : 10_000 * frame]


def test_a_size_that_was_left_open_and_tags_after_the_sound_do_not_enter_a_part() -> None:
    content = bytearray(wav(1.0))
    sound = segments.measure([bytes(content)])
    tagged = bytes(content) + b"LIST\x04\0\0\0abcd"
    cut = b"".join(segments.cut([tagged], sound, segments.frames(sound, 0.9, None)))
    assert samples(cut, segments.measure([cut])) == samples(bytes(content), sound)[7200:]


def test_moments_beyond_the_sound_are_its_borders() -> None:
    sound = segments.measure([wav(1.0)])
    assert segments.frames(sound, -3.0, 99.0) == range(8000)
    assert segments.frames(sound, None, None) == range(8000)
    assert not segments.frames(sound, 5.0, None)
    assert not segments.frames(sound, 0.5, 0.25)


def test_an_odd_number_of_bytes_is_padded() -> None:
    content = wav(1.0)
    sound = segments.measure([content])
    cut = b"".join(segments.cut([content], sound, range(3)))
    assert len(cut) % 2 == 0
    assert segments.measure([cut]).frames == 3


CONTENT = wav(0.25, "ulaw", 2)
SOUND = segments.measure([CONTENT])


@given(st.lists(st.floats(-1, 1, allow_nan=False), max_size=6).map(sorted), st.integers(1, 700))
def test_neighbours_lose_and_double_nothing(moments: list[float], size: int) -> None:
    borders = [None, *moments, None]
    together = b""
    for begins, ends in pairwise(borders):
        part = segments.frames(SOUND, begins, ends)
        cut = b"".join(segments.cut(torn(CONTENT, size), SOUND, part))
        if part:
            together += samples(cut, segments.measure([cut]))
    assert together == samples(CONTENT, SOUND)
