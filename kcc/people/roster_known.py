"""What is known before an import, read whole: people by number, teams and departments by code; writes
nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from kcc.access.actor import Function
from kcc.people.model import AgentId, CoachAssignment, Department, FunctionPeriod, Person, Team

FunctionKey = tuple[str, Function, str | None, str | None, date]
AgentIdKey = tuple[str, str, date]
AssignmentKey = tuple[str, str, date]


@dataclass(frozen=True, slots=True)
class Thing:
    """A department, team or person that is known, with the fields an import may change."""

    id: str
    fields: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Dated:
    """A dated row that is known."""

    id: str
    ends: date | None
    customer_calls: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that is known before an import; people by number, teams and departments by code."""

    departments: Mapping[str, Thing]
    teams: Mapping[str, Thing]
    people: Mapping[str, Thing]
    functions: Mapping[FunctionKey, Dated]
    agent_ids: Mapping[AgentIdKey, Dated]
    coach_assignments: Mapping[AssignmentKey, Dated]


def load(session: Session) -> Known:
    """Everything an import can refer to, change or contradict."""
    departments = session.execute(select(Department.code, Department.id, Department.name))
    teams = session.execute(
        select(Team.code, Team.id, Team.name, Department.code).join(
            Department, Department.id == Team.department_id
        )
    )
    people = session.execute(select(Person.number, Person.id, Person.name, Person.email))
    return Known(
        {code: Thing(i, {"name": name}) for code, i, name in departments},
        {code: Thing(i, {"name": name, "department": place}) for code, i, name, place in teams},
        {number: Thing(i, {"name": name, "email": email}) for number, i, name, email in people},
        _known_functions(session),
        _known_agent_ids(session),
        _known_assignments(session),
    )


def _known_functions(session: Session) -> dict[FunctionKey, Dated]:
    f = FunctionPeriod
    query = (
        select(
            Person.number, f.function, Team.code, Department.code, f.begins, f.id, f.ends, f.customer_calls
        )
        .join(Person, Person.id == f.person_id)
        .outerjoin(Team, Team.id == f.team_id)
        .outerjoin(Department, Department.id == f.department_id)
    )
    return {
        (number, Function(function), team, department, begins): Dated(i, ends, calls)
        for number, function, team, department, begins, i, ends, calls in session.execute(query)
    }


def _known_agent_ids(session: Session) -> dict[AgentIdKey, Dated]:
    query = select(Person.number, AgentId.agent_id, AgentId.begins, AgentId.id, AgentId.ends).join(
        Person, Person.id == AgentId.person_id
    )
    return {
        (number, agent_id, day): Dated(i, ends) for number, agent_id, day, i, ends in session.execute(query)
    }


def _known_assignments(session: Session) -> dict[AssignmentKey, Dated]:
    coach, employee, a = aliased(Person), aliased(Person), CoachAssignment
    query = (
        select(coach.number, employee.number, a.begins, a.id, a.ends)
        .join(coach, coach.id == a.coach_id)
        .join(employee, employee.id == a.employee_id)
    )
    return {(one, other, day): Dated(i, ends) for one, other, day, i, ends in session.execute(query)}
