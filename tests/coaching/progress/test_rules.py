"""What few calls may say, and what of a group may be published: the arithmetic, by hand and by property."""

from datetime import date, timedelta
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcc.coaching.progress import rules
from kcc.coaching.progress.charts import QUARTERS, chart
from kcc.coaching.progress.rules import Change, Figure, Point, Scored

DAY = date(2026, 11, 3)


def scored(day: date, *answers: str) -> Scored:
    """A report whose items from 3 on are answered so."""
    return Scored("anna", 1, day, {f"answer-{n}": said for n, said in enumerate(answers, 3)})


@pytest.mark.parametrize(
    ("mean", "calls", "low", "high"),
    [
        (0.0, 1, 0.0, 0.7935),
        (1.0, 1, 0.2065, 1.0),
        (0.5, 10, 0.2366, 0.7634),
        (1.0, 12, 0.7575, 1.0),
        (81 / 263, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_as_it_is_published(mean: float, calls: int, low: float, high: float) -> None:
    """The last is the worked example of Newcombe (Statistics in Medicine 17, 1998): 0.2553 to 0.3662."""
    assert rules.wilson(mean, calls) == pytest.approx((low, high), abs=5e-5)


def test_z_is_the_normal_distributions() -> None:
    assert pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-6) == rules.Z


@settings(max_examples=50)
@given(st.floats(0, 1), st.integers(1, 5000))
def test_an_interval_holds_its_mean_and_shrinks_with_calls(mean: float, calls: int) -> None:
    low, high = rules.wilson(mean, calls)
    assert 0 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 1
    narrower = rules.wilson(mean, calls * 2)
    assert narrower[1] - narrower[0] < high - low


def test_no_calls_have_no_interval() -> None:
    with pytest.raises(ValueError, match="needs a call"):
        rules.wilson(0.5, 0)


@pytest.mark.rule("REP-1")
def test_what_does_not_apply_counts_for_nothing() -> None:
    """A call of which nothing applied is no call; each call weighs once in a phase."""
    reports = [scored(DAY, "yes", "na"), scored(DAY, "no", "yes"), scored(DAY, "na", "na"), scored(DAY)]
    (point,) = rules.points(reports, [3, 4])
    assert (point.calls, point.share) == (2, 0.75)
    assert rules.points(reports, [5]) == []


def test_quarters_are_the_calendars() -> None:
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1)]
    line = rules.points([scored(day, "yes") for day in days], [3])
    assert [(one.quarter, one.calls) for one in line] == [
        (date(2025, 10, 1), 1),
        (date(2026, 1, 1), 2),
        (date(2026, 4, 1), 1),
    ]
    assert rules.quarter_before(date(2026, 1, 1)) == date(2025, 10, 1)
    assert rules.quarter_before(date(2026, 10, 1)) == date(2026, 7, 1)


def test_a_change_is_said_only_where_the_intervals_part() -> None:
    def line(*shares: tuple[float, int]) -> list[Point]:
        return [Point(DAY, calls, share, *rules.wilson(share, calls)) for share, calls in shares]

    assert rules.change(line((0.5, 4))) is None
    assert rules.change(line((0.0, 3), (1.0, 3))) is Change.UNKNOWN
    assert rules.change(line((0.0, 12), (1.0, 12))) is Change.MORE
    assert rules.change(line((1.0, 12), (0.0, 12))) is Change.LESS


@pytest.mark.parametrize(
    ("mean", "band"),
    [(0, 0), (0.2, 0), (0.21, 1), (0.4, 1), (0.41, 2), (0.59, 2), (0.6, 3), (0.79, 3), (0.8, 4), (1, 4)],
)
def test_bands(mean: float, band: int) -> None:
    assert rules.band(mean) == band


@pytest.mark.rule("AGG-1", "AGG-4")
@settings(max_examples=50)
@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=5, max_size=12))
def test_no_published_figure_tells_what_anybody_did(shares: list[float]) -> None:
    """Whatever anybody in it did: the same figure is made where that one did the opposite; also where all did
    alike."""
    people = {str(n): (share, 1) for n, share in enumerate(shares)}
    found = rules.figure(people, 5)
    assert found is not None
    for opposite in (0.0, 1.0):
        possible = {rules.band((opposite + others) / len(shares)) for others in range(len(shares))}
        assert found.band in possible


@pytest.mark.rule("AGG-1", "GOV-2")
def test_five_people_are_people_not_calls() -> None:
    four = {str(n): (10.0, 20) for n in range(4)}
    assert rules.figure(four, 5) is None
    assert rules.figure(four, 1) is None, "never fewer than five, whatever is asked for"
    five = {**four, "5": (1.0, 1)}
    assert rules.figure(five, 5) == Figure(5, 3)
    assert rules.figure(five, 6) is None
    assert rules.figure({**four, "5": (0.0, 0)}, 5) is None, "somebody without a call is nobody here"


def test_a_chart_keeps_each_quarter_in_its_place() -> None:
    """Gaps stay gaps, and what is older than two years stands in the table alone."""
    assert chart([]) is None
    quarters = [date(2022, 1, 1), date(2025, 1, 1), date(2025, 10, 1), date(2026, 7, 1)]
    drawn = chart([Point(day, 1, 1.0, 0.2, 1.0) for day in quarters])
    assert drawn is not None
    assert [mark.quarter for mark in drawn.marks] == quarters[1:]
    steps = [mark.x for mark in drawn.marks]
    assert steps[1] - steps[0] == steps[2] - steps[1] == 3 * 30
    assert [year for year, _ in drawn.years] == [2025, 2026]
    many = chart([Point(DAY - timedelta(days=91 * n), 1, 0.5, 0, 1) for n in range(60, -1, -1)])
    assert many is not None
    assert len(many.marks) <= QUARTERS
