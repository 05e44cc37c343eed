"""The coach's board: for each employee what is announced, drawn and scored; no rank, no average."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import queries, rules
from kcc.coaching.slots import Slot, month_slots
from kcc.people import queries as people


@dataclass(frozen=True, slots=True)
class Line:
    """One employee's month, and the drawn call that goes first, if one waits."""

    employee_id: str
    name: str
    slots: list[Slot]
    next_day: date | None
    first_sample: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """A coach's employees by name, and all drawn calls that wait, those that go first on top."""

    permit: Permit
    lines: list[Line]
    waiting: queries.Rows
    names: dict[str, str]


def read(session: Session, actor: Actor, limit: int) -> Board:
    """The board of a coach, as of now; `limit` is the number of slots a month has."""
    permit = policy.permit(actor, Action.SAMPLE_LIST, Subject("sample"))
    record.act(session, permit)
    today = clock.today()
    employees = people.employees_of(session, actor.person_id, today) - {actor.person_id}
    names = people.names(session, employees)
    waiting = queries.open_samples(session, actor.person_id, clock.now())
    first = {row.employee_id: row.id for row in reversed(waiting)}
    slots = month_slots(session, employees, rules.month_of(today), limit)
    days = queries.next_days(session, employees, today)
    lines = [
        Line(employee, name, slots[employee], days.get(employee), first.get(employee))
        for employee, name in sorted(names.items(), key=lambda pair: pair[1].casefold())
    ]
    return Board(permit, lines, waiting, names)
