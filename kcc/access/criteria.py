"""Who may read, write, put forward and publish the criteria (REP-2): grants that the policy takes up."""

from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.facts import Facts, FormFacts
from kcc.access.grants import Demand, Grant
from kcc.errors import N_


def _proposed_by_another(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, FormFacts) and facts.proposer_id not in (None, actor.person_id)


BY_ANOTHER = Demand("REP-2", N_("another coach put it forward"), _proposed_by_another)
_MEASURED = N_("your calls are monitored by these criteria")
_PROFILE = N_("it belongs to your function")

GRANTS = (
    Grant(Function.EMPLOYEE, Action.CRITERIA_READ, _MEASURED),
    Grant(Function.COACH, Action.CRITERIA_READ, _PROFILE),
    Grant(Function.COACH, Action.CRITERIA_EDIT, _PROFILE),
    Grant(Function.COACH, Action.CRITERIA_PROPOSE, _PROFILE),
    Grant(Function.COACH, Action.CRITERIA_CONFIRM, _PROFILE, (BY_ANOTHER,)),
)
