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
from kcc.coaching.draws import phrases
from kcc.coaching.model import Draw, SelectionDate, SlotAllowance
from kcc.coaching.queries import pool_query
from kcc.coaching.rules import SelectionState
from kcc.coaching.turns import alone
from kcc.config import Settings

NEWLINE = "\n"


def freeze(session: Session, actor: Actor, settings: Settings, day: date, most: int) -> int:
    """Freeze the pools of at most `most` draws due on a day, in the order of their dates; answers how many.

    Each gets the next number of the centre (they are consecutive), a secret that nobody has seen yet, its
    employee's phrase of this moment, and an audit line that commits to all of it: from here on nobody can
    choose (SAM-3). Within a day the numbers follow ids that are new each month, so that nobody has the same
    place among them twice (AGG-4).
    """
    alone(session, Draw)
    due = session.execute(
        select(SelectionDate.id, SelectionDate.employee_id, SelectionDate.month)
        .where(
            SelectionDate.state == SelectionState.ANNOUNCED.value,
            SelectionDate.day <= day,
            SelectionDate.month == rules.month_of(day),
        )
        .order_by(SelectionDate.day, SelectionDate.id)
        .limit(most)
    ).all()
    if not due:
        return 0
    places = seed_chain.take(session, len(due))
    employees = {row.employee_id for row in due}
    pools, said = _pools(session, employees, settings), phrases.newest_of(session, employees)
    first = (session.scalar(select(func.max(Draw.number))) or 0) + 1
    draws = [
        _draw(first + offset, selection, place, pools[selection.employee_id], said)
        for offset, (selection, place) in enumerate(zip(due, places, strict=False))
    ]
    _keep(session, actor, draws, seed_chain.ends(session, places))
    _allow(session, employees, due[0].month, settings.limits.calls_per_month)
    return len(draws)


def _pools(session: Session, employees: Collection[str], settings: Settings) -> dict[str, list[str]]:
    pools: dict[str, list[str]] = defaultdict(list)
    # The database joins the ids: one row an employee instead of one a call is handed over in half the time.
    pool = pool_query(employees, clock.now(), settings.sampling).order_by(None).subquery()
    query = select(pool.c.employee_id, func.aggregate_strings(pool.c.id, NEWLINE))
    for employee_id, joined in session.execute(query.group_by(pool.c.employee_id)):
        pools[employee_id] = joined.split(NEWLINE)
    return pools


def _draw(
    number: int, selection: Any, place: seed_chain.Place, pool: list[str], said: phrases.Newest
) -> dict[str, Any]:
    pool.sort()
    phrase_id, phrase_digest = said.get(selection.employee_id, (None, b""))
    return {
        "number": number,
        "selection_id": selection.id,
        "employee_id": selection.employee_id,
        "rule_version": rules.RULE_VERSION,
        "pool_size": len(pool),
        "pool_root": tree.root(recording_id.encode("ascii") for recording_id in pool),
        "pool": NEWLINE.join(pool),
        "committed_at": clock.now(),
        "phrase_id": phrase_id,
        "phrase_digest": phrase_digest.hex(),
        "chain_id": place[0],
        "chain_index": place[1],
    }


def pool_of(draw: Draw) -> list[str]:
    """The ids of a draw's frozen pool, sorted; none once its 13 months are over."""
    return draw.pool.split(NEWLINE) if draw.pool else []


def _keep(session: Session, actor: Actor, draws: Sequence[dict[str, Any]], ends: Mapping[str, bytes]) -> None:
    lines = []
    for draw in draws:
        permit = policy.permit(actor, Action.DRAW_RUN, Subject("draw", str(draw["number"])))
        lines.append((permit, _commitment(draw) | {"published_end": ends[draw["chain_id"]].hex()}))
    record.acts(session, lines)
    if draws:
        columns = [{name: value for name, value in d.items() if name != "phrase_digest"} for d in draws]
        session.execute(insert(Draw), columns)
        dates = update(SelectionDate).where(SelectionDate.id.in_([d["selection_id"] for d in draws]))
        session.execute(dates.values(state=SelectionState.COMMITTED.value))


def _commitment(draw: dict[str, Any]) -> dict[str, Any]:
    named = ("rule_version", "pool_size", "chain_id", "chain_index", "phrase_digest")
    said = {name: draw[name] for name in named}
    said |= {"employee": draw["employee_id"], "selection": draw["selection_id"]}
    return {"step": "committed", "pool_root": draw["pool_root"].hex(), **said}


def _allow(session: Session, employees: Collection[str], month: date, limit: int) -> None:
    """Give the employees' month the slots that the limit permits; what it has already, it keeps (SAM-1)."""
    query = select(SlotAllowance.employee_id, SlotAllowance.slot).where(
        SlotAllowance.employee_id.in_(employees), SlotAllowance.month == month
    )
    there = {(employee_id, slot) for employee_id, slot in session.execute(query)}
    new = [
        {"employee_id": employee_id, "month": month, "slot": slot}
        for employee_id in sorted(employees)
        for slot in range(1, limit + 1)
        if (employee_id, slot) not in there
    ]
    if new:
        session.execute(insert(SlotAllowance), new)
