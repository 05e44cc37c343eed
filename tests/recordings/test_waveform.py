"""The peaks under the player: the loudest sample of each part, per channel, in flat memory."""

import json
import struct
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.recordings.g711 import compress, expand
from kcc.recordings.sound import Encoding, Sound
from kcc.recordings.waveform import PIECE_FRAMES, peaks, to_json

OFFSET = 3


def pcm(*samples: int) -> bytes:
    return struct.pack(f"<{len(samples)}h", *samples)


def draw(
    data: bytes, points: int = 1200, channels: int = 1, encoding: Encoding = Encoding.PCM16
) -> list[list[int]]:
    file = bytes(OFFSET) + data
    sound = Sound(encoding, 8000, channels, OFFSET, len(data))
    return peaks(sound, lambda start, length: file[start : start + length], points)


def by_hand(samples: list[int], points: int) -> list[int]:
    points = min(points, len(samples))
    bounds = [len(samples) * point // points for point in range(points + 1)]
    parts = (samples[start:end] for start, end in pairwise(bounds))
    return [(max(abs(sample) for sample in part) * 127 + 16_384) // 32_768 for part in parts]


def test_silence_is_flat_and_the_loudest_sample_either_way_is_127() -> None:
    assert draw(pcm(0, 32_767, -32_768, -16_384, 1)) == [[0, 127, 127, 64, 0]]


def test_a_part_shows_its_loudest_sample_wherever_it_lies() -> None:
    assert draw(pcm(0, -9000, 100, 0, 0, 20_000), points=2) == [[35, 78]]


def test_channels_are_drawn_apart() -> None:
    left, right = draw(pcm(32_767, 0, 0, -32_768, 32_767, 0), channels=2)
    assert left == [127, 0, 127]
    assert right == [0, 127, 0]


@given(st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=300), st.integers(1, 400))
def test_peaks_are_what_one_would_find_by_hand(samples: list[int], points: int) -> None:
    assert draw(pcm(*samples), points) == [by_hand(samples, points)]


@pytest.mark.parametrize("encoding", [Encoding.ALAW, Encoding.ULAW])
def test_companded_sound_is_drawn_as_it_sounds(encoding: Encoding) -> None:
    data = compress(encoding, pcm(*range(-32_768, 32_768, 97)))
    assert draw(data, 50, encoding=encoding) == draw(expand(encoding, data), 50)


@pytest.mark.parametrize("beyond", [-1, 0, 1, PIECE_FRAMES // 2])
def test_a_sound_read_in_several_pieces_is_drawn_as_one(beyond: int) -> None:
    samples = [
        (at * 7919) % 65_536 - 32_768 if at % 1000 == 0 else 0 for at in range(2 * PIECE_FRAMES + beyond)
    ]
    assert draw(pcm(*samples), 37) == [by_hand(samples, 37)]


def test_short_sounds_have_a_point_for_each_sample_and_no_sound_none() -> None:
    assert draw(pcm(1000, 2000, 3000)) == [[4, 8, 12]]
    assert draw(b"", channels=2) == [[], []]


def test_the_player_gets_plain_json() -> None:
    shape = to_json(draw(pcm(0, 32_767)), 250)
    assert json.loads(json.dumps(shape)) == {"peaks": [[0, 127]], "duration_ms": 250, "made": 1.0}


def test_a_file_that_became_shorter_is_an_error() -> None:
    with pytest.raises(EOFError):
        peaks(Sound(Encoding.ALAW, 8000, 1, 0, 100), lambda _, length: bytes(length - 1))


def test_memory_is_flat_for_four_hours_in_stereo() -> None:
    piece = bytes(PIECE_FRAMES * 4)
    sound = Sound(Encoding.PCM16, 8000, 2, 44, 4 * 3600 * 8000 * 4)
    tracemalloc.start()
    try:
        drawn = peaks(sound, lambda _, length: piece[:length])
        highest = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [len(channel) for channel in drawn] == [1200, 1200]
    assert highest < 8_000_000
