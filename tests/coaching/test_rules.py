"""The arithmetic of the draw and its dates, without a database."""

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.coaching import rules
from kcc.sections import Sampling

VECTOR_SEED = bytes(31) + b"\x01"
NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
GOOD = rules.Candidate(
    employee_id="anna",
    line_kind="recorded",
    state="live",
    scope="external",
    direction="incoming",
    nature="business",
    duration_ms=60_000,
    started_at=NOW - timedelta(days=3),
    due_at=NOW + timedelta(days=25),
    barred=False,
    sampled=False,
)


@pytest.mark.rule("SAM-3")
def test_the_published_vector() -> None:
    """The lowest three tickets of the design's own example."""
    ids = [f"rec-{number:03}" for number in range(10)]
    lots = rules.order(VECTOR_SEED, "2027-W01/emp-7", ids)
    assert [(ticket.hex()[:8], recording) for ticket, recording in lots[:3]] == [
        ("42efa0dc", "rec-005"),
        ("4e19bfef", "rec-001"),
        ("54622d96", "rec-006"),
    ]
    assert lots[0][0] == rules.ticket(VECTOR_SEED, "2027-W01/emp-7", "rec-005")


def test_the_seed_keeps_its_parts_apart() -> None:
    """Moving a character from one part to the next makes another seed."""
    assert rules.seed(b"s", "ab", "c") != rules.seed(b"s", "a", "bc")
    assert rules.seed(b"sa", "b", "c") != rules.seed(b"s", "ab", "c")
    assert rules.seed(b"s", "é", "1") == rules.seed(b"s", "é", "1")


@given(st.binary(min_size=32, max_size=32), st.integers(1, 60), st.data())
def test_each_secret_proves_the_one_before(root: bytes, length: int, data: st.DataObject) -> None:
    """Any part of a chain steps down to its published end."""
    first = data.draw(st.integers(1, length))
    count = data.draw(st.integers(1, length - first + 1))
    secrets = rules.chain_secrets(root, length, first, count)
    secret = secrets[-1]
    for expected in reversed(secrets):
        assert secret == expected
        secret = rules.step(secret)
    for _ in range(first - 1):
        secret = rules.step(secret)
    assert secret == rules.chain_end(root, length)


def test_a_chain_has_no_secrets_beyond_its_ends() -> None:
    """Asking for more is a programming error."""
    for first, count in ((0, 7), (6, 1), (-1, 1)):
        with pytest.raises(ValueError, match="no such secrets"):
            rules.chain_secrets(b"r" * 32, 5, first, count)


@pytest.mark.rule("SAM-3")
def test_every_call_has_the_same_chance() -> None:
    """Over 4,000 draws of 4 from 10, chi-square stays below the 0.999 quantile of 9 degrees of freedom."""
    ids = [f"call-{number}" for number in range(10)]
    drawn: Counter[str] = Counter()
    draws = 4000
    for number in range(draws):
        seed = rules.seed(number.to_bytes(32, "big"), "", str(number))
        drawn.update(recording for _, recording in rules.order(seed, str(number), ids)[:4])
    expected = draws * 4 / 10
    # Without replacement each count varies by the factor (1 - 4/10) less, so divide by it.
    chi_square = sum((drawn[i] - expected) ** 2 for i in ids) / expected / (1 - 4 / 10) * 9 / 10
    assert chi_square < 27.88
    assert math.isclose(sum(drawn.values()), draws * 4)


@pytest.mark.parametrize(
    ("month", "today", "day"),
    [
        # the 15th is a Sunday: the Monday after
        (date(2026, 11, 1), date(2026, 11, 3), date(2026, 11, 16)),
        # the 15th is a Tuesday
        (date(2026, 12, 1), date(2026, 11, 28), date(2026, 12, 15)),
        # announced exactly three days before
        (date(2026, 12, 1), date(2026, 12, 12), date(2026, 12, 15)),
        # too late for the 15th: the first day that leaves three
        (date(2026, 12, 1), date(2026, 12, 14), date(2026, 12, 17)),
        # three days from Wednesday is Saturday: Monday
        (date(2026, 12, 1), date(2026, 12, 16), date(2026, 12, 21)),
        # the month has three days left, and no working day among those that remain
        (date(2026, 11, 1), date(2026, 11, 28), None),
        (date(2026, 10, 1), date(2026, 10, 28), None),
        (date(2026, 12, 1), date(2026, 12, 28), date(2026, 12, 31)),
        (date(2026, 12, 1), date(2026, 12, 29), None),
    ],
)
@pytest.mark.rule("ANN-1")
def test_the_day_of_a_month(month: date, today: date, day: date | None) -> None:
    """The set day, moved to a working day, never sooner than three days from now."""
    assert rules.proposed_day(month, today, Sampling()) == day


@pytest.mark.rule("ANN-1")
@pytest.mark.parametrize(
    ("set_day", "today", "holidays", "day"),
    [
        # Christmas is a Friday: the Monday after
        (25, 1, (25,), 28),
        # and the Tuesday, where that Monday is a holiday too
        (25, 1, (25, 28), 29),
        # nothing is left behind it: back to the last working day before
        (28, 1, (28, 29, 30, 31), 25),
        # back, but never so far that three days are not left
        (28, 23, (28, 29, 30, 31), None),
    ],
)
def test_a_holiday_moves_the_day_of_a_month(
    set_day: int, today: int, holidays: tuple[int, ...], day: int | None
) -> None:
    """As a weekend does."""
    month = date(2026, 12, 1)
    closed = frozenset(month.replace(day=number) for number in holidays)
    sampling = Sampling(day_of_month=set_day, non_working_days=closed)
    found = rules.proposed_day(month, month.replace(day=today), sampling)
    assert found == (month.replace(day=day) if day else None)


@pytest.mark.rule("ANN-1")
@given(st.dates(date(2026, 1, 1), date(2036, 12, 31)), st.integers(1, 28), st.integers(3, 28))
def test_no_day_is_announced_too_late(today: date, day_of_month: int, announce_days: int) -> None:
    """Whatever the settings: a working day of its month, announced long enough before it."""
    sampling = Sampling(day_of_month=day_of_month, announce_days=announce_days)
    for month in rules.months_to_announce(today, sampling):
        day = rules.proposed_day(month, today, sampling)
        if day is not None:
            assert day - today >= timedelta(days=announce_days)
            assert day.weekday() < 5
            assert rules.month_of(day) == month


@given(st.integers(1, 28), st.integers(3, 28), st.integers(2026, 2030), st.integers(1, 12))
def test_every_month_is_announced_in_time_by_a_daily_job(
    day_of_month: int, announce_days: int, year: int, month_number: int
) -> None:
    """A job that runs each day gives every month its set day, or the working day it moves to."""
    sampling = Sampling(day_of_month=day_of_month, announce_days=announce_days)
    month = date(year, month_number, 1)
    today = month - timedelta(days=40)
    while month not in rules.months_to_announce(today, sampling):
        today += timedelta(days=1)
    day = rules.proposed_day(month, today, sampling)
    assert day is not None
    assert abs((day - month.replace(day=day_of_month)).days) <= 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"employee_id": "bob"},
        {"employee_id": None},
        {"line_kind": "network"},
        {"line_kind": "direct"},
        {"line_kind": None},
        {"state": "sealed"},
        {"state": "quarantined"},
        {"state": "erasing"},
        {"scope": "internal"},
        {"direction": "unknown"},
        {"nature": "network"},
        {"nature": "private"},
        {"duration_ms": 19_999},
        {"duration_ms": 3_600_001},
        {"started_at": NOW - timedelta(days=28, seconds=1)},
        {"due_at": NOW + timedelta(days=7) - timedelta(seconds=1)},
        {"barred": True},
        {"sampled": True},
    ],
    ids=lambda wrong: "-".join(wrong),
)
@pytest.mark.rule("SAM-4", "SAM-6")
def test_each_filter_alone_keeps_a_call_out(wrong: dict[str, object]) -> None:
    """A call that fails in one thing is not eligible; the same call without it is."""
    assert rules.is_eligible(GOOD, "anna", NOW, Sampling())
    assert not rules.is_eligible(replace(GOOD, **wrong), "anna", NOW, Sampling())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limit", "occupied", "free"),
    [
        (4, [], [1, 2, 3, 4]),
        (4, [1, 3], [2, 4]),
        (2, [], [1, 2]),
        (2, [3, 4], []),
        (2, [4], [1]),
        (4, [1, 2, 3, 4], []),
        (3, [1, 2, 3, 4], []),
    ],
)
@pytest.mark.rule("SAM-1", "GOV-2")
def test_never_more_live_slots_than_the_limit(limit: int, occupied: list[int], free: list[int]) -> None:
    """Also when the limit became stricter after some were filled."""
    assert rules.free_slots(limit, occupied) == free
