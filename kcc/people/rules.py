"""What may stand together: dated periods, and combinations that one person cannot hold; reads no database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from kcc.access.actor import Function
from kcc.errors import N_

HEARS_OR_READS = frozenset(
    {
        Function.EMPLOYEE,
        Function.COACH,
        Function.TEAM_LEAD,
        Function.DEPARTMENT_MANAGER,
        Function.DATA_PROTECTION_OFFICER,
    }
)
"""Functions that hear or read something about somebody; an administrator holds none of them (ACC-6)."""

HELD_BY_PEOPLE = frozenset(Function) - {Function.RECORDER, Function.PROVISIONER, Function.SYSTEM}
"""Functions that a person can hold; the others are machines."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the centre from `begins` up to, not including, `ends`; without `ends` it goes on."""

    begins: date
    ends: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.begins <= day and (self.ends is None or day < self.ends)

    def in_order(self) -> bool:
        """Whether the period has at least one day."""
        return self.ends is None or self.begins < self.ends


def overlap(*periods: Period) -> bool:
    """Whether some day lies in all of the periods."""
    begins = max(period.begins for period in periods)
    ends = min((period.ends for period in periods if period.ends is not None), default=None)
    return ends is None or begins < ends


@dataclass(frozen=True, slots=True)
class Held:
    """A function that a person holds for a period; `row` is where it was read, if not known before."""

    person: str
    function: Function
    period: Period
    team: str | None = None
    department: str | None = None
    row: str | None = None


@dataclass(frozen=True, slots=True)
class Identified:
    """An agent id that is a person's for a period."""

    person: str
    agent_id: str
    period: Period
    row: str | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """A coach assigned to an employee for a period."""

    coach: str
    employee: str
    period: Period
    row: str | None = None


Entry = Held | Identified | Assigned


@dataclass(frozen=True, slots=True)
class Clash:
    """Entries that cannot all be true, and the sentence that says why."""

    entries: tuple[Entry, ...]
    problem: str


TWICE = N_("this period overlaps another of the same function, team and department")
TWO_TEAMS = N_("nobody is an employee in two teams on the same day")
SEPARATION = N_("an administrator holds no function that hears or reads, on the same day (ACC-6)")
SHARED_AGENT_ID = N_("this agent id belongs to somebody else, or to the same person twice, on the same day")
OWN_COACH = N_("nobody is their own coach")
ASSIGNED_TWICE = N_("this coach is assigned to this employee already, on the same day")
LEAD_AND_COACH = N_(
    "nobody is both coach of an employee and lead of that employee's team, on the same day (ACC-3)"
)
RULES = {
    TWICE: "ACC-1",
    TWO_TEAMS: "ACC-1",
    SEPARATION: "ACC-6",
    SHARED_AGENT_ID: "ACC-1",
    OWN_COACH: "ACC-2",
    ASSIGNED_TWICE: "ACC-2",
    LEAD_AND_COACH: "ACC-3",
}
"""The rule behind each."""


def clashes_of_functions(held: Sequence[Held]) -> Iterator[Clash]:
    """The impossible pairs among the functions of one person."""
    for one, other in combinations(held, 2):
        problem = _impossible_pair(one, other)
        if problem and overlap(one.period, other.period):
            yield Clash((one, other), problem)


def clashes_of_agent_ids(same: Sequence[Identified]) -> Iterator[Clash]:
    """The impossible pairs among the holders of one agent id."""
    for one, other in combinations(same, 2):
        if overlap(one.period, other.period):
            yield Clash((one, other), SHARED_AGENT_ID)


def clashes_of_assignments(same: Sequence[Assigned]) -> Iterator[Clash]:
    """What is impossible among the assignments of one coach to one employee."""
    for one in same:
        if one.coach == one.employee:
            yield Clash((one,), OWN_COACH)
    for one, other in combinations(same, 2):
        if overlap(one.period, other.period):
            yield Clash((one, other), ASSIGNED_TWICE)


def clashes_of_coach_and_lead(
    assigned: Assigned, of_coach: Iterable[Held], of_employee: Iterable[Held]
) -> Iterator[Clash]:
    """Where a coach leads the employee's team while assigned (docs/access.md)."""
    leads = [held for held in of_coach if held.function is Function.TEAM_LEAD]
    works = [held for held in of_employee if held.function is Function.EMPLOYEE]
    for lead in leads:
        for work in works:
            if lead.team == work.team and overlap(assigned.period, lead.period, work.period):
                yield Clash((assigned, lead, work), LEAD_AND_COACH)


def _impossible_pair(one: Held, other: Held) -> str | None:
    functions = {one.function, other.function}
    if len(functions) == 1:
        if (one.team, one.department) == (other.team, other.department):
            return TWICE
        return TWO_TEAMS if one.function is Function.EMPLOYEE else None
    if Function.ADMINISTRATOR in functions and functions & HEARS_OR_READS:
        return SEPARATION
    return None
