"""Reading cases: the facts the policy asks for, whose cases somebody sees, and the counts; writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.facts import CaseFacts, CaseState, SeatFacts
from kcc.access.policy import may_visit
from kcc.db import hidden
from kcc.errors import NotFound
from kcc.investigation import rules
from kcc.investigation.model import Case, CaseCall, CaseCount, CaseDecision, CaseSignature
from kcc.investigation.rules import Seats
from kcc.people.model import FunctionPeriod, Person, Team
from kcc.people.queries import holds_on
from kcc.recordings.model import Recording
from kcc.recordings.queries import kept_facts, out_of_sight

_NOBODY: frozenset[str] = frozenset()


def seat_facts(session: Session, employee_id: str, day: date) -> SeatFacts:
    """Who might sign about somebody today."""
    found = seats_of(session, employee_id, day)
    return SeatFacts(employee_id, found.leads, found.managers)


def facts(session: Session, case_id: str, now: datetime) -> CaseFacts:
    """The facts of a case, or NotFound."""
    found = session.get(Case, case_id)
    if found is None and hidden(session, "case", case_id):
        return CaseFacts("", False, CaseState.ENDED, _NOBODY, _NOBODY, _NOBODY, None)
    if found is None:
        raise NotFound
    return facts_of(session, found, now)


def facts_of(session: Session, found: Case, now: datetime) -> CaseFacts:
    """The same of a row at hand."""
    seats = seats_of(session, found.employee_id, clock.local_day(now))
    signers = select(CaseSignature.person_id).join(CaseDecision, CaseDecision.id == CaseSignature.decision_id)
    return CaseFacts(
        employee_id=found.employee_id,
        told=found.told_at is not None,
        state=state(found, now),
        lead_ids=seats.leads,
        manager_ids=seats.managers,
        signer_ids=frozenset(session.scalars(signers.where(CaseDecision.case_id == found.id))),
        listener_id=found.listener_id,
    )


def call_facts(session: Session, call_id: str, now: datetime) -> CaseFacts:
    """The facts of one call in a case, for whoever would hear it; NotFound, also when its recording is
    gone.
    """
    call = session.get(CaseCall, call_id)
    if call is None:
        raise NotFound
    recording = session.get(Recording, call.recording_id)
    known = facts(session, call.case_id, now)
    return replace(known, recording=kept_facts(recording, now) if recording else out_of_sight(now))


def state(found: Case, now: datetime) -> CaseState:
    """Where a case stands."""
    return rules.state(found.opened_at, found.suspended_at, found.ended_at, found.ends_at, now)


def waiting(session: Session, case_id: str) -> CaseDecision | None:
    """The decision that waits for its second signature, if one does."""
    query = select(CaseDecision).where(CaseDecision.case_id == case_id)
    return session.scalar(
        query.where(CaseDecision.effective_at.is_(None), CaseDecision.withdrawn_at.is_(None))
    )


def decisions(session: Session, case_id: str) -> Sequence[CaseDecision]:
    """All decisions of a case, the first one first."""
    query = select(CaseDecision).where(CaseDecision.case_id == case_id)
    return session.scalars(query.order_by(CaseDecision.made_at, CaseDecision.id)).all()


def signatures(session: Session, decision_id: str) -> Sequence[CaseSignature]:
    """Who signed a decision, in the order in which they did."""
    query = select(CaseSignature).where(CaseSignature.decision_id == decision_id)
    return session.scalars(query.order_by(CaseSignature.signed_at, CaseSignature.seat)).all()


@dataclass(frozen=True, slots=True)
class Call:
    """A call in a case: `started_at` and `duration_ms` are None once it is erased."""

    id: str
    started_at: datetime | None
    duration_ms: int | None
    kept_until: datetime | None


def calls(session: Session, case_id: str, now: datetime) -> list[Call]:
    """The calls that a case names, oldest first; of an erased one only that it was named."""
    query = (
        select(CaseCall.id, Recording)
        .outerjoin(Recording, Recording.id == CaseCall.recording_id)
        .where(CaseCall.case_id == case_id)
        .order_by(Recording.started_at, CaseCall.id)
    )
    found = []
    for call_id, row in session.execute(query):
        there = row is not None and row.state == "live" and now < row.erased_from
        seen = (row.started_at, row.duration_ms, row.erased_from) if there else (None, None, None)
        found.append(Call(call_id, *seen))
    return found


def of_actor(session: Session, actor: Actor, now: datetime) -> list[Case]:
    """The cases that somebody signed, may decide about, listens for, or watches over; newest first."""
    signed = exists().where(
        CaseSignature.decision_id == CaseDecision.id,
        CaseDecision.case_id == Case.id,
        CaseSignature.person_id == actor.person_id,
    )
    query = select(Case).where(Case.employee_id != actor.person_id).order_by(Case.made_at.desc(), Case.id)
    if not may_visit(actor, Action.CASE_SUSPEND):
        stands = and_(Case.ended_at.is_(None), Case.ends_at > now)
        opened = and_(Case.opened_at.is_not(None), Case.suspended_at.is_(None))
        listening = and_(Case.listener_id == actor.person_id, stands, opened)
        today = clock.local_day(now)
        seated = [
            one.id
            for one in session.scalars(query.where(or_(stands, signed)))
            if actor.person_id in seats_of(session, one.employee_id, today).everybody
        ]
        query = query.where(or_(and_(signed, stands), listening, Case.id.in_(seated)))
    return list(session.scalars(query))


def told_to(session: Session, person_id: str) -> Sequence[Case]:
    """The cases about somebody that they were told of, newest first."""
    query = select(Case).where(Case.employee_id == person_id, Case.told_at.is_not(None))
    return session.scalars(query.order_by(Case.made_at.desc(), Case.id)).all()


def told_subjects(session: Session, person_id: str) -> tuple[str, ...]:
    """Under what names the audit speaks of the cases that somebody was told of, and of their calls."""
    told = [one.id for one in told_to(session, person_id)]
    called = session.scalars(select(CaseCall.id).where(CaseCall.case_id.in_(told)))
    return (*(f"case:{id_}" for id_ in told), *(f"case_call:{id_}" for id_ in called))


def counts(session: Session, today: date) -> dict[date, dict[str, int | None]]:
    """The counts of the quarters that are over, newest first; None where a number would be traceable."""
    query = select(CaseCount).where(CaseCount.quarter < rules.quarter_of(today))
    found: dict[date, dict[str, int | None]] = {}
    for row in session.scalars(query.order_by(CaseCount.quarter.desc())):
        found.setdefault(row.quarter, {})[row.what] = rules.shown(row.count)
    return found


# --- who leads somebody and manages their department, as the register of people says ---


def seats_of(session: Session, employee_id: str, day: date) -> Seats:
    """Who decides about somebody on a day; of somebody who left, by the team that they were in last."""
    query = select(FunctionPeriod.team_id).where(
        FunctionPeriod.person_id == employee_id,
        FunctionPeriod.function == Function.EMPLOYEE.value,
        FunctionPeriod.begins <= day,
    )
    team_id = session.scalar(query.order_by(FunctionPeriod.begins.desc(), FunctionPeriod.id).limit(1))
    department_id = session.scalar(select(Team.department_id).where(Team.id == team_id))
    leads = _holders(session, Function.TEAM_LEAD, day, FunctionPeriod.team_id == team_id)
    of_department = FunctionPeriod.department_id == department_id
    managers = _holders(session, Function.DEPARTMENT_MANAGER, day, of_department)
    return rules.seats(leads, managers, employee_id)


def officers(session: Session, day: date, employee_id: str) -> list[str]:
    """The data protection officers of a day, but for whom the case is about."""
    return sorted(_holders(session, Function.DATA_PROTECTION_OFFICER, day) - {employee_id})


def works_here(session: Session, person_id: str, day: date) -> bool:
    """Whether somebody is an employee on a day: whoever left, or has another function now, has no page of
    their cases any more, and is told by letter.
    """
    return person_id in _holders(session, Function.EMPLOYEE, day)


def candidates(session: Session, actor: Actor, day: date) -> list[tuple[str, str]]:
    """Ids and names of those about whom somebody may put a case forward, by name."""
    departments = {p.department_id for p in actor.posts if p.function is Function.DEPARTMENT_MANAGER}
    teams = set(actor.teams_led)
    teams |= set(session.scalars(select(Team.id).where(Team.department_id.in_(departments - {None}))))
    query = (
        select(Person.id, Person.name)
        .distinct()
        .join(FunctionPeriod, FunctionPeriod.person_id == Person.id)
        .where(
            FunctionPeriod.function == Function.EMPLOYEE.value,
            FunctionPeriod.team_id.in_(teams),
            holds_on(FunctionPeriod, day),
            Person.id != actor.person_id,
        )
    )
    return [(row[0], row[1]) for row in session.execute(query.order_by(Person.name, Person.id))]


def listeners(session: Session, found: Seats, day: date, employee_id: str) -> list[tuple[str, str]]:
    """Ids and names of those who may be named as listener: whoever decides, and other team leads and
    managers.
    """
    able = _holders(session, Function.TEAM_LEAD, day) | _holders(session, Function.DEPARTMENT_MANAGER, day)
    able = (able | found.everybody) - {employee_id}
    query = select(Person.id, Person.name).where(Person.id.in_(able)).order_by(Person.name, Person.id)
    return [(row[0], row[1]) for row in session.execute(query)]


def _holders(session: Session, function: Function, day: date, *where: ColumnElement[bool]) -> frozenset[str]:
    query = select(FunctionPeriod.person_id).where(FunctionPeriod.function == function.value, *where)
    return frozenset(session.scalars(query.where(holds_on(FunctionPeriod, day))))
