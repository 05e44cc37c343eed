"""Announcing selection dates (SAM-8, ANN-1) and closing those that pass unused; drawing lives in drawing."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import queries, rules
from kcc.coaching.model import SelectionDate
from kcc.coaching.rules import SelectionState
from kcc.coaching.turns import alone
from kcc.config import Settings
from kcc.db import new_id
from kcc.people import queries as people


def propose(session: Session, actor: Actor, today: date, settings: Settings) -> int:
    """Give every employee with customer calls a selection date for this month, and in time for the next.

    Each is announced at once, at least `sampling.announce_days` before it (ANN-1), so that whoever comes too
    late in a month has none in it. Run as often as one likes; answers how many dates were announced now.
    """
    policy.permit(actor, Action.SELECTION_ANNOUNCE, Subject("selection"))
    alone(session, SelectionDate)
    employees = people.employees_with_calls(session, today)
    announced = 0
    for month in rules.months_to_announce(today, settings.sampling):
        day = rules.proposed_day(month, today, settings.sampling)
        if day is not None:
            announced += _announce(session, actor, employees, month, day)
    return announced


def announcements(session: Session, actor: Actor, today: date) -> list[date]:
    """The coming days on which the actor's own calls are drawn (ANN-1); which calls, nobody knows (ANN-3)."""
    policy.permit(actor, Action.ANNOUNCEMENT_READ, Subject("selection"))
    return queries.announced_days(session, actor.person_id, today)


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


def _announce(session: Session, actor: Actor, employees: list[str], month: date, day: date) -> int:
    known = set(session.scalars(select(SelectionDate.employee_id).where(SelectionDate.month == month)))
    new = [
        {
            "id": new_id(),
            "employee_id": employee_id,
            "month": month,
            "ordinal": 1,
            "day": day,
            "announced_at": clock.now(),
            "state": SelectionState.ANNOUNCED.value,
        }
        for employee_id in employees
        if employee_id not in known
    ]
    if new:
        lines = ((_of(actor, str(row["id"])), _announcement(row)) for row in new)
        record.acts(session, lines)
        session.execute(insert(SelectionDate), new)
    return len(new)


def _announcement(row: dict[str, object]) -> dict[str, object]:
    return {"step": "announced", "employee": row["employee_id"], "day": str(row["day"])}


def _of(actor: Actor, selection_id: str) -> Permit:
    return policy.permit(actor, Action.SELECTION_ANNOUNCE, Subject("selection", selection_id))
