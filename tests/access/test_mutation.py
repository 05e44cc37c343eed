"""The policy's tests, tested: of every way to spoil `kcc.access.policy` and `explaining` at one place, they
notice at least 95 in 100, and every one that would let somebody in.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from random import Random
from types import ModuleType
from typing import Any

import pytest

from kcc.access import explaining, policy
from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.access.purposes import Purpose
from kcc.errors import AccessDenied
from tests.access import mutation, test_explaining, test_policy
from tests.access.cells import ALL, Cell, cells
from tests.access.mutation import Score
from tests.access.situations import somebody
from tests.whole import WHOLE

CELLS: tuple[Cell, ...] = tuple(cells())
THIN = Random(1).sample(CELLS, len(CELLS) // 7)
"""Some of them, in no order: whatever is spoiled, one of the first tells."""
QUICK = (
    test_policy.test_a_permit_says_who_may_what_and_why,
    test_policy.test_a_permit_does_not_open_another_action,
    test_policy.test_a_permit_does_not_open_another_thing,
    test_policy.test_a_refusal_says_who_asked_for_what_and_which_rule_failed,
    test_policy.test_the_table_speaks_of_what_exists,
    test_policy.test_what_decides_is_small_and_fixed,
    test_policy.test_every_demand_can_be_asked_about_anything,
    test_policy.test_a_menu_shows_every_grant,
)
"""Tests of the policy that take no time; the situations are gone through here."""
OF_EXPLAINING = (
    test_explaining.test_it_names_every_grant_with_what_holds_and_fails,
    test_explaining.test_facts_name_nobody,
    test_explaining.test_an_explanation_cannot_be_changed,
    test_explaining.test_every_kind_of_facts_has_labels,
)


def wrong(module: ModuleType, cell: Cell) -> bool:
    """Whether a policy answers a question otherwise than was promised: verdict, for whom, or words."""
    subject = policy.Subject("thing", "1")
    try:
        given = module.permit(cell.actor, cell.action, subject, cell.facts, cell.purpose)
    except AccessDenied as refused:
        return cell.promised or (cell.words is not None and refused.rule != cell.words)
    if not cell.promised or (given.actor, given.action, given.purpose, given.subject) != (
        cell.actor,
        cell.action,
        cell.purpose,
        subject,
    ):
        return True
    return cell.words is not None and (given.function, given.reason) != (cell.function, cell.words)


def permitted(module: ModuleType, cell: Cell) -> bool:
    """Whether a policy allows it."""
    try:
        module.permit(cell.actor, cell.action, policy.Subject("thing", "1"), cell.facts, cell.purpose)
    except AccessDenied:
        return False
    return True


@contextmanager
def in_place_of(original: ModuleType, mutant: ModuleType, tests: ModuleType) -> Iterator[None]:
    """Let tests find the mutant wherever they know the original or something of it."""
    kept = dict(vars(tests))
    theirs = {id(value): name for name, value in vars(original).items() if not name.startswith("__")}
    try:
        for name, value in kept.items():
            if value is original:
                setattr(tests, name, mutant)
            elif id(value) in theirs and (callable(value) or isinstance(value, tuple | dict)):
                setattr(tests, name, getattr(mutant, theirs[id(value)]))
        yield
    finally:
        vars(tests).update(kept)


def runs_of(test: Callable[..., Any]) -> list[Callable[[], Any]]:
    """A test once for each of its parameters."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    if not marks:
        return [test]
    names, values = marks[0].args[:2]
    fields = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    rows = [row if len(fields) > 1 else (row,) for row in values]
    return [partial(test, **dict(zip(fields, row, strict=True))) for row in rows]


def fails(which: tuple[Callable[..., Any], ...]) -> bool:
    """Whether any of these tests fails."""
    for test in which:
        for once in runs_of(test):
            try:
                once()
            except (AssertionError, pytest.fail.Exception):
                return True
    return False


def policy_noticed(mutant: ModuleType) -> bool:
    """Whether the tests notice a spoiled policy."""
    if any(wrong(mutant, cell) for cell in THIN):
        return True
    with in_place_of(policy, mutant, test_policy):
        if fails(QUICK):
            return True
    return any(wrong(mutant, cell) for cell in CELLS)


def explaining_noticed(mutant: ModuleType) -> bool:
    """Whether the tests notice a spoiled explanation."""
    with in_place_of(explaining, mutant, test_explaining):
        return fails(OF_EXPLAINING) or any(test_explaining.untrue(cell) for cell in THIN)


EVERY = 1 if WHOLE else 5
"""Every fifth mutant alone is tried in each run; all of them by make whole."""
POLICY = cache(lambda: mutation.run(mutation.PARTS, policy_noticed, EVERY))
EXPLAINING = cache(lambda: mutation.run((explaining,), explaining_noticed, EVERY))


def told(name: str, score: Score) -> str:
    """The score in words."""
    survivors = [str(mutant) for mutant, _ in score.survivors]
    lines = [f"{name}: {score.made} mutants, {score.killed:.1f} % noticed", *survivors]
    return "\n  ".join(lines)


def test_the_tests_notice_nothing_wrong_with_the_policy_itself() -> None:
    """Nor with a copy made as a mutant is, but spoiled nowhere: else they would notice each for nothing."""
    assert not policy_noticed(mutation.copied(policy))
    assert not explaining_noticed(mutation.copied(explaining))


@pytest.mark.slow
@pytest.mark.rule("ACC-1")
def test_a_spoiled_policy_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    """At least 95 of 100 mutants, and none that grants more survives: asked in all situations there are."""
    score = POLICY()
    with capsys.disabled():
        print("\n" + told("policy", score))  # noqa: T201 - the score is what this test is for
    assert score.made * EVERY > 1200
    assert score.killed >= 95
    wider = [str(mutant) for mutant, spoiled in score.survivors if grants_more(spoiled)]
    assert wider == []


@pytest.mark.slow
def test_a_spoiled_explanation_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    """The same of what explains it. Two survive that change nothing: the labels "state" and "finished" read
    as their fields are called, which is what a field without a label falls back to.
    """
    score = EXPLAINING()
    with capsys.disabled():
        print("\n" + told("explaining", score))  # noqa: T201
    assert score.made * EVERY > 100
    assert score.killed >= 95


def grants_more(mutant: ModuleType) -> bool:
    """Whether it lets anybody do anything that the policy does not: each function, and all at once."""
    for action in Action:
        for purpose in (None, *Purpose):
            for situation, facts in ALL[::3]:
                for actor in (somebody(*Function), somebody(), somebody(Function.TEAM_LEAD)):
                    cell = Cell(actor, action, purpose, situation, facts, promised=False)
                    if permitted(mutant, cell) and not permitted(policy, cell):
                        return True
    return False
