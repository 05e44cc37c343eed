"""Conversations with a known truth for tests: the demo's voices, hold music, tones and noise at a time and
level that the test chooses.
"""

import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kcc.demo import noises
from kcc.demo.voices import CALLERS, EMPLOYEES, Speaker, Voice
from kcc.recordings.g711 import compress
from kcc.recordings.sound import Encoding, Sound

RATE = 8000
Part = NDArray[np.float64]
SENTENCES = (
    "Goedemorgen, waarmee kan ik u van dienst zijn? Uw aanvraag is op drie maart ontvangen.",
    "Ja, ik bel omdat ik een brief heb gekregen, en daar begrijp ik niets van. Er staat dat ik moet betalen.",
)


@cache
def said(side: int = 0, voice: int = 0, text: str = "") -> Part:
    """A sentence of the employee (0) or the caller (1), without the silence around it, at -20 dBFS."""
    who: Voice = (EMPLOYEES, CALLERS)[side][voice]
    with Speaker() as speaker:
        sound = speaker.say(text or SENTENCES[side], who).astype(float)
    loud = np.flatnonzero(np.abs(sound) > 300)
    return np.asarray(sound[loud[0] : loud[-1] + 1])


def level(decibels: float) -> float:
    """The root mean square of a level below full scale."""
    return 32_768 * 10.0 ** (decibels / 20)


def at_level(part: Part, decibels: float) -> Part:
    """The same sound at another level."""
    return part / np.sqrt(np.mean(np.square(part))) * level(decibels)


def noise(seconds: float, decibels: float, seed: int = 1) -> Part:
    """White noise."""
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE)) * level(decibels)


def tone(seconds: float, *hertz: float, decibels: float = -15) -> Part:
    """Steady pitches: a ringing tone has one, a key two."""
    at = np.arange(round(seconds * RATE)) / RATE
    return at_level(np.asarray(sum(np.sin(2 * np.pi * pitch * at) for pitch in hertz)), decibels)


def keys(count: int, on: float = 0.08, off: float = 0.12) -> Part:
    """Keys pressed one after another (DTMF), as fast as a telephone dials."""
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    presses = [tone(on, rows[n % 4], columns[n % 3], decibels=-12) for n in range(count)]
    return np.concatenate([np.concatenate([press, np.zeros(round(off * RATE))]) for press in presses])


def broken_chords(seconds: float) -> Part:
    """The demo's hold music: short plucked notes."""
    music = noises.music().astype(float)
    return np.resize(music, round(seconds * RATE))


def sustained_chords(seconds: float, decibels: float = -20) -> Part:
    """Organ-like music that never pauses: four chords of two seconds each."""
    at = np.arange(2 * RATE) / RATE
    ramp = np.minimum(1, np.minimum(at, at[::-1]) / 0.05)
    chords = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
    bars = [
        sum(np.sin(2 * np.pi * note * over * at) / over for note in chord for over in range(1, 6)) * ramp
        for chord in chords
    ]
    return at_level(np.resize(np.concatenate(bars), round(seconds * RATE)), decibels)


def lively_melody(seconds: float, decibels: float = -20, seed: int = 5) -> Part:
    """A tune over a bass with a beat of noise, notes of an eighth to half a second."""
    chance = np.random.default_rng(seed)
    found = np.zeros(round(seconds * RATE))
    start = 0
    while start < len(found):
        count = min(round(RATE * 0.25 * chance.choice([0.5, 1, 1, 2])), len(found) - start)
        at, pitch = np.arange(count) / RATE, chance.choice([262, 294, 330, 392, 440, 523, 587, 659])
        tune = sum(np.sin(2 * np.pi * pitch * over * at) / over**1.2 for over in range(1, 8)) * np.exp(
            -3 * at
        )
        bass = sum(np.sin(2 * np.pi * pitch * 0.75 * over * at) / over for over in range(1, 6))
        found[start : start + count] = tune + 0.6 * bass * np.exp(-2 * at)
        beat = min(400, count)
        found[start : start + beat] += chance.standard_normal(beat) * np.exp(-np.arange(beat) / 80) * 0.5
        start += count
    return at_level(found, decibels)


def timed(seconds: float, *parts: tuple[float, Part], floor: float = -63, seed: int = 1) -> Part:
    """One side of a call: line noise at a level, and each part at its second."""
    found = noise(seconds, floor, seed)
    for start, part in parts:
        begin = round(start * RATE)
        found[begin : begin + len(part)] += part[: len(found) - begin]
    return found


def recorded(*sides: Part, encoding: Encoding = Encoding.ALAW) -> tuple[Sound, bytes]:
    """The sides as a recorder writes them: the sound, and the bytes of its samples."""
    rows = np.stack([np.clip(np.rint(side), -32_768, 32_767) for side in sides], axis=1)
    pcm = rows.astype("<i2").tobytes()
    data = pcm if encoding is Encoding.PCM16 else compress(encoding, pcm)
    return Sound(encoding, RATE, len(sides), 0, len(data)), data


def wav(*sides: Part) -> bytes:
    """A WAV file of A-law with these sides."""
    _, data = recorded(*sides)
    fmt = struct.pack("<HHIIHH", 6, len(sides), RATE, RATE * len(sides), len(sides), 8)
    chunks = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data))
    return b"RIFF" + struct.pack("<I", len(chunks) + len(data)) + chunks + data
