"""The job's selection dates: proposing and announcing them (SAM-8, ANN-1), closing those that pass unused.

Dates by hand are planned.dates', drawing is drawing's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from secrets import SystemRandom
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import rules, unannounced
from kcc.coaching.model import SelectionDate
from kcc.coaching.planned import queries as planned
from kcc.coaching.planned import rules as days
from kcc.coaching.planned import telling
from kcc.coaching.rules import SelectionState
from kcc.coaching.turns import alone
from kcc.config import Settings
from kcc.db import new_id
from kcc.people import queries as people


def propose(session: Session, actor: Actor, today: date, settings: Settings) -> int:
    """Give every employee with customer calls a selection date for this month, and in time for the next,
    where no coach planned one.

    Each is announced at once, at least `sampling.announce_days` before it (ANN-1), so that whoever comes too
    late in a month has none in it; under an agreement not to announce it falls on a day by lot (ANN-2). Run
    as often as one likes; answers how many dates were fixed now.
    """
    policy.permit(actor, Action.SELECTION_ANNOUNCE, Subject("selection"))
    alone(session, SelectionDate)
    unannounced.lapse(session, actor, settings)
    employees = people.employees_with_calls(session, today)
    announced = 0
    for month in rules.months_to_announce(today, settings.sampling):
        day = rules.proposed_day(month, today, settings.sampling)
        if day is not None:
            announced += _announce(session, actor, employees, day, settings)
    return announced


@dataclass(frozen=True, slots=True)
class Coming:
    """A day of which an employee knows: at most how many of their calls are drawn on it."""

    id: str
    day: date
    most: int
    sequence: int
    withdrawn: bool


def announcements(session: Session, actor: Actor, today: date, settings: Settings) -> list[Coming]:
    """The coming days on which the actor's own calls are drawn (ANN-1); which calls, nobody knows (ANN-3).

    Those withdrawn since stand among them, so that a calendar can forget them; those fixed under an
    agreement not to announce them do not (ANN-2).
    """
    policy.permit(actor, Action.ANNOUNCEMENT_READ, Subject("selection"))
    return [_coming(session, one, settings) for one in planned.coming(session, actor.person_id, today)]


def announcement(session: Session, actor: Actor, selection_id: str, settings: Settings) -> Coming:
    """One of the days of which the actor knows, also when it is over; NotFound for any other."""
    policy.permit(actor, Action.ANNOUNCEMENT_READ, Subject("selection", selection_id))
    return _coming(session, planned.own_date(session, actor.person_id, selection_id), settings)


def _coming(session: Session, one: SelectionDate, settings: Settings) -> Coming:
    limit = planned.quotas(session, [one.employee_id], one.day, settings.limits)[one.employee_id].limit
    withdrawn = one.state == SelectionState.WITHDRAWN.value
    return Coming(one.id, one.day, min(limit, one.calls or limit), one.sequence, withdrawn)


def close(session: Session, actor: Actor, day: date, employees: Collection[str]) -> dict[str, int]:
    """Close what will not be drawn on a day: dates of past months, and of people without customer calls.

    Answers how many were "missed" and "lapsed".
    """
    waiting = select(SelectionDate.id, SelectionDate.month, SelectionDate.employee_id).where(
        SelectionDate.state == SelectionState.ANNOUNCED.value, SelectionDate.day <= day
    )
    closed: dict[SelectionState, list[str]] = {SelectionState.MISSED: [], SelectionState.LAPSED: []}
    for selection_id, month, employee_id in session.execute(waiting.with_for_update()):
        if month < rules.month_of(day):
            closed[SelectionState.MISSED].append(selection_id)
        elif employee_id not in employees:
            closed[SelectionState.LAPSED].append(selection_id)
    for state, ids in closed.items():
        record.acts(session, ((_of(actor, i), {"step": "closed", "state": state.value}) for i in ids))
        if ids:
            session.execute(update(SelectionDate).where(SelectionDate.id.in_(ids)).values(state=state.value))
    return {state.value: len(ids) for state, ids in closed.items()}


def _announce(session: Session, actor: Actor, employees: Sequence[str], day: date, settings: Settings) -> int:
    month = rules.month_of(day)
    known = set(session.scalars(select(SelectionDate.employee_id).where(SelectionDate.month == month)))
    without = [employee_id for employee_id in employees if employee_id not in known]
    quotas = planned.quotas(session, without, day, settings.limits)
    without = [employee_id for employee_id in without if quotas[employee_id].limit]  # SAM-2: nothing to draw
    agreements = planned.standing(session, without, clock.today())
    first = days.earliest(clock.today(), settings.sampling)
    hidden_days = days.working_days(month, first, settings.sampling)
    new = [_date(employee_id, day, agreements.get(employee_id), hidden_days) for employee_id in without]
    if new:
        record.acts(session, ((_of(actor, str(row["id"])), _announcement(row)) for row in new))
        session.execute(insert(SelectionDate), new)
        told = {row["employee_id"]: row["id"] for row in new if row["announced_at"]}
        telling.announced_all(session, told, day, {one: quotas[one].limit for one in told})
    return len(new)


def _date(employee_id: str, day: date, agreement: str | None, hidden_days: Sequence[date]) -> dict[str, Any]:
    # Everybody knows the day that is announced to the others: an unannounced one is drawn by lot.
    return {
        "id": new_id(),
        "employee_id": employee_id,
        "month": rules.month_of(day),
        "ordinal": 1,
        "day": SystemRandom().choice(hidden_days) if agreement and hidden_days else day,
        "announced_at": None if agreement else clock.now(),
        "agreement_id": agreement,
        "state": SelectionState.ANNOUNCED.value,
    }


def _announcement(row: dict[str, Any]) -> dict[str, object]:
    step = "announced" if row["announced_at"] else "fixed"
    return {"step": step, "employee": row["employee_id"], "day": str(row["day"])}


def _of(actor: Actor, selection_id: str) -> Permit:
    return policy.permit(actor, Action.SELECTION_ANNOUNCE, Subject("selection", selection_id))
