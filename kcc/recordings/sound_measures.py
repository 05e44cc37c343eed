"""What can be measured of a sound, moment by moment: its level, and whether its pitches stand still; what
that means is lanes'. Arithmetic alone, nothing learned, nothing kept (GOV-4).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcc.recordings.samples import expand
from kcc.recordings.sound import Sound

FRAMES_A_SECOND = 50
"""A level each 20 ms, as telephone exchanges cut sound: shorter than any syllable."""
CELL = 2
"""Frames to one spectrum: 40 ms, so that the shortest key tone that exchanges accept (40 ms) is met."""
WINDOW_SECONDS = 0.032
"""What a spectrum looks at: 31 Hz apart, enough to tell neighbouring notes above 300 Hz."""
LOWEST_HERTZ, HIGHEST_HERTZ = 150, 3400
"""The telephone's band, with the lower notes that come through; mains hum lies below it."""
AUDIBLE_DB = -55.0
"""Of full scale. What is softer gets no spectrum: it is the line's own noise (-60 to -70 in the field)."""
STILL = 0.8
"""How alike (correlation) two spectra 80 ms apart must be. Spoken vowels glide: of speech 2 to 7 % of the
moments reach it, of music 64 to 98 %, of noise none.
"""
APART = 2
"""Cells between the two: 80 ms, longer than a sound of speech stands still, shorter than a short note."""
PURE = 0.97
"""The share of a spectrum in its two strongest pitches from which it is a tone: key tones have two, a ringing
tone one; half of speech stays under 0.7.
"""
CELLS_AT_ONCE = 512
_SILENCE_DB = -100.0

Levels = NDArray[np.float32]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Measures:
    """One channel: the level of each frame in dB of full scale; per cell whether its pitch stood still,
    whether it had moved, and whether it was a pure tone.
    """

    level: Levels
    still: Marks
    moved: Marks
    pure: Marks


def frame_samples(rate: int) -> int:
    """Samples of one frame; times are counted in them, so that odd rates do not drift."""
    return rate // FRAMES_A_SECOND


def measure(sound: Sound, read: Callable[[int, int], bytes], ready: int | None = None) -> list[Measures]:
    """Measure each channel of the first `ready` samples (all by default), in pieces: memory grows by some 300
    bytes a second of sound. What fills no whole cell at the end is left out.
    """
    ready = sound.frames if ready is None else min(ready, sound.frames)
    ears = [_Ear(sound.rate) for _ in range(sound.channels)]
    for samples in _blocks(sound, read, ready):
        for ear, row in zip(ears, samples, strict=True):
            ear.hear(row)
    return [ear.told() for ear in ears]


def _blocks(sound: Sound, read: Callable[[int, int], bytes], ready: int) -> Iterator[NDArray[np.int16]]:
    """Whole cells of PCM16, a row per channel."""
    cell = CELL * frame_samples(sound.rate)
    last = ready - ready % cell
    for start in range(0, last, cell * CELLS_AT_ONCE):
        end = min(start + cell * CELLS_AT_ONCE, last)
        size = (end - start) * sound.frame_bytes
        data = read(sound.data_offset + start * sound.frame_bytes, size)
        if len(data) != size:
            raise EOFError("The recorded file is shorter than the sound that was recognised in it.")
        pcm = data if sound.encoding.coded else expand(sound.encoding, data)
        yield np.frombuffer(pcm, "<i2").reshape(-1, sound.channels).T


class _Ear:
    """Listens to one channel, block after block."""

    def __init__(self, rate: int) -> None:
        self._frame = frame_samples(rate)
        self._window = np.hanning(int(rate * WINDOW_SECONDS)).astype(np.float32)
        self._bins = slice(int(LOWEST_HERTZ * WINDOW_SECONDS) + 1, int(HIGHEST_HERTZ * WINDOW_SECONDS) + 1)
        width = self._bins.stop - self._bins.start
        self._before = np.zeros((APART, width), np.float32)
        self._level: list[Levels] = [np.empty(0, np.float32)]
        self._marks: list[tuple[Marks, Marks, Marks]] = [(np.empty(0, bool),) * 3]

    def hear(self, samples: NDArray[np.int16]) -> None:
        """Measure whole cells."""
        real = samples.astype(np.float32) / 32_768
        frames = real.reshape(-1, self._frame)
        squares = np.einsum("fs,fs->f", frames, frames) / self._frame
        power = squares - np.square(frames.mean(axis=1))  # an offset is no sound
        level = np.maximum(10 * np.log10(np.maximum(power, 1e-10)), _SILENCE_DB).astype(np.float32)
        heard = level.reshape(-1, CELL).min(axis=1) >= AUDIBLE_DB
        cells = real.reshape(-1, CELL * self._frame)[:, : len(self._window)]
        spectra = np.zeros((len(heard), self._before.shape[1]), np.float32)
        spectra[heard] = np.abs(np.fft.rfft(cells[heard] * self._window, axis=1)[:, self._bins])
        self._level.append(level)
        self._marks.append((*self._compared(spectra), _pure(spectra)))

    def told(self) -> Measures:
        """All that was measured."""
        still, moved, pure = (np.concatenate(rows) for rows in zip(*self._marks, strict=True))
        return Measures(np.concatenate(self._level), still, moved, pure)

    def _compared(self, spectra: NDArray[np.float32]) -> tuple[Marks, Marks]:
        """Per cell: is it, and was the one 80 ms before it, heard and alike; or heard and not alike."""
        shape = np.sqrt(spectra)  # else one loud pitch would decide alone
        shape -= shape.mean(axis=1, keepdims=True)
        shape /= np.maximum(np.linalg.norm(shape, axis=1, keepdims=True), 1e-9)
        row = np.concatenate([self._before, shape])
        self._before = row[-APART:]
        alike = np.einsum("cb,cb->c", row[APART:], row[:-APART])
        both = row[APART:].any(axis=1) & row[:-APART].any(axis=1)
        return both & (alike >= STILL), both & (alike < STILL)


def _pure(spectra: NDArray[np.float32]) -> Marks:
    """Whether nearly all of each spectrum lies in its two strongest pitches, each five steps wide."""
    power = np.square(spectra)
    whole = power.sum(axis=1)
    rows, last = np.arange(len(power)), power.shape[1] - 1
    for _ in range(2):
        top = power.argmax(axis=1)
        for step in range(-2, 3):
            power[rows, np.clip(top + step, 0, last)] = 0
    rest: Marks = (whole > 0) & (power.sum(axis=1) <= (1 - PURE) * whole)
    return rest
