"""The second half of a draw: revealing its secret, filling the free slots; the first lives in freezing."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching import rules, seed_chain
from kcc.coaching.draws import phrases, telling
from kcc.coaching.freezing import pool_of
from kcc.coaching.model import Draw, SampledCall, SelectionDate, SlotAllowance
from kcc.coaching.rules import SelectionState
from kcc.coaching.tickets import Lot, Picked, Standing, pick
from kcc.db import new_id
from kcc.people import queries as people
from kcc.vault.keystore import KeyStore

EmployeeMonth = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction did: draws revealed, calls placed, draws whose secret is lost; where to go on."""

    draws: int = 0
    calls: int = 0
    lost: int = 0
    last: int | None = None


def reveal(session: Session, keys: KeyStore, actor: Actor, after: int, most: int) -> Batch:
    """Reveal at most `most` committed draws numbered above `after` and place their lowest tickets (SAM-3).

    A draw that is revealed only in a later month than its own gives no calls: its month is over (SAM-1). Nor
    does that of somebody whose function has ended since (SAM-8).
    """
    waiting = (
        select(Draw, SelectionDate.month, SelectionDate.calls)
        .join(SelectionDate, SelectionDate.id == Draw.selection_id)
        .where(Draw.drawn_at.is_(None), Draw.number > after)
        .order_by(Draw.number)
        .limit(most)
        .with_for_update(of=Draw)
    )
    draws = [(draw, month, calls) for draw, month, calls in session.execute(waiting)]
    if not draws:
        return Batch()
    secrets = seed_chain.reveal(session, keys, [(draw.chain_id, draw.chain_index) for draw, _, _ in draws])
    said = phrases.opened(session, keys, {draw.phrase_id for draw, _, _ in draws if draw.phrase_id})
    ready = [one for one in draws if _can_be_drawn(one[0], secrets, said)]
    for draw, _, _ in ready:
        secret = draw.secret = secrets[draw.chain_id, draw.chain_index]
        phrase = said[draw.phrase_id] if draw.phrase_id else phrases.Phrase()
        draw.seed = rules.seed(secret, phrase.text, str(draw.number)) if phrase else None
        draw.drawn_at = clock.now()
    placed = _fill(session, actor, ready)
    return Batch(len(ready), placed, len(draws) - len(ready), draws[-1][0].number)


def _can_be_drawn(draw: Draw, secrets: Collection[tuple[str, int]], said: Collection[str]) -> bool:
    """Whether its secret and its phrase are at hand."""
    has_secret = (draw.chain_id, draw.chain_index) in secrets
    return has_secret and (draw.phrase_id is None or draw.phrase_id in said)


def lots_of(draw: Draw) -> list[Lot]:
    """All tickets of a revealed draw, lowest first; none of one whose phrase went before it was drawn."""
    return rules.order(draw.seed, str(draw.number), pool_of(draw)) if draw.seed else []


def occupied_slots(session: Session, of: Collection[EmployeeMonth]) -> dict[EmployeeMonth, list[int]]:
    """The slots in which a call stands, locked against everybody else who would place one there."""
    employees, months = {employee for employee, _ in of}, {month for _, month in of}
    allowed = select(SlotAllowance).where(
        SlotAllowance.employee_id.in_(employees), SlotAllowance.month.in_(months)
    )
    session.execute(allowed.order_by(SlotAllowance.employee_id, SlotAllowance.slot).with_for_update()).all()
    found: dict[EmployeeMonth, list[int]] = defaultdict(list)
    query = select(SampledCall.employee_id, SampledCall.month, SampledCall.slot).where(
        SampledCall.employee_id.in_(employees),
        SampledCall.month.in_(months),
        SampledCall.freed_ordinal.is_(None),
    )
    for employee_id, month, slot in session.execute(query):
        found[employee_id, month].append(slot)
    return found


def sampled_call(draw: Draw, month: date, slot: int, lot: Lot) -> dict[str, Any]:
    """The row of a call that stands in a slot from now on."""
    return {
        "id": new_id(),
        "draw_number": draw.number,
        "recording_id": lot[1],
        "employee_id": draw.employee_id,
        "month": month,
        "slot": slot,
        "ticket": lot[0],
        "drawn_at": clock.now(),
    }


def _fill(session: Session, actor: Actor, draws: list[tuple[Draw, date, int | None]]) -> int:
    this_month = rules.month_of(clock.today())
    occupied = occupied_slots(session, {(draw.employee_id, month) for draw, month, _ in draws})
    lots = {draw.number: lots_of(draw) for draw, _, _ in draws}
    standing = Standing(session, clock.now())
    standing.look(lot[1] for draw, _, _ in draws for lot in lots[draw.number][: draw.month_limit])
    monitored = people.speaking(session, {draw.employee_id for draw, _, _ in draws}, clock.today())
    rows, lines = [], []
    states: dict[SelectionState, list[str]] = defaultdict(list)
    placed: Counter[str] = Counter()
    for draw, month, calls in draws:
        taken = occupied[draw.employee_id, month]
        stands = _state(month == this_month, draw.employee_id in monitored)
        free = rules.free_slots(draw.month_limit, taken)[:calls] if stands is SelectionState.DRAWN else []
        picked = pick(lots[draw.number], len(free), standing)
        rows += [sampled_call(draw, month, slot, lot) for slot, lot in zip(free, picked.taken, strict=False)]
        taken += free[: len(picked.taken)]
        lines.append(_line(actor, draw, len(free), picked))
        states[stands].append(draw.selection_id)
        if stands is SelectionState.DRAWN:
            placed[draw.employee_id] += len(picked.taken)
    record.acts(session, lines)
    session.flush()
    if rows:
        session.execute(insert(SampledCall), rows)
    for state, ids in states.items():
        dates = update(SelectionDate).where(SelectionDate.id.in_(ids))
        session.execute(dates.values(state=state.value))
    telling.held(session, placed)
    return len(rows)


def _state(in_time: bool, monitored: bool) -> SelectionState:
    if not in_time:
        return SelectionState.MISSED
    return SelectionState.DRAWN if monitored else SelectionState.LAPSED


def _line(actor: Actor, draw: Draw, slots: int, picked: Picked) -> tuple[policy.Permit, dict[str, Any]]:
    permit = policy.permit(actor, Action.DRAW_RUN, Subject("draw", str(draw.number)))
    tickets = [ticket.hex() for ticket, _ in picked.taken]
    said = {"step": "revealed", "secret": (draw.secret or b"").hex(), "slots": slots, "tickets": tickets}
    return permit, said | {"skipped": picked.passed()}
