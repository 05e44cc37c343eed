"""The slots of employees' months as a coach's board shows them: open, drawn, scored or skipped; the calls in
them are queries'.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select, text
from sqlalchemy.orm import Session

from kcc.coaching.model import Report, SampledCall, SlotAllowance
from kcc.coaching.planned.queries import Quota
from kcc.db import walled


@dataclass(frozen=True, slots=True)
class Slot:
    """One numbered slot of an employee's month, and what stands in it: open, drawn, scored or skipped."""

    number: int
    state: str


def month_slots(session: Session, quotas: Mapping[str, Quota], month: date) -> dict[str, list[Slot]]:
    """The slots of a month, by employee: as many as their limit, or as calls stand there already."""
    found: dict[str, dict[int, str]] = {employee_id: {} for employee_id in quotas}
    for employee_id, slot, state in _slot_states(session, quotas.keys(), month):
        if state != "open":
            found[employee_id][slot] = state
    return {
        employee_id: [
            Slot(n, states.get(n, "open")) for n in range(1, max([quotas[employee_id].limit, *states]) + 1)
        ]
        for employee_id, states in found.items()
    }


def _slot_states(
    session: Session, employee_ids: Collection[str], month: date
) -> Iterator[tuple[str, int, str]]:
    """(employee, slot, state) of each; behind the second wall the database says no more than that."""
    if walled(session):
        asked = text("SELECT employee_id, slot, state FROM kcc_wall.slots(:wanted, :month)")
        for employee_id, slot, state in session.execute(asked, {"wanted": [*employee_ids], "month": month}):
            yield employee_id, slot, state
        return
    query = (
        select(SlotAllowance.employee_id, SlotAllowance.slot, SampledCall.left_at, Report.finished_at)
        .add_columns(SampledCall.id)
        .outerjoin(
            SampledCall,
            and_(
                SampledCall.employee_id == SlotAllowance.employee_id,
                SampledCall.month == SlotAllowance.month,
                SampledCall.slot == SlotAllowance.slot,
                SampledCall.freed_ordinal.is_(None),
            ),
        )
        .outerjoin(Report, Report.sampled_call_id == SampledCall.id)
        .where(SlotAllowance.employee_id.in_(employee_ids), SlotAllowance.month == month)
    )
    for employee_id, slot, left_at, finished_at, sample_id in session.execute(query):
        yield employee_id, slot, _slot_state(sample_id, left_at, finished_at)


def _slot_state(sample_id: str | None, left_at: datetime | None, finished_at: datetime | None) -> str:
    if sample_id is None:
        return "open"
    if finished_at is not None:
        return "scored"
    return "drawn" if left_at is None else "skipped"
