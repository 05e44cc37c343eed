"""The sounds between words: the quiet noise of a telephone line and the music while on hold; no speech."""

import numpy as np

from kcc.demo.resampling import RATE, to_telephone
from kcc.demo.voices import Samples

LINE_LEVEL = 22
"""Root mean square of the line's noise in units of PCM16 (-63 dBFS): just audible."""
_CHORDS = ((262, 330, 392, 523), (220, 262, 330, 440), (175, 220, 262, 349), (196, 247, 294, 392))


def line(seed: int) -> Samples:
    """Twenty seconds of line noise with a trace of mains hum, never digital silence for long."""
    chance = np.random.default_rng(seed)
    hiss = to_telephone((chance.standard_normal(20 * RATE) * 3000).astype(np.int16), RATE)
    hum = 0.3 * np.sin(2 * np.pi * 50 * np.arange(len(hiss)) / RATE) * np.std(hiss)
    mixed = hiss + hum
    return np.asarray(np.rint(mixed / np.std(mixed) * LINE_LEVEL), dtype=np.int16)


def music() -> Samples:
    """Sixteen seconds of soft broken chords that can be repeated without a click."""
    note = RATE // 4
    ramp = np.minimum(1, np.arange(note) / 80) * np.exp(-np.arange(note) / (note / 2.5))
    ramp[-80:] *= np.linspace(1, 0, 80)
    tones = []
    for chord in _CHORDS:
        for place in (0, 1, 2, 3, 2, 1, 3, 2) * 2:
            turn = 2 * np.pi * chord[place] * np.arange(note) / RATE
            tones.append((np.sin(turn) + 0.25 * np.sin(2 * turn)) * ramp)
    return np.asarray(np.concatenate(tones) * 2600, dtype=np.int16)
