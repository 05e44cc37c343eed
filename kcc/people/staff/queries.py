"""Finding people and everything dated about them, for the administrator's pages; writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from kcc.access.actor import Function
from kcc.errors import NotFound
from kcc.people.model import AgentId, CoachAssignment, Department, FunctionPeriod, Person, Team
from kcc.people.queries import AT_ONCE, holds_on

PAGE = 50
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: part of a name or number, a function held today, or nobody's function today."""

    words: str = ""
    function: Function | None = None
    without: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: the last row's name, as it is sorted, and id."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Post:
    """A function held today, with the team or department's name."""

    function: Function
    place: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One person of the list."""

    id: str
    number: str
    name: str
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list, and where the next one begins, if there is one."""

    rows: list[Listed]
    next: Place | None


def search(session: Session, sought: Sought, day: date, after: Place | None = None) -> Found:
    """People by name, `PAGE` at a time; names are compared without regard to case."""
    key = func.lower(Person.name)
    query = select(Person.id, Person.number, Person.name, key).where(*_sought(sought, day))
    if after:
        query = query.where(tuple_(key, Person.id) > tuple_(after.name, after.id))
    rows = session.execute(query.order_by(key, Person.id).limit(PAGE + 1)).all()
    posts = _posts(session, [row[0] for row in rows[:PAGE]], day)
    listed = [Listed(row[0], row[1], row[2], tuple(posts.get(row[0], ()))) for row in rows[:PAGE]]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Found(listed, Place(last[3], last[0]) if last else None)


def _sought(sought: Sought, day: date) -> Iterable[ColumnElement[bool]]:
    for word in sought.words[:LONGEST_SEARCH].casefold().split():
        yield or_(
            func.lower(Person.name).contains(word, autoescape=True),
            func.lower(Person.number).startswith(word, autoescape=True),
        )
    held = and_(FunctionPeriod.person_id == Person.id, holds_on(FunctionPeriod, day))
    if sought.function:
        yield exists().where(held, FunctionPeriod.function == sought.function)
    if sought.without:
        yield ~exists().where(held)


def _posts(session: Session, person_ids: list[str], day: date) -> dict[str, list[Post]]:
    found: dict[str, list[Post]] = {}
    for start in range(0, len(person_ids), AT_ONCE):
        query = (
            _with_place(select(FunctionPeriod.person_id, FunctionPeriod.function, _PLACE))
            .where(FunctionPeriod.person_id.in_(person_ids[start : start + AT_ONCE]))
            .where(holds_on(FunctionPeriod, day))
            .order_by(FunctionPeriod.function, _PLACE)
        )
        for person_id, function, place in session.execute(query):
            found.setdefault(person_id, []).append(Post(Function(function), place))
    return found


@dataclass(frozen=True, slots=True)
class HeldPeriod:
    """A function of a person, from `begins` up to, not including, `ends`."""

    id: str
    function: Function
    place: str | None
    customer_calls: bool
    begins: date
    ends: date | None
    team_id: str | None = None
    department_id: str | None = None


@dataclass(frozen=True, slots=True)
class KnownAs:
    """An agent id of a person, for its period."""

    id: str
    agent_id: str
    begins: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class Coached:
    """Somebody whom a person coaches, or is coached by, for its period."""

    id: str
    other_id: str
    other: str
    begins: date
    ends: date | None


Dated = HeldPeriod | KnownAs | Coached


@dataclass(frozen=True, slots=True)
class Course:
    """Everything dated about one person, each list in the order in which it began."""

    id: str
    number: str
    name: str
    email: str | None
    functions: list[HeldPeriod]
    agent_ids: list[KnownAs]
    coaches: list[Coached]
    coached: list[Coached]


def course(session: Session, person_id: str) -> Course:
    """The whole course of one person, past and to come; NotFound for a stranger."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    coach, employee = CoachAssignment.coach_id, CoachAssignment.employee_id
    return Course(
        person.id,
        person.number,
        person.name,
        person.email,
        _functions(session, person_id),
        _agent_ids(session, person_id),
        _coached(session, employee == person_id, coach),
        _coached(session, coach == person_id, employee),
    )


def _functions(session: Session, person_id: str) -> list[HeldPeriod]:
    query = (
        _with_place(select(FunctionPeriod, _PLACE))
        .where(FunctionPeriod.person_id == person_id)
        .order_by(FunctionPeriod.begins, FunctionPeriod.function, FunctionPeriod.id)
    )
    return [
        HeldPeriod(
            one.id,
            Function(one.function),
            place,
            one.customer_calls,
            one.begins,
            one.ends,
            one.team_id,
            one.department_id,
        )
        for one, place in session.execute(query)
    ]


def _agent_ids(session: Session, person_id: str) -> list[KnownAs]:
    query = (
        select(AgentId.id, AgentId.agent_id, AgentId.begins, AgentId.ends)
        .where(AgentId.person_id == person_id)
        .order_by(AgentId.begins, AgentId.agent_id)
    )
    return [KnownAs(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def _coached(
    session: Session, which: ColumnElement[bool], other: InstrumentedAttribute[str]
) -> list[Coached]:
    person = aliased(Person)
    query = (
        select(CoachAssignment.id, person.id, person.name, CoachAssignment.begins, CoachAssignment.ends)
        .join(person, person.id == other)
        .where(which)
        .order_by(CoachAssignment.begins, person.name, CoachAssignment.id)
    )
    return [Coached(row[0], row[1], row[2], row[3], row[4]) for row in session.execute(query)]


def coaches(session: Session, day: date) -> list[tuple[str, str]]:
    """Ids and names of those who are coach on a day or will be, by name."""
    query = (
        select(Person.id, Person.name)
        .join(FunctionPeriod, FunctionPeriod.person_id == Person.id)
        .where(
            FunctionPeriod.function == Function.COACH,
            or_(FunctionPeriod.ends.is_(None), FunctionPeriod.ends > day),
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


_PLACE = func.coalesce(Team.name, Department.name)


def _with_place(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.outerjoin(Team, Team.id == FunctionPeriod.team_id).outerjoin(
        Department, Department.id == FunctionPeriod.department_id
    )
