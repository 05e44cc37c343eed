"""Who makes a copy of a threat's call for the police, and takes it out (THR-5): the team lead, once they and
the employee decided on it together; grants that the policy takes up.
"""

from kcc.access.actions import Action as A
from kcc.access.actor import Actor
from kcc.access.actor import Function as F
from kcc.access.demands import AUDIBLE
from kcc.access.facts import Facts, PoliceCopyFacts
from kcc.access.grants import Demand, Grant
from kcc.access.purposes import Purpose as P
from kcc.errors import N_


def _led(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, PoliceCopyFacts)
        and actor.person_id in facts.lead_ids
        and facts.recording.owner_id != actor.person_id
    )


def _decided(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, PoliceCopyFacts) and facts.decided


def _waits(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, PoliceCopyFacts) and facts.waiting


OF_MY_TEAM = Demand("THR-2", N_("it is the call of somebody whom you lead now"), _led)
DECIDED = Demand("THR-5", N_("a report to the police was decided on together"), _decided)
WAITS = Demand("THR-5", N_("the copy was not taken out yet, and its time has not passed"), _waits)
_TOGETHER = N_("you and your employee decided on a report to the police")

GRANTS: tuple[Grant, ...] = (
    Grant(F.TEAM_LEAD, A.POLICE_COPY_MAKE, _TOGETHER, (OF_MY_TEAM, DECIDED, AUDIBLE), (P.THREAT,)),
    Grant(F.TEAM_LEAD, A.POLICE_COPY_TAKE, _TOGETHER, (OF_MY_TEAM, DECIDED, WAITS, AUDIBLE), (P.THREAT,)),
)
