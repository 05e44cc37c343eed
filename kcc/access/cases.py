"""Who opens, reads, hears, suspends and ends a case of weighty reasons (WGT-1, WGT-2, ACC-3): grants that the
policy takes up.
"""

from kcc.access.actions import Action as A
from kcc.access.actor import Actor
from kcc.access.actor import Function as F
from kcc.access.facts import CaseFacts, CaseState, Facts, SeatFacts
from kcc.access.grants import Demand, Grant
from kcc.access.purposes import Purpose as P
from kcc.errors import N_


def _seated(actor: Actor, facts: Facts) -> bool:
    """Leads the employee, or manages their department, on this day; and is somebody else."""
    if not isinstance(facts, CaseFacts | SeatFacts):
        return False
    return actor.person_id in facts.lead_ids | facts.manager_ids and not _subject(actor, facts)


def _subject(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, CaseFacts | SeatFacts) and facts.employee_id == actor.person_id


def _decider(actor: Actor, facts: Facts) -> bool:
    if not isinstance(facts, CaseFacts) or _subject(actor, facts):
        return False
    return actor.person_id in facts.signer_ids or _seated(actor, facts)


def _listens(actor: Actor, facts: Facts) -> bool:
    named = isinstance(facts, CaseFacts) and facts.listener_id == actor.person_id
    return named and not _subject(actor, facts)


def _reads(actor: Actor, facts: Facts) -> bool:
    """Whoever signed and has gone elsewhere reads it as long as they may revoke it; once it has ended, those
    read it who signed and are still there.
    """
    if not isinstance(facts, CaseFacts):
        return False
    if facts.state is CaseState.ENDED:
        return _seated(actor, facts) and actor.person_id in facts.signer_ids
    return _decider(actor, facts) or (facts.state is CaseState.OPEN and _listens(actor, facts))


def _somebody_else(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, CaseFacts) and not _subject(actor, facts)


def _open(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, CaseFacts) and facts.state is CaseState.OPEN


def _stands(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, CaseFacts) and facts.state is not CaseState.ENDED


def _named(_: Actor, facts: Facts) -> bool:
    call = facts.recording if isinstance(facts, CaseFacts) else None
    return call is not None and call.state == "live" and call.now < call.due_at


SEATED = Demand(
    "WGT-2", N_("you lead the employee or manage their department today, and are not they"), _seated
)
DECIDES = Demand(
    "WGT-2", N_("you signed it, or lead the employee or manage their department today"), _decider
)
READS = Demand(
    "WGT-2",
    N_("you decide about the case, or listen for it while it is open; once it has ended, you signed it"),
    _reads,
)
NOT_THEIRS = Demand("WGT-2", N_("the case is not about you"), _somebody_else)
LISTENS = Demand("WGT-2", N_("the decision names you as its listener"), _listens)
OPEN = Demand(
    "WGT-2", N_("two have signed it, nobody suspended or ended it, and its day has not passed"), _open
)
STANDS = Demand("WGT-2", N_("it has not ended"), _stands)
NAMED = Demand("RET-7", N_("the decision names this call, and it still exists"), _named)

_DECIDED = N_("you decide about this case, listen for it, or watch over it")
_PROFILE = N_("it belongs to your function")
_ABOUT_YOU = N_("it is about you")
_COUNTS = N_("it tells counts of a quarter, and nobody's case")
_MACHINE = N_("it is a task of the system")

GRANTS: tuple[Grant, ...] = (
    *(
        grant
        for function in (F.TEAM_LEAD, F.DEPARTMENT_MANAGER)
        for grant in (
            Grant(function, A.CASE_LIST, _DECIDED),
            Grant(function, A.CASE_PROPOSE, _PROFILE, (SEATED,)),
            Grant(function, A.CASE_READ, _DECIDED, (READS,)),
            Grant(function, A.CASE_SIGN, _DECIDED, (SEATED, STANDS)),
            Grant(function, A.CASE_END, _DECIDED, (DECIDES, STANDS)),
            Grant(function, A.CASE_PLAY, _DECIDED, (LISTENS, OPEN, NAMED), (P.WEIGHTY_REASONS,)),
        )
    ),
    Grant(F.DATA_PROTECTION_OFFICER, A.CASE_LIST, _DECIDED),
    Grant(F.DATA_PROTECTION_OFFICER, A.CASE_READ, _DECIDED, (NOT_THEIRS,)),
    Grant(F.DATA_PROTECTION_OFFICER, A.CASE_SUSPEND, _DECIDED, (NOT_THEIRS, STANDS)),
    Grant(F.EMPLOYEE, A.CASE_OWN, _ABOUT_YOU),
    *(
        Grant(function, A.CASE_COUNT, _COUNTS)
        for function in (F.DEPARTMENT_MANAGER, F.WORKS_COUNCIL, F.DATA_PROTECTION_OFFICER)
    ),
    Grant(F.SYSTEM, A.CASE_SWEEP, _MACHINE),
)
"""A monitored call, a report or a form is nobody's way into a case: it is named in one, or is not in it."""
