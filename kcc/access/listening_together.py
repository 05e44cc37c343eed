"""Who may hear a reported call together, and who steers that: the employee and the direct team lead, both
present (THR-2); grants that the policy takes up.
"""

from kcc.access.actions import Action as A
from kcc.access.actor import Actor
from kcc.access.actor import Function as F
from kcc.access.demands import AUDIBLE, OWN_CALL
from kcc.access.facts import Facts, JointFacts
from kcc.access.grants import Demand, Grant
from kcc.access.purposes import Purpose as P
from kcc.errors import N_


def _incident_open(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, JointFacts) and facts.incident_open


def _session_on(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, JointFacts) and facts.going_on


def _in_its_hour(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, JointFacts) and facts.in_its_hour


def _leads(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, JointFacts)
        and actor.person_id in facts.lead_ids
        and actor.person_id != facts.recording.owner_id
    )


def _free(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, JointFacts) and facts.lead_id in (None, actor.person_id)


def _joined(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, JointFacts) and facts.lead_id == actor.person_id


def _both_here(_: Actor, facts: Facts) -> bool:
    if not isinstance(facts, JointFacts) or facts.lead_id is None:
        return False
    two = facts.lead_id in facts.lead_ids and facts.lead_id != facts.recording.owner_id
    return two and {facts.lead_id, facts.recording.owner_id} <= facts.here_ids


def _in_this_browser(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, JointFacts) and actor.session_id in facts.seats


INCIDENT_OPEN = Demand(
    "THR-2", N_("the call was reported as a threat, which is neither withdrawn nor settled"), _incident_open
)
SESSION_ON = Demand("THR-2", N_("the joint session is going on"), _session_on)
IN_ITS_HOUR = Demand("THR-2", N_("the hour of the joint session is not over"), _in_its_hour)
LEADS = Demand("THR-2", N_("you lead the team of the employee, somebody else, today"), _leads)
FREE = Demand("THR-2", N_("no other team lead has joined"), _free)
JOINED = Demand("THR-2", N_("you have joined the session"), _joined)
BOTH_HERE = Demand("THR-2", N_("employee and team lead are both present"), _both_here)
IN_THIS_BROWSER = Demand("THR-2", N_("you are present in this very browser"), _in_this_browser)

_YOURS = N_("it is about your own call, which you reported")
_TOGETHER = N_("an employee of your team opened it to listen together with you")
_OWN = (OWN_CALL, AUDIBLE, INCIDENT_OPEN)
_LEAD = (LEADS, AUDIBLE, INCIDENT_OPEN, SESSION_ON)
_HEARD = (BOTH_HERE, IN_THIS_BROWSER)

GRANTS: tuple[Grant, ...] = (
    Grant(F.EMPLOYEE, A.JOINT_OPEN, _YOURS, _OWN),
    Grant(F.EMPLOYEE, A.JOINT_READ, _YOURS, (OWN_CALL, AUDIBLE)),
    Grant(F.EMPLOYEE, A.JOINT_STEER, _YOURS, (*_OWN, SESSION_ON)),
    Grant(F.EMPLOYEE, A.JOINT_PLAY, _YOURS, (*_OWN, SESSION_ON, *_HEARD), (P.THREAT,)),
    Grant(F.TEAM_LEAD, A.JOINT_READ, _TOGETHER, (LEADS, FREE, IN_ITS_HOUR, AUDIBLE)),
    Grant(F.TEAM_LEAD, A.JOINT_JOIN, _TOGETHER, (*_LEAD, FREE)),
    Grant(F.TEAM_LEAD, A.JOINT_STEER, _TOGETHER, (*_LEAD, JOINED)),
    # That they lead the employee is part of both being there: whoever does not is nobody's team lead.
    Grant(F.TEAM_LEAD, A.JOINT_PLAY, _TOGETHER, (*_LEAD[1:], JOINED, *_HEARD), (P.THREAT,)),
    Grant(F.SYSTEM, A.JOINT_END, N_("it is a task of the system")),
)
