"""Agreement: by hand for small cases, defined or not, seeded, and the mean of the items is the whole."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcc.coaching.calibration.agreement import RESAMPLES, SEED, measure

ITEMS = (3, 4, 5, 6)


def test_the_textbook_case() -> None:
    """Two coaches, four items, one difference: coincidences 6 yes and 2 no of 8, alpha by hand.

    Observed: 2 of 8 differ. Expected: 1 - (5*4 + 3*2) / (8*7) = 30/56. Alpha = 1 - (2/8) / (30/56) = 0.533.
    """
    sheets = [{3: "yes", 4: "yes", 5: "no", 6: "yes"}, {3: "yes", 4: "yes", 5: "no", 6: "no"}]
    found = measure(ITEMS, sheets)
    assert found.alpha == pytest.approx(1 - (2 / 8) / (30 / 56))
    assert found.verdict == "poor"
    assert [spread.pairs for spread in found.spreads] == [1, 1, 1, 0]
    assert found.spreads[3].counts == {"yes": 1, "no": 1, "na": 0}
    assert measure(ITEMS, sheets) == found


@pytest.mark.parametrize("answer", ["yes", "no", "na"])
def test_without_any_difference_alpha_has_no_value(answer: str) -> None:
    """All the same, also where nothing applied: said in words, not as a number."""
    found = measure(ITEMS, [dict.fromkeys(ITEMS, answer)] * 3)
    assert (found.alpha, found.low, found.high, found.verdict) == (None, None, None, "alike")
    assert all(spread.unanimous for spread in found.spreads)


@pytest.mark.parametrize("sheets", [[], [dict.fromkeys(ITEMS, "yes")]])
def test_one_coach_agrees_with_nobody(sheets: list[dict[int, str]]) -> None:
    """And none with none."""
    found = measure(ITEMS, sheets)
    assert (found.alpha, found.verdict) == (None, "none")
    assert [spread.pairs for spread in found.spreads] == [0] * 4


def test_whoever_agrees_on_different_answers_agrees() -> None:
    """Alpha 1, and an interval of a point."""
    sheet = {3: "yes", 4: "no", 5: "na", 6: "yes"}
    found = measure(ITEMS, [sheet, sheet, sheet])
    assert (found.alpha, found.low, found.high, found.verdict) == (1, 1, 1, "good")


ANSWER = st.sampled_from(("yes", "no", "na"))


@settings(max_examples=25)
@given(st.lists(st.tuples(*[ANSWER] * 4), min_size=2, max_size=5))
def test_the_items_means_make_the_forms_alpha(rows: list[tuple[str, ...]]) -> None:
    """As every item was answered by everybody; and alpha lies within what it can be."""
    found = measure(ITEMS, [dict(zip(ITEMS, row, strict=True)) for row in rows])
    if found.alpha is None:
        return
    own = [spread.alpha for spread in found.spreads if spread.alpha is not None]
    assert sum(own) / len(own) == pytest.approx(found.alpha)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.high <= 1


def test_the_interval_is_of_the_librarys_alpha() -> None:
    """Drawn again one by one, with the same seed."""
    rows = [{3: "yes", 4: "no", 5: "na", 6: "yes"}, {3: "yes", 4: "yes", 5: "na", 6: "no"}]
    found, counts = measure(ITEMS, rows), [[2, 0, 0], [1, 1, 0], [0, 0, 2], [1, 1, 0]]
    draws = np.random.default_rng(SEED).integers(0, 4, (RESAMPLES, 4))[:200]
    for draw in draws:
        drawn = np.array([counts[index] for index in draw])
        if (drawn.sum(axis=0) > 0).sum() < 2:
            continue
        alpha = krippendorff.alpha(value_counts=drawn, level_of_measurement="nominal")
        each, whole = drawn.sum(axis=0), drawn.sum()
        differing = (4 - (drawn**2).sum(axis=1)).sum()
        assert alpha == pytest.approx(1 - differing / ((whole**2 - (each**2).sum()) / (whole - 1)))
    assert found.low is not None
    assert found.high is not None
    assert found.low < float(found.alpha or 0) < found.high
