"""The coach's board: for each employee what is announced, drawn, scored and read; no rank, no average."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import queries, rules
from kcc.coaching.conversation import queries as conversations
from kcc.coaching.conversation.rules import TALKED, Standing
from kcc.coaching.model import Report, SampledCall, SelectionDate
from kcc.coaching.planned import queries as planned
from kcc.coaching.planned import rules as planned_rules
from kcc.coaching.planned.model import QuotaException
from kcc.coaching.slots import Slot, month_slots
from kcc.people import queries as people
from kcc.sections import Limits


@dataclass(frozen=True, slots=True)
class Stages:
    """How far the month's scored calls have come: reports finished, read by the employee, talked about, and
    signed by both.
    """

    finished: int = 0
    read: int = 0
    conversations: int = 0
    signed: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One employee's month: its dates, slots and stages, the exception in force, and what comes next."""

    employee_id: str
    name: str
    dates: list[SelectionDate]
    slots: list[Slot]
    stages: Stages
    next_day: date | None
    exception: QuotaException | None
    asks: bool
    first_sample: str | None
    plannable: bool


@dataclass(frozen=True, slots=True)
class Board:
    """A coach's employees by name in a month, and all drawn calls that wait, those that go first on top."""

    permit: Permit
    month: date
    lines: list[Line]
    waiting: queries.Rows
    names: dict[str, str]


def read(session: Session, actor: Actor, limits: Limits, month: date | None = None) -> Board:
    """The board of a coach, as of now, for a month: the present one, unless another is asked for."""
    permit = policy.permit(actor, Action.SAMPLE_LIST, Subject("sample"))
    record.act(session, permit)
    today = clock.today()
    month = rules.month_of(month or today)
    employees = people.employees_of(session, actor.person_id, today) - {actor.person_id}
    names = people.names(session, employees)
    waiting = queries.open_samples(session, actor.person_id, clock.now())
    return Board(permit, month, _lines(session, names, month, limits, waiting), waiting, names)


def stages(session: Session, employee_ids: Collection[str], month: date) -> dict[str, Stages]:
    """How far the reports on a month's calls have come, by employee, as the reader may see them."""
    query = (
        select(Report.id, Report.employee_id, Report.read_at)
        .join(SampledCall, SampledCall.id == Report.sampled_call_id)
        .where(Report.employee_id.in_(employee_ids), SampledCall.month == month)
        .where(Report.content != queries.NO_CONTENT, Report.finished_at.is_not(None))
    )
    rows = list(session.execute(query))
    stands = conversations.standings(session, [row.id for row in rows])
    found: dict[str, list[Stages]] = {employee: [] for employee in employee_ids}
    for row in rows:
        one = stands[row.id]
        found[row.employee_id].append(
            Stages(1, int(row.read_at is not None), int(one in TALKED), int(one is Standing.SIGNED))
        )
    return {employee: _sum(each) for employee, each in found.items()}


def _sum(each: list[Stages]) -> Stages:
    return Stages(
        len(each),
        sum(one.read for one in each),
        sum(one.conversations for one in each),
        sum(one.signed for one in each),
    )


def _lines(
    session: Session, names: dict[str, str], month: date, limits: Limits, waiting: queries.Rows
) -> list[Line]:
    today, employees = clock.today(), names.keys()
    first = {row.employee_id: row.id for row in reversed(waiting)}
    quotas = planned.quotas(session, employees, max(today, month), limits)
    slots = month_slots(session, quotas, month)
    dates = planned.dates_of(session, employees, month, month)
    days = queries.next_days(session, employees, today)
    exceptions = planned.exceptions_on(session, employees, max(today, month))
    asked = planned.open_agreements(session, employees)
    reached = stages(session, employees, month)
    speaking = people.speaking(session, employees, today)
    return [
        Line(
            employee_id=employee,
            name=name,
            dates=dates[employee],
            slots=slots[employee],
            stages=reached[employee],
            next_day=days.get(employee),
            exception=exceptions.get(employee),
            asks=employee in asked and asked[employee].agreed is None,
            first_sample=first.get(employee),
            plannable=employee in speaking and month in planned_rules.months(today),
        )
        for employee, name in sorted(names.items(), key=lambda pair: pair[1].casefold())
    ]
