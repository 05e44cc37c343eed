"""From a synthesiser's sampling rate to the telephone's: 8 kHz and its narrow band; nothing else."""

import numpy as np
from numpy.typing import NDArray

RATE = 8000
"""Samples a second of everything the demo's recorder writes."""
LOW, HIGH, SLOPE = 250.0, 3500.0, 120.0
"""The band that passes, and how wide its edges are, in Hz."""


def _smooth(length: int) -> int:
    """The next length without prime factors above 5, on which the transform is fast."""
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1


def to_telephone(samples: NDArray[np.int16], rate: int) -> NDArray[np.float64]:
    """`samples` at `rate` Hz as 8 kHz, whole milliseconds long, between -1 and 1.

    In the frequency domain, so that nothing folds back: a polyphase filter of the same quality would be
    longer than many utterances. The length is padded to where both rates meet (441 to 160 for 22,050 Hz).
    """
    common = int(np.gcd(rate, RATE))
    step, out_step = rate // common, RATE // common
    pieces = _smooth(-(-(len(samples) + rate // 10) // step))
    spectrum = np.fft.rfft(samples / 32768, n=pieces * step)
    kept = spectrum[: pieces * out_step // 2 + 1]
    frequency = np.arange(len(kept)) * (RATE / (pieces * out_step))
    edges = np.clip((frequency - LOW) / SLOPE + 0.5, 0, 1) * np.clip((HIGH - frequency) / SLOPE + 0.5, 0, 1)
    sound = np.fft.irfft(kept * edges, n=pieces * out_step) * (out_step / step)
    milliseconds = -(-len(samples) * 1000 // rate)
    return sound[: milliseconds * RATE // 1000]
