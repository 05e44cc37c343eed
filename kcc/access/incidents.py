"""What the policy grants about a reported threat: to its employee and whoever leads them today, together; the
coach has no part in it (THR-2, THR-3), and others see counts.
"""

from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.facts import Facts, IncidentStage, IncidentState
from kcc.access.grants import Demand, Grant
from kcc.errors import N_


def _mine(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, IncidentState) and facts.employee_id == actor.person_id


def _of_my_team(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, IncidentState)
        and actor.person_id in facts.lead_ids
        and facts.employee_id != actor.person_id
    )


def _stands(_: Actor, facts: Facts) -> bool:
    standing = (IncidentStage.OPEN, IncidentStage.DECIDED)
    return isinstance(facts, IncidentState) and facts.state in standing


def _kept(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, IncidentState) and facts.kept


def _undecided(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, IncidentState) and facts.state is IncidentStage.OPEN


MINE = Demand("THR-1", N_("you reported it"), _mine)
OF_MY_TEAM = Demand("THR-2", N_("somebody else reported it, whom you lead now"), _of_my_team)
STANDS = Demand("THR-2", N_("it is neither settled nor taken back"), _stands)
KEPT = Demand("RET-7", N_("the term of its calls has not passed"), _kept)
UNDECIDED = Demand("THR-2", N_("nothing was decided yet"), _undecided)

_YOURS = N_("you reported this threat")
_MY_EMPLOYEE = N_("somebody whom you lead reported this threat")
_COUNTS = N_("it is about counts, never about one person")

GRANTS: tuple[Grant, ...] = (
    Grant(Function.EMPLOYEE, Action.INCIDENT_WITHDRAW, _YOURS, (MINE, UNDECIDED, KEPT)),
    *(
        Grant(function, action, reason, (relation, STANDS, KEPT))
        for action in (Action.INCIDENT_READ, Action.INCIDENT_DECIDE, Action.INCIDENT_KEEP)
        for function, reason, relation in (
            (Function.EMPLOYEE, _YOURS, MINE),
            (Function.TEAM_LEAD, _MY_EMPLOYEE, OF_MY_TEAM),
        )
    ),
    *(
        Grant(function, Action.THREATS_COUNT, _COUNTS)
        for function in (
            Function.DEPARTMENT_MANAGER,
            Function.WORKS_COUNCIL,
            Function.DATA_PROTECTION_OFFICER,
        )
    ),
)
