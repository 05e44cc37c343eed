"""Who may ask for, give and conclude a second opinion (REP-8): grants that the policy takes up."""

from kcc.access.actions import Action as A
from kcc.access.actor import Actor
from kcc.access.actor import Function as F
from kcc.access.demands import AUDIBLE, FINISHED, NO_THREAT, OWN_REPORT
from kcc.access.facts import Facts, OpinionFacts, OpinionState
from kcc.access.grants import Demand, Grant
from kcc.access.purposes import Purpose as P
from kcc.errors import N_


def _opinion_asked_by_me(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, OpinionFacts) and facts.employee_id == actor.person_id


def _another_coach(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, OpinionFacts)
        and actor.person_id not in (facts.employee_id, facts.coach_id, facts.author_id)
        and actor.person_id not in facts.lead_ids
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


def _stands(facts: Facts, *states: OpinionState) -> bool:
    return isinstance(facts, OpinionFacts) and facts.state in states


def _untaken(_: Actor, facts: Facts) -> bool:
    return _stands(facts, OpinionState.WAITING)


def _unscored(_: Actor, facts: Facts) -> bool:
    return _stands(facts, OpinionState.WAITING, OpinionState.SCORING)


def _being_scored(_: Actor, facts: Facts) -> bool:
    return _stands(facts, OpinionState.SCORING)


def _both_scored(_: Actor, facts: Facts) -> bool:
    return _stands(facts, OpinionState.SCORED, OpinionState.CONCLUDED)


def _unconcluded(_: Actor, facts: Facts) -> bool:
    return _stands(facts, OpinionState.SCORED)


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
UNTAKEN = Demand("REP-8", N_("nobody has taken it, and its 14 days are not over"), _untaken)
UNSCORED = Demand(
    "REP-8",
    N_("it is not scored, and its 14 days are not over"),
    _unscored,
)
BEING_SCORED = Demand("REP-8", N_("it is being scored, and its 14 days are not over"), _being_scored)
BOTH_SCORED = Demand("REP-8", N_("the second coach has scored, too"), _both_scored)
UNCONCLUDED = Demand("REP-8", N_("it is scored and not concluded yet"), _unconcluded)

_OWN_REPORT = N_("it is a report about your own call")
_ASKED = N_("you asked for a second opinion")
_WAITING_FOR_ONE = N_("a second opinion waits for a coach")
_SECOND = N_("you give a second opinion on this call")
_TWO_COACHES = N_("you are one of the two coaches who scored this call")

GRANTS: tuple[Grant, ...] = (
    Grant(F.EMPLOYEE, A.OPINION_ASK, _OWN_REPORT, (OWN_REPORT, FINISHED)),
    Grant(F.EMPLOYEE, A.OPINION_WITHDRAW, _ASKED, (ASKED_BY_ME, UNSCORED)),
    Grant(F.EMPLOYEE, A.OPINION_COMPARE, _ASKED, (ASKED_BY_ME, BOTH_SCORED)),
    Grant(F.EMPLOYEE, A.OPINION_CONCLUDE, _ASKED, (ASKED_BY_ME, UNCONCLUDED)),
    Grant(F.COACH, A.OPINION_LIST, _WAITING_FOR_ONE),
    Grant(
        F.COACH,
        A.OPINION_TAKE,
        _WAITING_FOR_ONE,
        (ANOTHER_COACH, UNTAKEN, NO_THREAT, AUDIBLE),
    ),
    Grant(
        F.COACH,
        A.OPINION_PLAY,
        _SECOND,
        (TAKEN_BY_ME, ANOTHER_COACH, BEING_SCORED, NO_THREAT, AUDIBLE),
        (P.SECOND_OPINION,),
    ),
    Grant(
        F.COACH,
        A.OPINION_SCORE,
        _SECOND,
        (TAKEN_BY_ME, ANOTHER_COACH, BEING_SCORED, NO_THREAT),
    ),
    Grant(F.COACH, A.OPINION_COMPARE, _TWO_COACHES, (BOTH_COACHES, BOTH_SCORED)),
    Grant(F.COACH, A.OPINION_CONCLUDE, _TWO_COACHES, (FIRST_COACH, UNCONCLUDED)),
)
