"""The words of the policy's table: a grant, and the demands that it makes; the table itself is policy's."""

from collections.abc import Callable
from dataclasses import dataclass

from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.facts import Facts
from kcc.access.purposes import Purpose


@dataclass(frozen=True, slots=True)
class Demand:
    """One condition of a grant: the rule that sets it, how it reads, and the test of it."""

    rule: str
    sentence: str
    holds: Callable[[Actor, Facts], bool]


@dataclass(frozen=True, slots=True)
class Grant:
    """A function may do an action, for a purpose, when every demand holds."""

    function: Function | None
    action: Action
    reason: str
    demands: tuple[Demand, ...] = ()
    purposes: tuple[Purpose, ...] = ()
