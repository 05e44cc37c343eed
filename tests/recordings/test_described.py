"""Whose part of a call is whose: each has their own time, and where it cannot be told nobody is guessed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.recordings.sources.described import NOBODY, Described, Spell, divide

START = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
VALUES = {"call_id": "c", "direction": "incoming", "scope": "external", "line": "main"}


def at(seconds: float | None) -> datetime | None:
    return None if seconds is None else START + timedelta(seconds=seconds)


def spell(agent: str, begins: float | None = None, ends: float | None = None) -> Spell:
    return Spell(agent, at(begins), at(ends))


def told(found: Described) -> list[tuple[Any, ...]]:
    return [(p.call.call_id, p.call.agent_id, p.begins, p.ends, p.unplaced) for p in found.parts]


def parts(*spells: Spell, others: int = 1) -> list[tuple[Any, ...]]:
    return told(divide("r", VALUES, START, spells, others=others))


def test_one_employee_with_one_caller_has_the_whole_sound() -> None:
    assert parts(spell("a", 5, 60)) == [("c", "a", None, None, None)]
    assert parts(spell("a", 5, 60), spell("a", 80, 90)) == [("c", "a", None, None, None)]


def test_nobody_named_is_nobody_guessed() -> None:
    assert parts() == [("c", NOBODY, None, None, "agent_missing")]


def test_a_transferred_call_is_each_ones_own_time() -> None:
    found = divide("r", VALUES, START, [spell("b", 60, None), spell("a", 0, 55)], others=1)
    assert told(found) == [("c/1", "a", None, 55, None), ("c/2", "b", 60, None, None)]
    assert [part.call.start for part in found.parts] == [START, START + timedelta(seconds=60)]


def test_one_who_handed_over_to_somebody_outside_has_their_own_time_alone() -> None:
    assert parts(spell("a", 0, 55), others=2) == [("c", "a", None, 55, None)]


def test_one_who_comes_back_has_two_parts() -> None:
    found = parts(spell("a", 0, 10), spell("b", 10, 20), spell("a", 20, None))
    assert [(one[1], one[2], one[3]) for one in found] == [("a", None, 10), ("b", 10, 20), ("a", 20, None)]


def test_what_one_spoke_without_a_pause_is_one_part() -> None:
    found = parts(spell("a", 0, 10), spell("a", 10, 20), spell("b", 20, 30))
    assert [(one[1], one[2], one[3]) for one in found] == [("a", None, 20), ("b", 20, 30)]


@pytest.mark.parametrize(
    ("spells", "unplaced"),
    [
        ([spell("a", 0, None), spell("b", 60, None)], {"a"}),  # when a left, nobody says
        ([spell("a", None, 55), spell("b", 60, 90)], {"a"}),
        ([spell("a", 50, 40), spell("b", 60, 90)], {"a"}),
    ],
)
def test_who_cannot_be_placed_is_not_guessed_and_the_others_are_placed(
    spells: list[Spell], unplaced: set[str]
) -> None:
    found = parts(*spells)
    assert {one[1] for one in found if one[4] == "transfer_unclear"} == unplaced
    assert {one[1] for one in found if one[4] is None} == {"b"}


def test_several_without_any_time_are_one_unplaced_whole() -> None:
    assert parts(spell("a"), spell("b")) == [("c", NOBODY, None, None, "transfer_unclear")]


MOMENT = st.none() | st.integers(-50, 500)


@given(st.lists(st.tuples(st.sampled_from("abc"), MOMENT, MOMENT), max_size=6), st.integers(0, 3))
def test_nobody_ever_gets_a_time_that_was_not_theirs(
    drawn: list[tuple[str, int | None, int | None]], others: int
) -> None:
    """Every placed part of a call of several lies within what the source said of that employee."""
    spells = [spell(*one) for one in drawn]
    found = divide("r", VALUES, START, spells, others=others)
    assert found.parts
    assert len({part.call.call_id for part in found.parts}) == len(found.parts)
    for part in found.parts:
        assert part.call.start >= START
        if part.unplaced is None and not part.whole and part.begins is not None:
            own = [one for one in spells if one.agent_id == part.call.agent_id and one.begins]
            assert any(one.begins == part.call.start for one in own)
