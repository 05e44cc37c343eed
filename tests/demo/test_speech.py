"""The voices say something, at a good level, and the same for the same seed whatever was said before."""

import sys
import time

import numpy as np
import pytest

from kcc.demo import dialogues, voices
from kcc.demo.speech import Bank
from kcc.demo.voices import CALLERS, EMPLOYEES, Samples, Speaker
from kcc.errors import Unavailable

from .conftest import SEED

SENTENCE = "Goedemorgen, waarmee kan ik u van dienst zijn? Uw aanvraag is op drie maart ontvangen."


def said(voice: voices.Voice, *, before: tuple[str, ...] = (), loud: bool = False) -> Samples:
    for text in before:
        with Speaker() as speaker:
            speaker.say(text, CALLERS[3])
    with Speaker() as speaker:
        return speaker.say(SENTENCE, voice, loud=loud)


@pytest.mark.parametrize("voice", EMPLOYEES + CALLERS, ids=lambda voice: f"{voice.variant}-{voice.pitch}")
def test_each_voice_speaks_at_the_common_level_without_clipping(voice: voices.Voice) -> None:
    sound = said(voice).astype(float) / 32768
    assert 3 < len(sound) / 8000 < 9
    assert 0.07 < np.sqrt(np.mean(sound**2)) < 0.11
    assert np.abs(sound).max() < 0.98


def test_it_is_speech_in_the_telephone_band() -> None:
    """Energy in the band, a voice's pitch, and syllables: loudness that swings a few times a second."""
    sound = said(EMPLOYEES[1]).astype(float)
    power = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / 8000)
    band = (hertz > 250) & (hertz < 3500)
    assert power[band].sum() / power.sum() > 0.99
    loudness = np.sqrt(np.mean(sound[: len(sound) // 80 * 80].reshape(-1, 80) ** 2, axis=1))
    swing = np.abs(np.fft.rfft(loudness - loudness.mean())) ** 2
    rate = np.fft.rfftfreq(len(loudness), 0.01)
    assert swing[(rate > 1) & (rate < 9)].sum() / swing.sum() > 0.5
    steps = [frame / np.linalg.norm(frame) for frame in _frames(sound, 320) if np.linalg.norm(frame) > 20_000]
    voiced = [max(float(f[: 320 - lag] @ f[lag:]) for lag in range(25, 110)) for f in steps]
    assert np.mean(np.array(voiced) > 0.5) > 0.4


def _frames(sound: np.ndarray, size: int) -> list[np.ndarray]:
    return [sound[at : at + size] for at in range(0, len(sound) - size, size)]


def test_neither_time_nor_what_was_said_before_changes_anything() -> None:
    """libespeak-ng keeps state between utterances and seeds itself by the clock; nobody may hear it."""
    first = said(EMPLOYEES[0])
    time.sleep(1.1)  # the library would seed itself by the second
    assert np.array_equal(first, said(EMPLOYEES[0], before=("Dag.", "Tot ziens, meneer.")))


def test_voices_differ_and_shouting_is_louder() -> None:
    sounds = [said(voice).tobytes() for voice in EMPLOYEES + CALLERS]
    assert len(set(sounds)) == len(sounds)
    calm, loud = (np.std(said(CALLERS[0], loud=loud).astype(float)) for loud in (False, True))
    assert 1.8 < loud / calm < 4


def test_more_processes_give_the_same_bank() -> None:
    scripts = [script for script in dialogues.scripts(SEED) if script.manner in {"quick", "wrong"}][:4]
    seen: list[tuple[int, int]] = []
    alone = Bank.build(SEED, scripts=scripts, workers=1)
    together = Bank.build(SEED, lambda done, of: seen.append((done, of)), scripts=scripts, workers=2)
    assert seen == [(done, 28) for done in range(1, 29)]
    for mine, theirs in zip(alone.dialogues, together.dialogues, strict=True):
        for (_, one), (_, two) in zip(mine.parts, theirs.parts, strict=True):
            for said_alone, said_together in zip(one, two, strict=True):
                assert np.array_equal(said_alone.samples, said_together.samples)
    assert alone.openings.keys() == together.openings.keys()
    for key, opening in alone.openings.items():
        assert np.array_equal(opening, together.openings[key])


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(Unavailable, match=r"kcc\[demo\]"):
        Bank.build(SEED, scripts=[])


def test_hold_music_repeats_without_a_click(bank: Bank) -> None:
    assert abs(int(bank.music[0])) + abs(int(bank.music[-1])) < 100
    assert np.abs(np.diff(bank.music.astype(int))).max() < 6000
