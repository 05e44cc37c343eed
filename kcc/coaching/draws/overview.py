"""Draws as they are shown: to an employee their own ones, to whoever oversees all of them, without names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.draws import proofs, queries
from kcc.coaching.draws.proofs import Proof
from kcc.coaching.draws.queries import Dated
from kcc.errors import NotFound, Refused
from kcc.vault.keystore import KeyStore

AT_LEAST = 5
"""Of fewer draws in a month, or from fewer calls, too few people could be meant (AGG-4)."""


class Verdict(StrEnum):
    """What became of checking a draw: fair or not; not drawn yet; or its proof went on its term."""

    FAIR = "fair"
    UNFAIR = "unfair"
    WAITING = "waiting"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Checked:
    """A draw as its employee sees it in the list."""

    proof_id: str
    number: int
    month: date
    drawn_at: datetime | None
    pool_size: int
    drawn: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Bare:
    """A draw as whoever oversees sees it; of a few nothing but that it was, and whether it was fair.

    `gone` says how many numbers are missing between it and the one above.
    """

    number: int
    month: date
    verdict: Verdict
    proof_id: str | None
    pool_size: int | None
    drawn: int | None
    gone: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of all draws, newest first; `gone` numbers are missing after the last one of the last page."""

    permit: Permit
    draws: list[Bare]
    older: int | None
    gone: int


def own(
    session: Session, seen: Session, keys: KeyStore, actor: Actor, before: int | None
) -> tuple[Permit, list[Checked], int | None]:
    """A page of the draws of the actor's calls, each checked now; `seen` sees the log (ACC-5)."""
    permit = policy.permit(actor, Action.DRAW_LIST, Subject("proof"))
    record.act(session, permit)
    dated, older = queries.page(seen, before, actor.person_id)
    return permit, _checked(seen, keys, dated), older


def everybodys(session: Session, seen: Session, keys: KeyStore, actor: Actor, before: int | None) -> Page:
    """A page of all draws without anything that leads to one employee, each checked now (SAM-3, AGG-4).

    Their numbers and months, not their days: whose day it was, colleagues may know.
    """
    permit = policy.permit(actor, Action.DRAWS_OVERSEE, Subject("proof"))
    record.act(session, permit)
    dated, older = queries.page(seen, before)
    held = queries.held_in(seen, {month for _, month in dated})
    above, bare = before or queries.highest(seen) + 1, []
    for one in _checked(seen, keys, dated):
        enough = held[one.month] >= AT_LEAST and one.pool_size >= AT_LEAST
        id_, size, drawn = (one.proof_id, one.pool_size, one.drawn) if enough else (None, None, None)
        gone = above - one.number - 1
        bare.append(Bare(one.number, one.month, one.verdict, id_, size, drawn, gone))
        above = one.number
    return Page(permit, bare, older, 0 if older else above - 1)


def own_proof(
    session: Session, seen: Session, keys: KeyStore, actor: Actor, proof_id: str, step: str = "read"
) -> tuple[Permit, Dated, Proof]:
    """A draw of the actor's own calls with its whole proof; logged, `step` says what for."""
    facts = queries.facts(seen, proof_id, clock.now())
    permit = policy.permit(actor, Action.DRAW_READ, Subject("proof", proof_id), facts)
    record.act(session, permit, step=step)
    dated = queries.held(seen, proof_id)
    return permit, dated, proofs.whole(proofs.gather(seen, keys, [dated[0]]), dated)


def bare_proof(session: Session, seen: Session, keys: KeyStore, actor: Actor, proof_id: str) -> Proof:
    """The proof of a draw without anything that leads to its employee; NotFound where it still could."""
    permit = policy.permit(actor, Action.DRAWS_OVERSEE, Subject("proof", proof_id))
    record.act(session, permit, step="proof")
    dated = queries.held(seen, proof_id)
    if queries.held_in(seen, {dated[1]})[dated[1]] < AT_LEAST or dated[0].pool_size < AT_LEAST:
        raise NotFound
    return proofs.bare(proofs.gather(seen, keys, [dated[0]]), dated)


def _checked(seen: Session, keys: KeyStore, dated: Sequence[Dated]) -> list[Checked]:
    found = proofs.gather(seen, keys, [draw for draw, _ in dated])
    shown = []
    for draw, month in dated:
        drawn = sum(sample.freed_ordinal is None for sample in found.samples[draw.number])
        verdict = _verdict(found, (draw, month))
        shown.append(
            Checked(draw.selection_id, draw.number, month, draw.drawn_at, draw.pool_size, drawn, verdict)
        )
    return shown


def _verdict(found: proofs.Gathered, dated: Dated) -> Verdict:
    if dated[0].drawn_at is None:
        return Verdict.WAITING
    try:
        fair = proofs.judge(proofs.whole(found, dated, proven=False)).fair
    except Refused:
        return Verdict.GONE
    return Verdict.FAIR if fair else Verdict.UNFAIR
