"""The first half of a draw: freezing its pool, committed to in the audit log; the rest lives in revealing."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.audit import record, tree
from kcc.coaching import rules, seed_chain
from kcc.coaching.model import Draw, SelectionDate, SlotAllowance
from kcc.coaching.planned.queries import Quota, quotas
from kcc.coaching.queries import pool_query
from kcc.coaching.rules import SelectionState
from kcc.coaching.turns import alone
from kcc.config import Settings

NEWLINE = "\n"


def freeze(session: Session, actor: Actor, settings: Settings, day: date, most: int) -> int:
    """Freeze the pools of at most `most` draws due on a day, in the order of their dates; answers how many.

    Each gets the next number of the centre (they are consecutive), a secret that nobody has seen yet, and an
    audit line that commits to its pool: from here on nobody can choose (SAM-3).
    """
    alone(session, Draw)
    due = session.execute(
        select(SelectionDate.id, SelectionDate.employee_id, SelectionDate.month)
        .where(
            SelectionDate.state == SelectionState.ANNOUNCED.value,
            SelectionDate.day <= day,
            SelectionDate.month == rules.month_of(day),
        )
        .order_by(SelectionDate.day, SelectionDate.employee_id)
        .limit(most)
        .with_for_update()
    ).all()
    if not due:
        return 0
    places = seed_chain.take(session, len(due))
    employees = {row.employee_id for row in due}
    pools = _pools(session, employees, settings)
    allowed = quotas(session, employees, clock.today(), settings.limits)
    first = (session.scalar(select(func.max(Draw.number))) or 0) + 1
    draws = [
        _draw(first + offset, selection, place, pools[selection.employee_id])
        | {"month_limit": allowed[selection.employee_id].limit}
        for offset, (selection, place) in enumerate(zip(due, places, strict=False))
    ]
    _keep(session, actor, draws)
    _allow(session, allowed, due[0].month, settings.limits.calls_per_month)
    return len(draws)


def _pools(session: Session, employees: Collection[str], settings: Settings) -> dict[str, list[str]]:
    pools: dict[str, list[str]] = defaultdict(list)
    # The database joins the ids: one row an employee instead of one a call is handed over in half the time.
    pool = pool_query(employees, clock.now(), settings.sampling).order_by(None).subquery()
    query = select(pool.c.employee_id, func.aggregate_strings(pool.c.id, NEWLINE))
    for employee_id, joined in session.execute(query.group_by(pool.c.employee_id)):
        pools[employee_id] = joined.split(NEWLINE)
    return pools


def _draw(number: int, selection: Any, place: seed_chain.Place, pool: list[str]) -> dict[str, Any]:
    pool.sort()
    return {
        "number": number,
        "selection_id": selection.id,
        "employee_id": selection.employee_id,
        "rule_version": rules.RULE_VERSION,
        "pool_size": len(pool),
        "pool_root": tree.root(recording_id.encode("ascii") for recording_id in pool),
        "pool": NEWLINE.join(pool),
        "committed_at": clock.now(),
        "phrase": "",
        "chain_id": place[0],
        "chain_index": place[1],
    }


def pool_of(draw: Draw) -> list[str]:
    """The ids of a draw's frozen pool, sorted; none once its 13 months are over."""
    return draw.pool.split(NEWLINE) if draw.pool else []


def _keep(session: Session, actor: Actor, draws: Sequence[dict[str, Any]]) -> None:
    lines = []
    for draw in draws:
        permit = policy.permit(actor, Action.DRAW_RUN, Subject("draw", str(draw["number"])))
        lines.append((permit, _commitment(draw)))
    record.acts(session, lines)
    if draws:
        session.execute(insert(Draw), draws)
        dates = update(SelectionDate).where(SelectionDate.id.in_([d["selection_id"] for d in draws]))
        session.execute(dates.values(state=SelectionState.COMMITTED.value))


def _commitment(draw: dict[str, Any]) -> dict[str, Any]:
    names = ("rule_version", "pool_size", "month_limit", "chain_id", "chain_index", "phrase")
    said = {name: draw[name] for name in names}
    said |= {"employee": draw["employee_id"], "selection": draw["selection_id"]}
    return {"step": "committed", "pool_root": draw["pool_root"].hex(), **said}


def _allow(session: Session, allowed: Mapping[str, Quota], month: date, ordinary: int) -> None:
    """Give the employees' month the slots that their limit permits; what it has already, it keeps (SAM-1).

    A slot beyond the ordinary number names the exception that gives it (SAM-2).
    """
    query = select(SlotAllowance.employee_id, SlotAllowance.slot).where(
        SlotAllowance.employee_id.in_(allowed), SlotAllowance.month == month
    )
    there = {(employee_id, slot) for employee_id, slot in session.execute(query)}
    new = [
        {
            "employee_id": employee_id,
            "month": month,
            "slot": slot,
            "exception_id": allowed[employee_id].exception_id if slot > ordinary else None,
        }
        for employee_id in sorted(allowed)
        for slot in range(1, allowed[employee_id].limit + 1)
        if (employee_id, slot) not in there
    ]
    if new:
        session.execute(insert(SlotAllowance), new)
