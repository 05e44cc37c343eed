"""Questions about people on a day: who holds what, who coaches whom, whose agent id it is; writes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Date, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from kcc import clock
from kcc.access.actor import Actor, Function, Post
from kcc.errors import N_, Invalid, NotFound
from kcc.people.model import AgentId, CoachAssignment, Department, FunctionPeriod, Person, Team

AT_ONCE = 10_000
"""Ids in one query; SQLite takes 32,766 parameters, PostgreSQL 65,535."""

Dated = type[FunctionPeriod] | type[AgentId] | type[CoachAssignment]


def holds_on(table: Dated, day: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition that a dated row is in force on a day: [begins, ends)."""
    return and_(table.begins <= day, or_(table.ends.is_(None), table.ends > day))


def actor_of(session: Session, person_id: str, day: date) -> Actor:
    """A person as actor, with the posts of a day (none: they may do nothing); NotFound for a stranger."""
    query = (
        select(Person.name, FunctionPeriod.function, FunctionPeriod.team_id, FunctionPeriod.department_id)
        .outerjoin(FunctionPeriod, and_(FunctionPeriod.person_id == Person.id, holds_on(FunctionPeriod, day)))
        .where(Person.id == person_id)
    )
    rows = session.execute(query).all()
    if not rows:
        raise NotFound
    posts = {Post(Function(function), team, department) for _, function, team, department in rows if function}
    return Actor(person_id, rows[0].name, frozenset(posts))


def person_at(session: Session, agent_id: str, instant: datetime) -> list[str]:
    """Who had this agent id, and customer calls, on the day of an instant; none or several: not known.

    Only an employee function with customer calls counts (SAM-8), whichever recorder says so.
    """
    return list(session.scalars(_PERSON_AT, {"agent": agent_id, "day": clock.local_day(instant)}))


def coaches_of(session: Session, employee_id: str, day: date) -> frozenset[str]:
    """Who coaches an employee on a day: assigned, a coach, and the other an employee, that day (ACC-2)."""
    query = _coaching(day).with_only_columns(CoachAssignment.coach_id)
    return frozenset(session.scalars(query.where(CoachAssignment.employee_id == employee_id)))


def coaches_of_each(session: Session, employee_ids: Collection[str], day: date) -> dict[str, set[str]]:
    """The same of several, by employee; who has no coach is left out."""
    found: dict[str, set[str]] = {}
    wanted = sorted(set(employee_ids))
    query = _coaching(day).with_only_columns(CoachAssignment.employee_id, CoachAssignment.coach_id)
    for start in range(0, len(wanted), AT_ONCE):
        some = query.where(CoachAssignment.employee_id.in_(wanted[start : start + AT_ONCE]))
        for employee_id, coach_id in session.execute(some):
            found.setdefault(employee_id, set()).add(coach_id)
    return found


def employees_of(session: Session, coach_id: str, day: date) -> frozenset[str]:
    """Whom somebody coaches on a day; the mirror of coaches_of."""
    query = _coaching(day).with_only_columns(CoachAssignment.employee_id)
    return frozenset(session.scalars(query.where(CoachAssignment.coach_id == coach_id)))


def employees_with_calls(session: Session, day: date) -> list[str]:
    """The employees whose function that day includes customer calls: nobody else is monitored (SAM-8)."""
    query = select(FunctionPeriod.person_id).distinct().where(*_speaks_with_customers(day))
    return list(session.scalars(query.order_by(FunctionPeriod.person_id)))


def speaking(session: Session, person_ids: Collection[str], day: date) -> frozenset[str]:
    """Those of some people whose function that day includes customer calls (SAM-8)."""
    query = select(FunctionPeriod.person_id).where(
        FunctionPeriod.person_id.in_(person_ids), *_speaks_with_customers(day)
    )
    return frozenset(session.scalars(query))


def may_sign_in(session: Session, person_ids: Collection[str], day: date) -> frozenset[str]:
    """Those of some people who hold any function on a day: the others have left, and are told nothing."""
    query = select(FunctionPeriod.person_id).where(
        FunctionPeriod.person_id.in_(person_ids), holds_on(FunctionPeriod, day)
    )
    return frozenset(session.scalars(query))


def team_members(session: Session, team_id: str, day: date) -> frozenset[str]:
    """The employees of a team on a day."""
    query = select(FunctionPeriod.person_id).where(
        FunctionPeriod.team_id == team_id,
        FunctionPeriod.function == Function.EMPLOYEE,
        holds_on(FunctionPeriod, day),
    )
    return frozenset(session.scalars(query))


def leads_of(session: Session, employee_id: str, day: date) -> frozenset[str]:
    """Who leads an employee's team on a day; nobody leads themself."""
    held = aliased(FunctionPeriod)
    query = (
        select(FunctionPeriod.person_id)
        .join(held, held.team_id == FunctionPeriod.team_id)
        .where(
            FunctionPeriod.function == Function.TEAM_LEAD,
            FunctionPeriod.person_id != employee_id,
            holds_on(FunctionPeriod, day),
            held.person_id == employee_id,
            held.function == Function.EMPLOYEE,
            held.begins <= day,
            (held.ends.is_(None)) | (held.ends > day),
        )
    )
    return frozenset(session.scalars(query))


def by_number(session: Session, number: str) -> Person:
    """The person whom the organisation knows by this number, or Invalid."""
    found = session.scalar(select(Person).where(Person.number == number))
    if found is None:
        raise Invalid("number", N_("Nobody has the number %(number)s."), number=number)
    return found


def language_of(session: Session, person_id: str) -> str:
    """The language in which somebody is written to."""
    return session.scalar(select(Person.language).where(Person.id == person_id)) or "nl"


def languages_of(session: Session, person_ids: Collection[str]) -> dict[str, str]:
    """The same of many, by id; an id of nobody is left out."""
    found: dict[str, str] = {}
    wanted = sorted(set(person_ids))
    for start in range(0, len(wanted), AT_ONCE):
        query = select(Person.id, Person.language).where(Person.id.in_(wanted[start : start + AT_ONCE]))
        found |= dict(session.execute(query).all())
    return found


def names(session: Session, person_ids: Collection[str]) -> dict[str, str]:
    """The names of people, by id; an id of nobody is left out."""
    found: dict[str, str] = {}
    wanted = sorted(set(person_ids))
    for start in range(0, len(wanted), AT_ONCE):
        query = select(Person.id, Person.name).where(Person.id.in_(wanted[start : start + AT_ONCE]))
        found |= dict(session.execute(query).all())
    return found


def number_of(session: Session, person_id: str) -> str:
    """The organisation's own number of a person; NotFound for a stranger."""
    number = session.scalar(select(Person.number).where(Person.id == person_id))
    if number is None:
        raise NotFound
    return number


def places(session: Session) -> dict[str, str]:
    """The names of all teams and departments, by id."""
    query = select(Team.id, Team.name).union_all(select(Department.id, Department.name))
    return dict(session.execute(query).all())


def teams_and_departments(session: Session) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Ids and names of all teams and of all departments, each by name."""
    teams = session.execute(select(Team.id, Team.name).order_by(Team.name, Team.id)).all()
    departments = session.execute(select(Department.id, Department.name).order_by(Department.name)).all()
    return [(row[0], row[1]) for row in teams], [(row[0], row[1]) for row in departments]


@dataclass(frozen=True, slots=True)
class Holding:
    """A function somebody holds, since when and where, as their own account page shows it."""

    function: Function
    place: str | None
    customer_calls: bool
    begins: date
    ends: date | None


def holdings(session: Session, person_id: str, day: date) -> list[Holding]:
    """The functions a person holds on a day, oldest first."""
    query = (
        select(
            FunctionPeriod.function,
            func.coalesce(Team.name, Department.name),
            FunctionPeriod.customer_calls,
            FunctionPeriod.begins,
            FunctionPeriod.ends,
        )
        .outerjoin(Team, Team.id == FunctionPeriod.team_id)
        .outerjoin(Department, Department.id == FunctionPeriod.department_id)
        .where(FunctionPeriod.person_id == person_id, holds_on(FunctionPeriod, day))
        .order_by(FunctionPeriod.begins, FunctionPeriod.function)
    )
    return [Holding(Function(row[0]), row[1], row[2], row[3], row[4]) for row in session.execute(query)]


def counts(session: Session, day: date) -> dict[Function, int]:
    """How many people hold each function on a day; for the status page, about nobody."""
    query = (
        select(FunctionPeriod.function, func.count(FunctionPeriod.person_id.distinct()))
        .where(holds_on(FunctionPeriod, day))
        .group_by(FunctionPeriod.function)
    )
    return {Function(function): number for function, number in session.execute(query)}


def _coaching(day: date) -> Select[Any]:
    works = FunctionPeriod.__table__.alias("works")
    employed = select(works.c.id).where(
        works.c.person_id == CoachAssignment.employee_id,
        works.c.function == Function.EMPLOYEE.value,
        works.c.begins <= day,
        or_(works.c.ends.is_(None), works.c.ends > day),
    )
    return (
        select(CoachAssignment.id)
        .join(
            FunctionPeriod,
            and_(
                FunctionPeriod.person_id == CoachAssignment.coach_id,
                FunctionPeriod.function == Function.COACH,
                holds_on(FunctionPeriod, day),
            ),
        )
        .where(holds_on(CoachAssignment, day), employed.exists())
    )


def _speaks_with_customers(day: date | BindParameter[date]) -> tuple[ColumnElement[bool], ...]:
    return (
        FunctionPeriod.function == Function.EMPLOYEE,
        FunctionPeriod.customer_calls.is_(True),
        holds_on(FunctionPeriod, day),
    )


_day = bindparam("day", type_=Date())
# Asked for every call that comes in, so built once: that took longer than the answer.
_PERSON_AT = (
    select(AgentId.person_id)
    .distinct()
    .join(FunctionPeriod, FunctionPeriod.person_id == AgentId.person_id)
    .where(AgentId.agent_id == bindparam("agent"), holds_on(AgentId, _day))
    .where(*_speaks_with_customers(_day))
    .order_by(AgentId.person_id)
)
