"""How far coaches agree who scored one call alone: Krippendorff's alpha, its interval, and the spread; pure.

Everything here can be recomputed by hand or by anybody with the same numbers (GOV-4): nominal values, "not
applicable" among them; the interval by drawing the items again, from a seed that stands here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import krippendorff
import numpy as np

from kcc.coaching.draft import ANSWERS

RESAMPLES = 1000
SEED = 20261123
"""The day on which this was written: the same answers always give the same interval."""
INTERVAL = (2.5, 97.5)
"""Percentiles: in 95 of 100 such draws of items alpha lies between them."""
GOOD, FAIR = 0.8, 0.667
"""Krippendorff's own bounds: reliable from the first, tentative conclusions from the second."""

Answers = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Spread:
    """One item: how many answered what, the share of pairs that agree, and the item's own alpha.

    `alpha` measures the item's disagreement against what chance would give over the whole form, so that the
    mean over the items is the form's alpha; None where that is not defined.
    """

    item: int
    counts: Mapping[str, int]
    pairs: float
    alpha: float | None

    @property
    def unanimous(self) -> bool:
        """Whether all answered the same."""
        return sum(count > 0 for count in self.counts.values()) == 1


@dataclass(frozen=True, slots=True)
class Agreement:
    """All items, and the form as a whole; `alpha` is None where everybody gave one and the same answer to
    every item (there is no difference to measure), or nobody can be compared.
    """

    raters: int
    spreads: tuple[Spread, ...]
    alpha: float | None
    low: float | None = None
    high: float | None = None

    @property
    def verdict(self) -> str:
        """In one word what it means: alike, good, fair, poor; or none, where it cannot be measured."""
        if self.raters < 2:
            return "none"
        if self.alpha is None:
            return "alike"
        return "good" if self.alpha >= GOOD else "fair" if self.alpha >= FAIR else "poor"


def measure(items: Sequence[int], sheets: Sequence[Answers]) -> Agreement:
    """The agreement of some coaches' answers to the items of a form."""
    counts = np.array([[sum(s.get(i) == a for s in sheets) for a in ANSWERS] for i in items], dtype=int)
    raters = len(sheets)
    whole = _alpha(counts)
    low, high = _interval(counts) if whole is not None else (None, None)
    spreads = tuple(
        Spread(item, dict(zip(ANSWERS, map(int, row), strict=True)), _pairs(row), _own_alpha(row, counts))
        for item, row in zip(items, counts, strict=True)
    )
    return Agreement(raters, spreads, whole, low, high)


def _alpha(counts: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]") -> float | None:
    """Alpha of rows of counts; None where fewer than two values or no pairs occur: then it has no value."""
    pairable = counts[counts.sum(axis=1) > 1]
    if (pairable.sum(axis=0) > 0).sum() < 2:
        return None
    return float(krippendorff.alpha(value_counts=pairable, level_of_measurement="nominal"))


def _interval(counts: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]") -> tuple[float | None, float | None]:
    """Where alpha lies when the items are drawn again with replacement; draws without a value count as 1.

    Such a draw holds only items on which everybody gave one answer: nothing in it differs.
    """
    counts = counts[counts.sum(axis=1) > 1]
    draws = np.random.default_rng(SEED).integers(0, len(counts), (RESAMPLES, len(counts)))
    answered = counts.sum(axis=1)
    differing = (answered**2 - (counts**2).sum(axis=1)) / (answered - 1)
    each = counts[draws].sum(axis=1)
    whole = each.sum(axis=1)
    by_chance = (whole**2 - (each**2).sum(axis=1)) / (whole - 1)
    observed = differing[draws].sum(axis=1)
    # The same alpha as _alpha's, of all draws in one step; a test holds both together.
    found = 1 - np.divide(observed, by_chance, out=np.zeros(RESAMPLES), where=by_chance > 0)
    low, high = np.percentile(found, INTERVAL)
    return float(low), float(high)


def _pairs(row: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]") -> float:
    """The share of pairs of coaches that gave the same answer; 0 without a pair."""
    answered = int(row.sum())
    pairs = answered * (answered - 1)
    return float((row * (row - 1)).sum() / pairs) if pairs else 0.0


def _own_alpha(
    row: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]",
    counts: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]",
) -> float | None:
    """1 minus the item's share of differing pairs over that which chance gives over the form."""
    pairable = counts[counts.sum(axis=1) > 1]
    each = pairable.sum(axis=0)
    whole = int(each.sum())
    if row.sum() < 2 or (each > 0).sum() < 2:
        return None
    expected = 1 - (each * (each - 1)).sum() / (whole * (whole - 1))
    return float(1 - (1 - _pairs(row)) / expected)
