"""The bank of spoken dialogues: synthesised once, in parallel, used for every call; it assembles none."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from kcc.demo import dialogues, names, noises
from kcc.demo.dialogues import Script
from kcc.demo.names import Player
from kcc.demo.resampling import RATE
from kcc.demo.voices import CALLERS, EMPLOYEES, Samples, Speaker, loader

ORGANISATION = "Loket Ondernemen en Omgeving"
OPENINGS = {
    "morning": f"Goedemorgen, {ORGANISATION}, u spreekt met {{name}}. Waarmee kan ik u van dienst zijn?",
    "afternoon": f"Goedemiddag, {ORGANISATION}, u spreekt met {{name}}. Waarmee kan ik u helpen?",
    "outgoing": f"Goedendag, u spreekt met {{name}} van het {ORGANISATION}. U had ons gebeld en ik kom terug "
    "op uw vraag. Wilt u nog eens vertellen waar het over gaat?",
    "internal": "Hoi, met {given}.",
    "curt": "Loket, met {given}.",
}
"""How an employee opens a call; "curt" is what the quality plan calls wrong."""


@dataclass(frozen=True)
class Utterance:
    """One spoken line: who ("E" or "C") and its samples; None where the caller waits on hold."""

    who: str
    samples: Samples | None

    @property
    def milliseconds(self) -> int:
        """How long it lasts; a hold lasts as long as the call leaves time for."""
        return 0 if self.samples is None else len(self.samples) * 1000 // RATE


@dataclass(frozen=True)
class Spoken:
    """A script that has been spoken: per part its rank and its utterances."""

    script: Script
    parts: tuple[tuple[int, tuple[Utterance, ...]], ...]


@dataclass(frozen=True)
class Bank:
    """Everything calls are made of: dialogues, each employee's openings, line noise and hold music."""

    dialogues: tuple[Spoken, ...]
    openings: dict[tuple[str, str], Samples]
    voices: dict[str, int]
    noise: Samples
    music: Samples

    @classmethod
    def build(
        cls,
        seed: int,
        progress: Callable[[int, int], None] = lambda _done, _of: None,
        *,
        scripts: Sequence[Script] | None = None,
        workers: int | None = None,
    ) -> "Bank":
        """Speak all `scripts` (default: the whole bank of `seed`) and tell `progress(done, of)` after each.

        `workers`: processes to use (default: one per core, 4 at most; with 1 nothing is started). The result
        is the same for any number. Unavailable when the extra "demo" is not installed.
        """
        loader()
        chosen = dialogues.scripts(seed) if scripts is None else scripts
        cast = names.cast(seed)
        players = [cast[number] for number in names.numbers()["employee"]]
        tasks: list[Script | Player] = [*chosen, *players]
        spoken: list[tuple[Samples, ...]] = []
        for samples in _speak_all(tasks, workers or min(4, os.cpu_count() or 1)):
            spoken.append(samples)
            progress(len(spoken), len(tasks))
        return cls(
            tuple(_joined(s, clips) for s, clips in zip(chosen, spoken[: len(chosen)], strict=True)),
            {
                (player.number, kind): clip
                for player, clips in zip(players, spoken[len(chosen) :], strict=True)
                for kind, clip in zip(OPENINGS, clips, strict=True)
            },
            {player.number: voice_of(player) for player in players},
            noises.line(seed),
            noises.music(),
        )


def voice_of(player: Player) -> int:
    """The index of the voice in which an employee speaks."""
    fitting = [index for index, voice in enumerate(EMPLOYEES) if voice.sex == player.sex]
    return fitting[int(player.number) // 2 % len(fitting)]


def _speak_all(tasks: Sequence[Script | Player], workers: int) -> Iterable[tuple[Samples, ...]]:
    if workers == 1:
        yield from map(_speak, tasks)
        return
    # Spawned, not forked: the caller may hold threads, database connections and a loaded library.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_speak, tasks, chunksize=2)


def _speak(task: Script | Player) -> tuple[Samples, ...]:
    """All samples of one task, in order; an empty array for a hold."""
    with Speaker() as speaker:
        if isinstance(task, Player):
            voice = EMPLOYEES[voice_of(task)]
            texts = [t.format(name=task.name, given=task.given) for t in OPENINGS.values()]
            return tuple(speaker.say(text, voice) for text in texts)
        voices = {"E": EMPLOYEES[task.employee], "C": CALLERS[task.caller]}
        return tuple(
            speaker.say(line.text, voices[line.who], loud=line.loud) if line.text else np.empty(0, np.int16)
            for part in task.parts
            for line in part.lines
        )


def _joined(script: Script, clips: Sequence[Samples]) -> Spoken:
    """The clips of a script back in their parts."""
    following = iter(clips)
    return Spoken(
        script,
        tuple(
            (part.rank, tuple(Utterance(ln.who, _sound(next(following), ln.is_hold)) for ln in part.lines))
            for part in script.parts
        ),
    )


def _sound(samples: Samples, is_hold: bool) -> Samples | None:
    return None if is_hold else samples
