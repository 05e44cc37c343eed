"""A call's conversation: speech, silence, both at once, hold music and tones, from loudness and pitch alone.
It names what the sound did, never whether somebody did well; it is computed for whoever listens and kept
nowhere (GOV-4).
"""

from collections.abc import Callable
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from kcc.recordings import sound_measures
from kcc.recordings.lanes import Heard, Lane, lanes, runs
from kcc.recordings.sound import Sound
from kcc.recordings.sound_measures import Marks

LONG_SILENCE_MS = 5_000
Span = list[int]
"""Milliseconds from the start of the call: begin, end."""


class Side(TypedDict):
    """What one channel did; what is in none of the three it was quiet."""

    speech: list[Span]
    music: list[Span]
    tones: list[Span]


class Totals(TypedDict):
    """Milliseconds of each kind; together the time that was measured."""

    speech: list[int]
    """Per side, alone: the other said nothing."""
    both: int
    hold: int
    tones: int
    silence: int


class Conversation(TypedDict):
    """What the player's page gets."""

    duration_ms: int
    measured_ms: int
    sides: list[Side]
    totals: Totals
    hold: list[Span]
    silences: list[Span]
    """Those of five seconds and more."""
    made: float


def of(
    sound: Sound, read: Callable[[int, int], bytes], ready: int | None = None, *, swap: bool = False
) -> Conversation:
    """The conversation in the first `ready` samples of a sound (all by default); `swap` puts the second
    channel first. Mono has one side, on which nobody can tell who speaks.
    """
    found = lanes(sound_measures.measure(sound, read, ready))
    if swap:
        found.reverse()
    share = 1.0 if ready is None or not sound.frames else min(ready / sound.frames, 1.0)
    return _told(sound, found, share)


def _told(sound: Sound, found: list[Lane], made: float) -> Conversation:
    """Lanes as spans and totals in milliseconds."""
    frame, count = sound_measures.frame_samples(sound.rate), len(found[0])
    ends = np.arange(count + 1, dtype=np.int64) * frame * 1000 // sound.rate
    if made >= 1 and count:
        ends[-1] = sound.duration_ms  # the scrap that fills no frame counts with the last
    sides = [_side(lane, ends) for lane in found]
    any_of = {kind: np.any([lane == kind for lane in found], axis=0) for kind in Heard}
    speaking = [lane == Heard.SPEECH for lane in found]
    both = speaking[0] & speaking[1] if len(found) == 2 else np.zeros(count, bool)
    hold = any_of[Heard.MUSIC] & ~any_of[Heard.SPEECH]
    tones = any_of[Heard.TONE] & ~any_of[Heard.SPEECH] & ~hold
    silence = ~(any_of[Heard.SPEECH] | hold | tones)
    quiet = _spans(silence, ends)
    totals = Totals(
        speech=[_total(one & ~both, ends) for one in speaking],
        both=_total(both, ends),
        hold=_total(hold, ends),
        tones=_total(tones, ends),
        silence=_total(silence, ends),
    )
    return Conversation(
        duration_ms=sound.duration_ms,
        measured_ms=int(ends[-1]),
        sides=sides,
        totals=totals,
        hold=_spans(hold, ends),
        silences=[span for span in quiet if span[1] - span[0] >= LONG_SILENCE_MS],
        made=made,
    )


def _side(lane: Lane, ends: NDArray[np.int64]) -> Side:
    speech, music, tones = (_spans(lane == kind, ends) for kind in (Heard.SPEECH, Heard.MUSIC, Heard.TONE))
    return Side(speech=speech, music=music, tones=tones)


def _spans(marks: Marks, ends: NDArray[np.int64]) -> list[Span]:
    return [[int(ends[begin]), int(ends[end])] for begin, end in runs(marks)]


def _total(marks: Marks, ends: NDArray[np.int64]) -> int:
    return int(np.diff(ends)[marks].sum())
