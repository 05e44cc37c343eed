"""When a reading of the clocks may destroy: every way in which time moves, and what is left after each."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.clock import Reading
from kcc.timekeeping.rules import AGREE, FAR, Doubt, Seen, doubt, floor

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
LAST = Seen(AT, "boot", 1000.0)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
spans = st.timedeltas(-50 * DAY, 50 * DAY)


def reading(
    moved: timedelta, steady: timedelta | None, *, synchronised: bool = False, boot: str = "boot"
) -> Reading:
    gone = moved if steady is None else steady
    return Reading(AT + moved, boot, 1000.0 + gone.total_seconds(), synchronised)


@pytest.mark.rule("RET-1", "RET-7")
@pytest.mark.parametrize(
    ("moved", "steady", "expected"),
    [
        (SECOND, SECOND, None),
        (FAR, FAR, None),
        (FAR + SECOND, FAR + SECOND, Doubt.MOVED),
        (timedelta(hours=1), timedelta(hours=1) - AGREE, None),
        (timedelta(hours=1), timedelta(hours=1) - AGREE - SECOND, Doubt.JUMPED),
        (timedelta(hours=1), timedelta(hours=1) + AGREE + SECOND, Doubt.JUMPED),
        (40 * DAY, timedelta(minutes=5), Doubt.JUMPED),
        (-AGREE, -AGREE, None),
        (-AGREE - SECOND, SECOND, Doubt.BACK),
        (-40 * DAY, SECOND, Doubt.BACK),
    ],
)
def test_time_that_nobody_keeps_right(moved: timedelta, steady: timedelta, expected: Doubt | None) -> None:
    """The limits themselves are within; a synchronised clock may do all of it."""
    assert doubt(reading(moved, steady), None, LAST) is expected
    assert doubt(reading(moved, steady, synchronised=True), None, LAST) is None


@pytest.mark.parametrize(
    ("moved", "expected"),
    [(timedelta(hours=20), None), (3 * DAY, Doubt.MOVED), (-timedelta(hours=2), Doubt.BACK)],
)
def test_after_a_restart_the_steady_clock_says_nothing(moved: timedelta, expected: Doubt | None) -> None:
    """Only the last time seen is left to compare with."""
    assert doubt(reading(moved, SECOND, boot="another"), None, LAST) is expected
    assert doubt(reading(moved, SECOND, boot=""), None, Seen(AT)) is expected


@given(apart=spans, synchronised=st.booleans(), last=st.sampled_from([None, LAST]))
def test_clocks_that_disagree_are_never_trusted(
    apart: timedelta, synchronised: bool, last: Seen | None
) -> None:
    """Whatever else speaks for them."""
    found = doubt(reading(SECOND, None, synchronised=synchronised), AT + SECOND + apart, last)
    assert (found is Doubt.DISAGREES) == (abs(apart) > AGREE)


def test_an_installation_without_a_past_trusts_its_clock() -> None:
    """There is nothing yet that could go too early."""
    assert doubt(reading(40 * DAY, SECOND), None, None) is None


@given(moved=spans, gone=st.timedeltas(timedelta(0), DAY), apart=spans, same_boot=st.booleans())
def test_access_goes_by_the_latest_clock(
    moved: timedelta, gone: timedelta, apart: timedelta, same_boot: bool
) -> None:
    """None set back makes it earlier than the last time seen, and what has gone by since."""
    read = reading(moved, gone, boot="boot" if same_boot else "another")
    found = floor(read, read.at + apart, LAST)
    assert found >= read.at
    assert found >= read.at + apart
    assert found >= AT + (gone if same_boot else timedelta(0)) - timedelta(milliseconds=1)
