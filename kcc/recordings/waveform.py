"""The peaks of a sound for the picture under the player; a picture only, no measure of anybody."""

from collections.abc import Callable
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from kcc.recordings.samples import expand
from kcc.recordings.sound import Sound

POINTS = 1200
PIECE_FRAMES = 131_072
"""Frames read at a time: memory is the same for a minute and for four hours."""


class Waveform(TypedDict):
    """What the player's page gets."""

    peaks: list[list[int]]
    duration_ms: int
    made: float
    """How much of the sound has been decoded, 0 to 1; the peaks beyond are 0."""


def peaks(
    sound: Sound, read: Callable[[int, int], bytes], points: int = POINTS, frames: int | None = None
) -> list[list[int]]:
    """Per channel the loudest sample, 0 to 127, of each of `points` equal parts (fewer for fewer frames).

    `read` gives a length of bytes from a start of the file as it was recorded (or of its PCM16, if coded);
    only the first `frames` are read if not all are there yet.
    """
    ready = sound.frames if frames is None else min(frames, sound.frames)
    points = min(points, sound.frames)
    bounds = np.arange(points + 1, dtype=np.int64) * sound.frames // max(points, 1)
    loudest = np.zeros((sound.channels, points), dtype=np.int32)
    for start in range(0, ready, PIECE_FRAMES):
        end = min(start + PIECE_FRAMES, ready)
        first, last = np.searchsorted(bounds, [start, end - 1], side="right") - 1
        parts = np.maximum(bounds[first : last + 1], start) - start
        for channel, samples in enumerate(_samples(sound, read, start, end)):
            part = loudest[channel, first : last + 1]
            np.maximum(part, np.maximum.reduceat(samples, parts), out=part)
            np.maximum(part, -np.minimum.reduceat(samples, parts).astype(np.int32), out=part)
    scaled: list[list[int]] = ((loudest * 127 + 16_384) // 32_768).tolist()
    return scaled


def to_json(peaks: list[list[int]], duration_ms: int, made: float = 1.0) -> Waveform:
    """The peaks in the form that the player reads."""
    return {"peaks": peaks, "duration_ms": duration_ms, "made": made}


def _samples(sound: Sound, read: Callable[[int, int], bytes], start: int, end: int) -> NDArray[np.int16]:
    """Frames `start` to `end` as one row of PCM16 per channel."""
    size = (end - start) * sound.frame_bytes
    data = read(sound.data_offset + start * sound.frame_bytes, size)
    if len(data) != size:
        raise EOFError("The recorded file is shorter than the sound that was recognised in it.")
    pcm = data if sound.encoding.coded else expand(sound.encoding, data)
    return np.frombuffer(pcm, "<i2").reshape(-1, sound.channels).T
