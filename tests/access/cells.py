"""The questions that tell one policy from another: every situation for whoever may something in it, and for
everybody else those in which somebody may; each asked in few microseconds, some ten thousand in all.
"""

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import NamedTuple

from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.facts import Facts
from kcc.access.purposes import Purpose
from tests.access.promised import reason, refused_under
from tests.access.situations import EVERYBODY, MAY, PURPOSES, Situation, may, situations, somebody

SINGLE: tuple[Function | None, ...] = (None, *Function)
ALL: list[tuple[Situation, Facts]] = [(situation, situation.facts()) for situation in situations()]
FEW = 12
"""Situations in which somebody may something, asked for those who may not."""


class Cell(NamedTuple):
    """One question, and what was promised about it."""

    actor: Actor
    action: Action
    purpose: Purpose | None
    situation: Situation
    facts: Facts
    promised: bool
    function: Function | None = None
    words: str | None = None
    """Why it is allowed, or the rule under which it is refused, where that was promised."""


def holders(action: Action) -> list[Function | None]:
    """Who may it at all, as was promised."""
    return [None] if action in EVERYBODY else [f for f, actions in MAY.items() if action in actions]


@cache
def telling(action: Action) -> list[tuple[Situation, Facts]]:
    """A few situations of each kind in which somebody may do it, and the one of nothing at all."""
    found = [ALL[0]]
    for function in holders(action):
        for purpose in PURPOSES.get(action, {None}):
            fitting = [(s, f) for s, f in ALL if may(function, action, s, purpose)]
            found += fitting[:: max(1, len(fitting) // FEW)]
    return found


def depends(action: Action) -> bool:
    """Whether it depends on the situation, for anybody."""
    purposes = PURPOSES.get(action, {None})
    return any(not may(f, action, s, p) for f in holders(action) for p in purposes for s, _ in ALL)


def cells() -> Iterator[Cell]:
    """All of them: first what tells most, each function alone; then two at once."""
    for action in Action:
        whose = set(holders(action))
        for function in SINGLE:
            actor = somebody(*([function] if function else []))
            for purpose in (None, *Purpose):
                for situation, facts in telling(action):
                    yield _cell(function, actor, action, purpose, situation, facts)
            if function in whose and depends(action):
                for purpose in PURPOSES.get(action, {None}):
                    for situation, facts in ALL:
                        yield _cell(function, actor, action, purpose, situation, facts)
    yield from _both()


def _cell(
    function: Function | None,
    actor: Actor,
    action: Action,
    purpose: Purpose | None,
    situation: Situation,
    facts: Facts,
) -> Cell:
    promised = may(function, action, situation, purpose)
    words = reason(function, action) if promised else refused_under(function, action, situation, purpose)
    by = None if action in EVERYBODY else function
    return Cell(actor, action, purpose, situation, facts, promised, by, words)


def _both() -> Iterator[Cell]:
    """Whoever holds two functions may what either may, and no more."""
    for one, other in combinations(Function, 2):
        actor = somebody(one, other)
        for action in sorted({*MAY[one], *MAY[other]}):
            for purpose in PURPOSES.get(action, {None}):
                for situation, facts in telling(action)[:FEW]:
                    promised = any(may(function, action, situation, purpose) for function in (one, other))
                    yield Cell(actor, action, purpose, situation, facts, promised)
