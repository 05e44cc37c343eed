"""Periods and combinations of functions: every pair, and the days at the edges."""

from datetime import date, timedelta

import pytest

from kcc.access.actor import Function
from kcc.people import rules
from kcc.people.rules import Assigned, Held, Identified, Period

JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
DAY = timedelta(days=1)
F = Function


def test_a_period_covers_its_first_day_and_not_its_end() -> None:
    """[begins, ends): the first day counts, the end no longer."""
    period = Period(JAN, FEB)
    assert [period.covers(day) for day in (JAN - DAY, JAN, FEB - DAY, FEB)] == [False, True, True, False]
    assert Period(JAN).covers(date(2999, 1, 1))
    assert not Period(JAN, JAN).in_order()


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (Period(JAN, FEB), Period(FEB, MAR), False),
        (Period(JAN, FEB + DAY), Period(FEB, MAR), True),
        (Period(JAN), Period(MAR), True),
        (Period(JAN, FEB), Period(FEB), False),
        (Period(JAN, MAR), Period(FEB, FEB + DAY), True),
        (Period(JAN), Period(date(2020, 1, 1), JAN), False),
    ],
)
def test_overlap_is_a_day_in_both(one: Period, other: Period, *, together: bool) -> None:
    """Periods that touch do not overlap, in either order."""
    assert rules.overlap(one, other) is together
    assert rules.overlap(other, one) is together


@pytest.mark.rule("ACC-6")
@pytest.mark.parametrize("function", sorted(rules.HELD_BY_PEOPLE - {F.ADMINISTRATOR}))
def test_an_administrator_hears_and_reads_nothing(function: Function) -> None:
    """Administrator stands beside no function that hears or reads; the works council reads only counts."""
    clashes = list(
        rules.clashes_of_functions(
            [Held("1", F.ADMINISTRATOR, Period(JAN, MAR)), Held("1", function, Period(FEB))]
        )
    )
    assert [clash.problem for clash in clashes] == ([] if function is F.WORKS_COUNCIL else [rules.SEPARATION])
    after = [Held("1", F.ADMINISTRATOR, Period(JAN, FEB)), Held("1", function, Period(FEB))]
    assert not list(rules.clashes_of_functions(after))


@pytest.mark.parametrize(
    ("held", "problem"),
    [
        ([("red", JAN, FEB), ("blue", FEB, None)], None),
        ([("red", JAN, None), ("blue", FEB, None)], rules.TWO_TEAMS),
        ([("red", JAN, None), ("red", FEB, None)], rules.TWICE),
    ],
)
def test_an_employee_is_in_one_team_at_a_time(
    held: list[tuple[str, date, date | None]], problem: str | None
) -> None:
    """Moving between teams is two periods that touch."""
    entries = [Held("1", F.EMPLOYEE, Period(begins, ends), team) for team, begins, ends in held]
    assert [c.problem for c in rules.clashes_of_functions(entries)] == ([problem] if problem else [])


def test_a_team_lead_may_lead_two_teams() -> None:
    """Two posts of one function in different teams are fine for whoever leads."""
    leads = [Held("1", F.TEAM_LEAD, Period(JAN), team) for team in ("red", "blue")]
    assert not list(rules.clashes_of_functions(leads))


@pytest.mark.rule("ACC-3")
@pytest.mark.parametrize(
    ("lead_team", "lead_from", "clashing"),
    [("red", FEB, True), ("blue", FEB, False), ("red", MAR, False)],
)
def test_nobody_coaches_whom_they_lead(lead_team: str, lead_from: date, *, clashing: bool) -> None:
    """Only the same team on the same day as the assignment is a clash."""
    assigned = Assigned("2", "1", Period(JAN, MAR))
    lead = Held("2", F.TEAM_LEAD, Period(lead_from), lead_team)
    work = Held("1", F.EMPLOYEE, Period(JAN), "red")
    assert bool(list(rules.clashes_of_coach_and_lead(assigned, [lead], [work]))) is clashing


def test_nobody_is_their_own_coach_or_assigned_twice() -> None:
    """One assignment to oneself, and two of the same pair at once."""
    assert [c.problem for c in rules.clashes_of_assignments([Assigned("1", "1", Period(JAN))])] == [
        rules.OWN_COACH
    ]
    twice = [Assigned("2", "1", Period(JAN)), Assigned("2", "1", Period(FEB))]
    assert [c.problem for c in rules.clashes_of_assignments(twice)] == [rules.ASSIGNED_TWICE]


def test_an_agent_id_is_handed_on_only_after_it_ended() -> None:
    """Two holders on one day clash, a hand-over does not."""
    first, second = Identified("1", "41", Period(JAN, FEB)), Identified("2", "41", Period(FEB))
    assert not list(rules.clashes_of_agent_ids([first, second]))
    early = Identified("2", "41", Period(FEB - DAY))
    assert [c.problem for c in rules.clashes_of_agent_ids([first, early])] == [rules.SHARED_AGENT_ID]
