"""What cannot stand together after a change to somebody's functions or coaches, asked of the database; the
rules are rules'. An import has its own way to the same rules (roster_periods).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kcc.access.actor import Function
from kcc.errors import Refused
from kcc.people import rules
from kcc.people.model import CoachAssignment, FunctionPeriod, Person
from kcc.people.rules import Assigned, Clash, Held, Period


def lock(session: Session, person_ids: Collection[str]) -> None:
    """Let nobody else change what these people hold before this transaction ends."""
    query = select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id)
    session.execute(query.with_for_update()).all()


def refuse(session: Session, person_id: str) -> None:
    """Refused, naming the rule, when what is now known of a person cannot all be true."""
    session.flush()
    for clash in _found(session, person_id):
        raise Refused(clash.problem, code="impossible", rule=rules.RULES[clash.problem])


def _found(session: Session, person_id: str) -> Iterator[Clash]:
    assigned = _assigned(session, person_id)
    held = _held(session, {person_id, *(one.coach for one in assigned), *(one.employee for one in assigned)})
    yield from rules.clashes_of_functions(held[person_id])
    pairs: dict[tuple[str, str], list[Assigned]] = defaultdict(list)
    for one in assigned:
        pairs[one.coach, one.employee].append(one)
        yield from rules.clashes_of_coach_and_lead(one, held[one.coach], held[one.employee])
    for same in pairs.values():
        yield from rules.clashes_of_assignments(same)


def _assigned(session: Session, person_id: str) -> list[Assigned]:
    mine = or_(CoachAssignment.coach_id == person_id, CoachAssignment.employee_id == person_id)
    return [
        Assigned(row.coach_id, row.employee_id, Period(row.begins, row.ends))
        for row in session.scalars(select(CoachAssignment).where(mine))
    ]


def _held(session: Session, person_ids: Collection[str]) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = defaultdict(list)
    for row in session.scalars(select(FunctionPeriod).where(FunctionPeriod.person_id.in_(person_ids))):
        period = Period(row.begins, row.ends)
        found[row.person_id].append(
            Held(row.person_id, Function(row.function), period, row.team_id, row.department_id)
        )
    return found
