"""What each channel of a call does in each moment: quiet, speech, music or a tone; what both do together is
conversation's. The order of the functions is the order of the thoughts (docs/architecture.md).
"""

from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kcc.recordings.sound_measures import APART, CELL, FRAMES_A_SECOND, Levels, Marks, Measures

FAINTEST_DB = -50.0
"""Nothing softer is taken for speech, however quiet the line: a soft voice on a telephone lies at -40."""
ABOVE_NOISE_DB = 8.0
"""How far above the noise a sound must rise: steady noise varies by 2 dB from frame to frame, babble by 6."""
NOISE_SHARE = 10
"""The noise is the level that the quietest tenth of the time stays under: everybody pauses more than that."""
NOISE_SECONDS = 10
"""… within so long before and after: long enough to hold a pause, short enough for a window being opened."""
STEADY_DB = 4.0
"""A second in which the level varies less is noise too, and at once: that of speech varies by 15 and more."""
ECHO_DB = 24.0
"""What is this much softer than the other side at the same moment is taken for its echo."""
ECHO_FRAMES = 5
"""An echo may come 100 ms late."""
BRIDGED = 15
"""Frames (300 ms): a shorter pause lies within a sentence, between words or before a hard consonant."""
SHORTEST_SPEECH = 5
"""Frames (100 ms): what is shorter is a click; the shortest "ja" takes 150 ms."""
SHORTEST_TONE = 2
"""Frames (40 ms): the shortest key tone that exchanges accept."""
TONE_SHARE = 0.8
MUSIC_CELLS = 125
"""Five seconds over which pitches that stand still are counted."""
MUSIC_SHARE = 0.3
"""Music has more of them than this (measured: 64 to 98 %), speech far fewer (2 to 7 %)."""
SHORTEST_MUSIC_SECONDS = 8
"""Anything shorter is a jingle or a signal, not waiting."""
MUSIC_PAUSE_SECONDS = 3
MUSIC_EDGE = 100
"""Frames (2 s): how exactly the five seconds find where music begins and ends; a scrap of sound beside it
that is no longer belongs to it.
"""
MOVES = 0.01
"""A pitch that never changes is a tone, not music: this share of the moments must have moved."""


class Heard(IntEnum):
    """What one channel does at a moment."""

    QUIET = 0
    SPEECH = 1
    MUSIC = 2
    TONE = 3


Lane = NDArray[np.int8]
"""One number of Heard for each frame of 20 ms."""


def lanes(measured: list[Measures]) -> list[Lane]:
    """What each channel does in each frame of 20 ms."""
    music = [_music(measures) for measures in measured]
    loud = [_loud(measures, lane) for measures, lane in zip(measured, music, strict=True)]
    if len(measured) == 2:
        one, other = measured[0].level, measured[1].level
        loud = [loud[0] & ~_echo(one, other), loud[1] & ~_echo(other, one)]
    return [_lane(*channel) for channel in zip(measured, music, loud, strict=True)]


def _music(measures: Measures) -> Marks:
    """Frames within a long stretch whose pitches mostly stand still, and change now and then."""
    half = MUSIC_CELLS // 2
    summed = np.cumsum(np.pad(measures.still.astype(np.int32), (half + 1, half)))
    counted = summed[MUSIC_CELLS:] - summed[:-MUSIC_CELLS]
    per_second = FRAMES_A_SECOND // CELL
    held = bridged(counted >= MUSIC_SHARE * MUSIC_CELLS, MUSIC_PAUSE_SECONDS * per_second)
    found = np.zeros(len(held), bool)
    for begin, end in runs(held):
        still = begin + np.flatnonzero(measures.still[begin:end])
        begin, end = int(still[0]) - APART, int(still[-1]) + 1
        if end - begin >= SHORTEST_MUSIC_SECONDS * per_second and measures.moved[begin:end].mean() >= MOVES:
            found[begin:end] = True
    return np.repeat(found, CELL)


def _loud(measures: Measures, music: Marks) -> Marks:
    """Frames that rise above the noise around them; music and tones are no noise, however long they last."""
    tones = np.repeat(measures.pure & measures.still, CELL)
    noise = _noise(np.where(music | tones, np.float32(np.nan), measures.level))
    rises: Marks = measures.level >= np.maximum(noise + ABOVE_NOISE_DB, FAINTEST_DB)
    return rises


def _noise(level: Levels) -> Levels:
    """The noise at each frame: the level of the quietest tenth of the ten seconds before and after, or of its
    own second if that is steady; minus infinity where hardly anything but music and tones is.
    """
    seconds = -(-len(level) // FRAMES_A_SECOND)
    padded = np.full((seconds + 2 * NOISE_SECONDS) * FRAMES_A_SECOND, np.nan, np.float32)
    start = NOISE_SECONDS * FRAMES_A_SECOND
    padded[start : start + len(level)] = level
    found = np.empty(seconds, np.float32)
    width = (2 * NOISE_SECONDS + 1) * FRAMES_A_SECOND
    for second in range(seconds):
        around = padded[second * FRAMES_A_SECOND :][:width]
        found[second] = max(_tenth(around), _steady(around[start : start + FRAMES_A_SECOND]))
    return np.repeat(found, FRAMES_A_SECOND)[: len(level)]


def _tenth(around: Levels) -> float:
    """The level under which the quietest tenth lies, if there is a second of anything to go by."""
    known = around[~np.isnan(around)]
    tenth = len(known) * NOISE_SHARE // 100
    return float(np.partition(known, tenth)[tenth]) if len(known) >= FRAMES_A_SECOND else -np.inf


def _steady(second: Levels) -> float:
    """The level of a second that hardly varies; a tenth of it may stand out either way."""
    low, high = np.sort(second)[[FRAMES_A_SECOND // 10, -1 - FRAMES_A_SECOND // 10]]  # nan comes last
    return float(high) if high - low < STEADY_DB and not np.isnan(second).any() else -np.inf


def _echo(mine: Levels, other: Levels) -> Marks:
    """Frames in which this side is but the other's echo."""
    late = np.concatenate([np.full(ECHO_FRAMES, -np.inf, np.float32), other])
    loudest = np.max([late[step : step + len(mine)] for step in range(ECHO_FRAMES + 1)], axis=0)
    softer: Marks = mine <= loudest - ECHO_DB
    return softer


def _lane(measures: Measures, music: Marks, loud: Marks) -> Lane:
    """Put together what one channel does: music first, then tones, and every other sound is speech."""
    speech, tones = loud & ~music, np.zeros(len(loud), bool)
    pure = np.repeat(measures.pure, CELL)
    for begin, end in runs(speech):
        if end - begin >= SHORTEST_TONE and pure[begin:end].mean() >= TONE_SHARE:
            tones[begin:end], speech[begin:end] = True, False
    tones = bridged(tones, BRIDGED) & ~speech
    speech = bridged(speech, BRIDGED) & ~tones & ~music
    lane = np.zeros(len(loud), np.int8)
    lane[tones], lane[speech], lane[music] = Heard.TONE, Heard.SPEECH, Heard.MUSIC
    for begin, end in [*runs(speech), *runs(tones & ~music)]:
        beside = slice(max(begin - BRIDGED, 0), end + BRIDGED)
        if end - begin <= MUSIC_EDGE and music[beside].any():
            lane[begin:end] = Heard.MUSIC
        elif lane[begin] == Heard.SPEECH and end - begin < SHORTEST_SPEECH:
            lane[begin:end] = Heard.QUIET
    lane[bridged(lane == Heard.MUSIC, BRIDGED) & (lane == Heard.QUIET)] = Heard.MUSIC
    return lane


def runs(marks: Marks) -> list[tuple[int, int]]:
    """Where marks stand: begin and end of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def bridged(marks: Marks, longest: int) -> Marks:
    """The marks with the gaps between them closed that are no longer than this."""
    closed = marks.copy()
    found = runs(marks)
    for (_, end), (begin, _) in pairwise(found):
        if begin - end <= longest:
            closed[end:begin] = True
    return closed
