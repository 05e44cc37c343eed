"""Telling people that a function has ended, and closing what hung on it; the ends are endings'."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function, system
from kcc.access.facts import PersonFacts
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.notices import outbox
from kcc.people import assignments, endings, queries
from kcc.people.endings import CameBy, Ended
from kcc.people.model import CoachAssignment, FunctionEnding, FunctionPeriod
from kcc.people.queries import holds_on


def tell(session: Session) -> int:
    """Tell those concerned of every end that has taken effect and nobody was told of; answers how many."""
    untold = endings.untold(session, clock.today())
    for ending in untold:
        ended = endings.seen(session, ending)
        if not ended.continues:
            _tell(session, ending, ended)
        ending.cut_at = clock.now()
    session.flush()
    return len(untold)


def close(session: Session, ended: Ended) -> None:
    """Remember that all that follows from an end was done, and end the assignments that went with it."""
    if not endings.still(session, ended):
        return
    subject, facts = Subject("person", ended.person_id), PersonFacts(ended.person_id)
    permit = policy.permit(system("endings"), Action.PEOPLE_CHANGE, subject, facts)
    record.act(session, permit, step="end followed", function=ended.function.value, ends=str(ended.ends))
    if ended.function in (Function.COACH, Function.EMPLOYEE) and not ended.continues:
        assignments.close_all(session, ended.person_id, ended.function, ended.ends)
    endings.get(session, ended.id).followed_at = clock.now()
    session.flush()


def _tell(session: Session, ending: FunctionEnding, ended: Ended) -> None:
    person, function, day = ended.person_id, ended.function, ended.ends
    waits = ending.came_by != CameBy.PERSON.value and ending.confirmed_at is None
    last = endings.last_day(ending)
    if waits:
        name = queries.names(session, [person])[person]
        for administrator in _administrators(session):
            outbox.tell(
                session, administrator, "ending.waiting", person=name, function=function, day=day, last=last
            )
    if waits and function is Function.EMPLOYEE:
        outbox.tell(session, person, "reports.waiting", function=function, day=day, last=last)
    else:
        outbox.tell(session, person, "function.ended", function=function, day=day)
    if function is Function.COACH:
        _tell_employees(session, ended)
    elif function is Function.EMPLOYEE:
        _tell_coaches(session, ended)


def _tell_employees(session: Session, ended: Ended) -> None:
    name = queries.names(session, [ended.person_id])[ended.person_id]
    orphans = assignments.needing_successor(session, ended.person_id, clock.today())
    for employee_id in sorted(orphans):
        outbox.tell(session, employee_id, "coach.gone", coach=name)
    if orphans:
        for administrator in _administrators(session):
            outbox.tell(session, administrator, "coach.successor_needed", coach=name, count=len(orphans))


def _tell_coaches(session: Session, ended: Ended) -> None:
    name = queries.names(session, [ended.person_id])[ended.person_id]
    coaches = select(CoachAssignment.coach_id).where(
        CoachAssignment.employee_id == ended.person_id, holds_on(CoachAssignment, clock.today())
    )
    for coach_id in sorted(set(session.scalars(coaches))):
        outbox.tell(session, coach_id, "coach.employee_gone", employee=name)


def _administrators(session: Session) -> list[str]:
    query = select(FunctionPeriod.person_id).where(
        FunctionPeriod.function == Function.ADMINISTRATOR.value, holds_on(FunctionPeriod, clock.today())
    )
    return sorted(set(session.scalars(query)))
