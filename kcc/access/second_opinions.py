"""What the policy demands of whoever asks for, gives or concludes a second opinion (REP-8); which grants make
these demands stands in policy.
"""

from collections.abc import Callable

from kcc.access.actor import Actor
from kcc.access.facts import Facts, OpinionFacts, OpinionState
from kcc.access.grants import Demand
from kcc.errors import N_


def _opinion_asked_by_me(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, OpinionFacts) and facts.employee_id == actor.person_id


def _another_coach(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, OpinionFacts)
        and actor.person_id not in (facts.employee_id, facts.coach_id, facts.author_id)
        and not actor.teams_led & facts.team_ids
    )


def _taken_by_me(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, OpinionFacts) and facts.second_id == actor.person_id


def _first_coach(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, OpinionFacts)
        and facts.coach_id == actor.person_id
        and facts.coach_assigned
        and facts.employee_id != actor.person_id
    )


def _one_of_both_coaches(actor: Actor, facts: Facts) -> bool:
    return _first_coach(actor, facts) or (
        isinstance(facts, OpinionFacts)
        and facts.second_id == actor.person_id
        and facts.state is OpinionState.SCORED
        and facts.readable
    )


def _in_state(*states: OpinionState) -> Callable[[Actor, Facts], bool]:
    return lambda _, facts: isinstance(facts, OpinionFacts) and facts.state in states


ASKED_BY_ME = Demand("REP-8", N_("you asked for it, about a report of your own"), _opinion_asked_by_me)
ANOTHER_COACH = Demand(
    "REP-8",
    N_("you neither wrote nor have the report, and are neither its employee nor their team lead"),
    _another_coach,
)
TAKEN_BY_ME = Demand("REP-8", N_("it was you who took it"), _taken_by_me)
FIRST_COACH = Demand("REP-4", N_("you have the report, about somebody you coach now"), _first_coach)
BOTH_COACHES = Demand(
    "REP-4",
    N_("you have the report; or you gave the second opinion, and it is not concluded, for four weeks"),
    _one_of_both_coaches,
)
UNTAKEN = Demand(
    "REP-8", N_("nobody has taken it, and its 14 days are not over"), _in_state(OpinionState.WAITING)
)
UNSCORED = Demand(
    "REP-8",
    N_("it is not scored, and its 14 days are not over"),
    _in_state(*(OpinionState.WAITING, OpinionState.SCORING)),
)
BEING_SCORED = Demand(
    "REP-8", N_("it is being scored, and its 14 days are not over"), _in_state(OpinionState.SCORING)
)
BOTH_SCORED = Demand(
    "REP-8", N_("the second coach has scored, too"), _in_state(*(OpinionState.SCORED, OpinionState.CONCLUDED))
)
UNCONCLUDED = Demand("REP-8", N_("it is scored and not concluded yet"), _in_state(OpinionState.SCORED))
