"""What the policy grants about developments, the centre and summaries (REP-4, REP-10, AGG-4)."""

from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.facts import Facts, ProgressFacts, SummaryFacts
from kcc.access.grants import Demand, Grant
from kcc.errors import N_


def _progress_mine(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, ProgressFacts) and facts.employee_id == actor.person_id


def _progress_of_mine(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, ProgressFacts)
        and actor.person_id in facts.coach_ids
        and facts.employee_id != actor.person_id
    )


def _summary_mine(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, SummaryFacts) and facts.employee_id == actor.person_id and facts.given


def _summary_by_me(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, SummaryFacts)
        and facts.coach_id == actor.person_id
        and facts.coach_assigned
        and facts.employee_id != actor.person_id
    )


def _summary_of_my_team(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, SummaryFacts)
        and actor.person_id in facts.lead_ids
        and facts.employee_id != actor.person_id
    )


def _passed(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, SummaryFacts) and facts.passed


def _not_passed(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, SummaryFacts) and not facts.passed


OWN_PROGRESS = Demand("REP-4", N_("it is about you"), _progress_mine)
COACHED_PROGRESS = Demand("REP-4", N_("it is about somebody else, whom you coach now"), _progress_of_mine)
OWN_SUMMARY = Demand("REP-10", N_("it is about you, and your coach gave it to you"), _summary_mine)
SUMMARY_BY_ME = Demand("REP-10", N_("you write it, about somebody you coach now"), _summary_by_me)
SUMMARY_OF_MY_TEAM = Demand("REP-10", N_("it is about somebody whom you lead now"), _summary_of_my_team)
PASSED = Demand("REP-10", N_("the employee read it first, and it was passed on"), _passed)
NOT_PASSED = Demand("REP-10", N_("it was not passed on yet"), _not_passed)

_OWN_REPORTS = N_("it is about your own reports")
_MY_EMPLOYEE = N_("it is about somebody whom you coach")
_SUMMARY = N_("it is a summary about you, from you, or about somebody whom you lead")
_GROUPS = N_("it is about groups of people, never about one")

GRANTS: tuple[Grant, ...] = (
    Grant(Function.EMPLOYEE, Action.PROGRESS_READ, _OWN_REPORTS, (OWN_PROGRESS,)),
    Grant(Function.COACH, Action.PROGRESS_READ, _MY_EMPLOYEE, (COACHED_PROGRESS,)),
    Grant(Function.EMPLOYEE, Action.SUMMARY_LIST, _SUMMARY),
    Grant(Function.COACH, Action.SUMMARY_LIST, _SUMMARY),
    Grant(Function.TEAM_LEAD, Action.SUMMARY_LIST, _SUMMARY),
    Grant(Function.EMPLOYEE, Action.SUMMARY_READ, _SUMMARY, (OWN_SUMMARY,)),
    Grant(Function.COACH, Action.SUMMARY_READ, _SUMMARY, (SUMMARY_BY_ME,)),
    Grant(Function.TEAM_LEAD, Action.SUMMARY_READ, _SUMMARY, (SUMMARY_OF_MY_TEAM, PASSED)),
    Grant(Function.COACH, Action.SUMMARY_WRITE, _SUMMARY, (SUMMARY_BY_ME, NOT_PASSED)),
    Grant(Function.EMPLOYEE, Action.SUMMARY_PASS, _SUMMARY, (OWN_SUMMARY, NOT_PASSED)),
    *(
        Grant(f, Action.CENTRE_READ, _GROUPS)
        for f in (Function.COACH, Function.DEPARTMENT_MANAGER, Function.WORKS_COUNCIL)
    ),
)
"""A team lead reads a summary that was passed on, and never a form (REP-9)."""
