"""Counts of threats: never fewer than five, and nothing from which fewer would follow."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc import clock
from kcc.clock import Frozen
from kcc.errors import AccessDenied
from kcc.threat import tallying
from kcc.threat.rules import told
from tests.threat.case import Case

WORDS = ("a", "b", "c", "d")


@pytest.mark.rule("AGG-4")
@given(st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_no_count_below_five_is_told_or_follows(numbers: list[int]) -> None:
    counts = dict(zip(WORDS, numbers, strict=True))
    shown, total = told(counts, WORDS)
    assert all(shown[word] == (number if number >= 5 else None) for word, number in counts.items())
    hidden = [number for number in numbers if number < 5]
    assert total in (None, sum(numbers))
    if hidden and (len(hidden) == 1 or sum(hidden) < 5):
        assert total is None


@pytest.mark.rule("AGG-4")
def test_every_small_count_could_be_another_one() -> None:
    """Whatever is kept back, at least two worlds fit what is told, also for who knows the rule."""
    seen: dict[object, set[tuple[int, ...]]] = {}
    for numbers in product(range(9), repeat=3):
        shown, total = told(dict(zip(WORDS, numbers, strict=False)), WORDS[:3])
        seen.setdefault((tuple(shown.values()), total), set()).add(numbers)
    for (shown, _), worlds in seen.items():
        for place, number in enumerate(shown):
            assert number is not None or len({world[place] for world in worlds}) > 1, (shown, worlds)


def read(case: Case, name: str) -> list[tallying.Quarter]:
    """What somebody is told."""
    with case.stores.database.write() as session:
        return tallying.read(session, case.actor(name))[1]


@pytest.mark.rule("AGG-4", "ACC-1")
def test_a_quarter_is_told_once_it_is_over_and_outlives_its_threats(case: Case, now: Frozen) -> None:
    """Seven threats of which one is taken back in time; a later change of mind changes nothing."""
    case.centre.calls(7)
    threats = [case.report(id_, kind="verbal") for id_ in case.recordings()]
    case.withdraw(threats[0])
    case.agreed(threats[1], "none")
    assert read(case, "manager") == [], "the quarter goes on"
    case.settle(threats[1], "anna")
    case.settle(threats[1], "lead")
    now.set(clock.start_of_day(clock.today().replace(month=12, day=31)))
    case.withdraw(threats[2])
    now.set(clock.start_of_day(clock.today().replace(year=2027, month=1, day=1)))
    case.erase()
    before = read(case, "council")
    case.withdraw(threats[3])
    for name in ("manager", "council", "officer"):
        (quarter,) = read(case, name)
        assert [quarter] == before
    assert (quarter.incidents_sum, quarter.measures_sum) == (None, None)
    assert quarter.incidents["verbal"] == 5, "and no sum: the four others would be known to be none"
    for name in ("anna", "coach", "lead", "administrator"):
        with pytest.raises(AccessDenied):
            read(case, name)
