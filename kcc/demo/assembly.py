"""One call put together from the bank: fitted to its length, with noise and music; it writes no file."""

import random
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kcc.clock import LOCAL
from kcc.demo.dialogues import TOPIC
from kcc.demo.resampling import RATE
from kcc.demo.speech import Bank, Spoken, Utterance
from kcc.demo.voices import Samples

if TYPE_CHECKING:
    from kcc.demo.calls import PlannedCall

with warnings.catch_warnings():
    # pydub looks for ffmpeg when it is imported; the demo edits raw samples and needs none.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

__all__ = ["AudioSegment", "assemble", "fit", "length"]

PAUSE = 450
"""Milliseconds between two utterances before the call's spare time is spread over them."""
LEAD = 700
"""Milliseconds from the connection to the employee's first word."""
TAIL = 400
LONGEST_PAUSE = 2600
"""A pause grows to this (somebody types, reads, thinks) before holds take the rest."""
SHORTEST_HOLD = 8000
MUSIC_GAIN = -10.0


def assemble(call: "PlannedCall", bank: Bank) -> tuple[AudioSegment, AudioSegment]:
    """The employee's and the caller's side of the call, each as long as the plan says."""
    chance = random.Random(f"assemble/{call.call_id}")
    opening = Utterance("E", bank.openings[call.employee, _opening(call)])
    dialogue = _choose(call, bank, chance, opening.milliseconds)
    spoken = [opening, *fit(dialogue, call.milliseconds, opening.milliseconds)]
    tracks = {who: np.zeros(call.milliseconds * RATE // 1000, np.int16) for who in "EC"}
    for who, at, samples in _timetable(spoken, call.milliseconds, bank, chance):
        track = tracks[who][at * RATE // 1000 :]
        track[: len(samples)] = samples[: len(track)]
    employee, caller = (_on_the_line(tracks[who], bank, chance) for who in "EC")
    return employee, caller


def _opening(call: "PlannedCall") -> str:
    if call.manner in {"internal", "private"}:
        return "internal"
    if call.manner == "poor":
        return "curt"
    if call.direction == "outgoing":
        return "outgoing"
    return "morning" if call.start.astimezone(LOCAL).hour < 12 else "afternoon"


def _choose(call: "PlannedCall", bank: Bank, chance: random.Random, opening: int) -> Spoken:
    """A dialogue in the employee's voice and the call's manner that suits the call's length."""
    voice, time = bank.voices[call.employee], call.milliseconds - opening
    mine = [d for d in bank.dialogues if d.script.employee == voice and d.script.manner == call.manner]
    if not mine:
        raise ValueError(f"the bank holds no {call.manner} dialogue in voice {voice}")
    fitting = [d for d in mine if length(fit(d, 0, 0)) + LEAD + TAIL <= time <= 1.7 * length(_all(d))]
    if fitting:
        return chance.choice(fitting)
    return min(mine, key=lambda d: abs(length(_all(d)) - time))


def length(utterances: Iterable[Utterance]) -> int:
    """Milliseconds that utterances take at the least, with their pauses and the shortest holds."""
    return sum((u.milliseconds or SHORTEST_HOLD) + PAUSE for u in utterances)


def fit(dialogue: Spoken, milliseconds: int, opening: int) -> list[Utterance]:
    """The utterances for a call of this length: what must be said, then by rank each part that still fits."""
    room = milliseconds - LEAD - opening - PAUSE - TAIL
    chosen: set[int] = set()
    for group in _groups(dialogue):
        needed = sum(length(dialogue.parts[index][1]) for index in group)
        topic = dialogue.parts[group[0]][0] // TOPIC
        begun = {dialogue.parts[index][0] // TOPIC for index in chosen}
        starts_topic = dialogue.parts[group[0]][0] % TOPIC == 0
        if not chosen or (needed <= room and (starts_topic or topic in begun)):
            chosen.update(group)
            room -= needed
    return [said for index, (_, part) in enumerate(dialogue.parts) if index in chosen for said in part]


def _groups(dialogue: Spoken) -> list[list[int]]:
    """The indexes of parts that come or go together, by rank: what opens a topic as one, others singly."""
    groups: dict[tuple[int, int], list[int]] = {}
    for index, (rank, _) in enumerate(dialogue.parts):
        groups.setdefault((rank, index if rank % TOPIC else 0), []).append(index)
    return [groups[key] for key in sorted(groups)]


def _all(dialogue: Spoken) -> list[Utterance]:
    return [utterance for _, part in dialogue.parts for utterance in part]


def _timetable(
    spoken: Sequence[Utterance], milliseconds: int, bank: Bank, chance: random.Random
) -> Iterable[tuple[str, int, Samples]]:
    """(who, millisecond, samples) of all that sounds; spare time goes to pauses first, then to holds."""
    holds = sum(u.samples is None for u in spoken)
    spare = max(0, milliseconds - LEAD - TAIL - length(spoken))
    stretch = min(LONGEST_PAUSE - PAUSE, spare // len(spoken))
    if holds:  # with music to fill the time, people do not sit silent
        stretch = min(stretch, 700)
    hold = SHORTEST_HOLD + (spare - stretch * len(spoken)) // max(holds, 1)
    at = LEAD
    for utterance in spoken:
        if utterance.samples is None:
            yield "E", at, _music(bank, hold)
            at += hold
        else:
            yield utterance.who, at, utterance.samples
            at += utterance.milliseconds
        at += PAUSE + int(stretch * chance.uniform(0.6, 1.0))


def _music(bank: Bank, milliseconds: int) -> Samples:
    tune = _segment(bank.music)
    played = (tune * (milliseconds // len(tune) + 1))[:milliseconds].fade_in(400).fade_out(400) + MUSIC_GAIN
    return np.frombuffer(played.raw_data, np.int16)


def _on_the_line(track: Samples, bank: Bank, chance: random.Random) -> AudioSegment:
    """A side of the call at its own level, with the line's noise under it from a point of its own."""
    noise, turn = _segment(bank.noise), chance.randrange(18_000)
    hiss = (noise[turn:] + noise[:turn]).apply_gain(chance.uniform(-3, 3))
    return _segment(track).apply_gain(chance.uniform(-4, 1.5)).overlay(hiss, loop=True)


def _segment(samples: Samples) -> AudioSegment:
    return AudioSegment(data=samples.tobytes(), sample_width=2, frame_rate=RATE, channels=1)
