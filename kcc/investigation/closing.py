"""Ending a case, by either who decides about it, and suspending it, by the data protection officer
(WGT-2).
"""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import CaseState
from kcc.access.policy import Permit
from kcc.audit import record
from kcc.errors import N_, Invalid, Refused
from kcc.investigation import decisions, effects, queries, sealing, telling
from kcc.investigation.model import Case
from kcc.investigation.rules import How
from kcc.stores import Stores


def end(stores: Stores, session: Session, actor: Actor, case_id: str, how: How, why: str) -> None:
    """Close a case, or revoke a signature, which ends it too: nobody hears anything from this moment.

    What it kept goes in the next run (RET-5). Invalid without words.
    """
    found, allowed = decisions.locked(session, actor, Action.CASE_END, case_id)
    if how not in (How.CLOSED, How.REVOKED):
        raise Invalid("how", N_("Choose how the case ends."))
    if not why.strip() or len(why.strip()) > decisions.LONGEST:
        raise Invalid("why", N_("Write this in your own words."))
    record.act(session, allowed, act=how.value)
    found.ending = sealing.seal_ending(stores.keys.get(found.id), found.id, why.strip())
    finish(stores, session, allowed, found, how)


def finish(stores: Stores, session: Session, permit: Permit, found: Case, how: How) -> None:
    """End a case under a permit whose line is written: holds are lifted, the employee is told if it
    opened.
    """
    facts = queries.facts_of(session, found, clock.now())
    if waits := queries.waiting(session, found.id):
        waits.withdrawn_at = clock.now()
    effects.let_go(stores, session, permit, found, facts)
    if found.opened_at is not None:
        telling.tell(session, permit, found)
    found.ended_at, found.how = clock.now(), how.value
    effects.count(session, how.value)
    session.flush()
    telling.ended(session, found, permit.actor.person_id)


def suspend(session: Session, actor: Actor, case_id: str) -> None:
    """Let nobody listen until the case goes on; what it keeps is kept, until its last day at most (WGT-2)."""
    found, allowed = decisions.locked(session, actor, Action.CASE_SUSPEND, case_id)
    if queries.state(found, clock.now()) is not CaseState.OPEN:
        raise Refused(N_("Only a case that is open can be suspended."), rule="WGT-2")
    record.act(session, allowed, act="suspended")
    found.suspended_at = clock.now()
    effects.count(session, "suspended")
    telling.suspended(session, found)


def resume(session: Session, actor: Actor, case_id: str) -> None:
    """Let a suspended case go on, until the day that its decision named."""
    found, allowed = decisions.locked(session, actor, Action.CASE_SUSPEND, case_id)
    if found.suspended_at is None:
        raise Refused(N_("This case is not suspended."))
    record.act(session, allowed, act="resumed")
    found.suspended_at = None
    telling.suspended(session, found, resumed=True)
