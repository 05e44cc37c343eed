"""Which second opinions wait for a coach, without names, and taking one; the first who takes it has it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import OpinionState
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.opinions import queries
from kcc.coaching.opinions.model import SecondOpinion
from kcc.errors import N_, AccessDenied, Refused
from kcc.notices import outbox


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that waits: nobody's name, so that nobody is chosen or passed over for who they are."""

    id: str
    asked_at: datetime
    ends_at: datetime
    heard_until: datetime
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Mine:
    """One that the reader took; `scored` says that both coaches' scores can be read."""

    id: str
    employee_id: str
    taken_at: datetime
    ends_at: datetime
    scored: bool
    begun: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """What a coach finds on the page of second opinions."""

    permit: Permit
    waiting: list[Waiting]
    mine: list[Mine]


def look(session: Session, actor: Actor) -> Listed:
    """The second opinions that the actor may take, and those that they took; a list shows what doors open."""
    permit = policy.permit(actor, Action.OPINION_LIST, Subject("opinion"))
    record.act(session, permit)
    now = clock.now()
    waiting = [
        Waiting(found.id, found.asked_at, found.ends_at, call.due_at, call.duration_ms)
        for found, call in queries.untaken(session, now)
        if _may(session, actor, Action.OPINION_TAKE, found)
    ]
    mine = [
        Mine(
            id=found.id,
            employee_id=found.employee_id,
            taken_at=found.taken_at or found.asked_at,
            ends_at=found.ends_at,
            scored=queries.state(found, now) is OpinionState.SCORED,
            begun=found.revision > 0,
        )
        for found in queries.taken_by(session, actor.person_id)
        if _may(session, actor, Action.OPINION_SCORE, found)
        or _may(session, actor, Action.OPINION_COMPARE, found)
    ]
    return Listed(permit, waiting, mine)


def take(session: Session, actor: Actor, opinion_id: str) -> None:
    """Take a second opinion that waits: from now on the actor may hear and score its call.

    Refused when a colleague took it at the same moment.
    """
    facts = queries.facts(session, opinion_id, clock.now())
    permit = policy.permit(actor, Action.OPINION_TAKE, Subject("opinion", opinion_id), facts)
    record.act(session, permit)
    free = (SecondOpinion.second_id.is_(None), SecondOpinion.ended_at.is_(None))
    take_it = update(SecondOpinion).where(SecondOpinion.id == opinion_id, *free)
    taken = session.execute(take_it.values(second_id=actor.person_id, taken_at=clock.now()))
    if taken.rowcount != 1:  # type: ignore[attr-defined] # an update has one
        raise Refused(N_("A colleague has just taken this second opinion, or it has ended."), rule="REP-8")
    outbox.tell(session, facts.employee_id, "opinion.taken", coach=actor.name)


def _may(session: Session, actor: Actor, action: Action, found: SecondOpinion) -> bool:
    facts = queries.facts_of_row(session, found, clock.now())
    try:
        policy.permit(actor, action, Subject("opinion", found.id), facts)
    except AccessDenied:
        return False
    return True
