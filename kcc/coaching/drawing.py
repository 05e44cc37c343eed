"""Holding the draws of a day, batch by batch; the two halves of a draw live in freezing and revealing.

The two halves are two transactions, so that a pool is public before its secret is used. What a crash leaves
between them is picked up by the next run: the same number, the same pool, the same secret (SAM-3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, system
from kcc.access.facts import RecordingState
from kcc.access.policy import Subject
from kcc.coaching import (
    erasure,
    freezing,
    planning,
    replacing,
    revealing,
    rules,
    seed_chain,
    unannounced,
)
from kcc.coaching.model import Report, SampledCall, SelectionDate
from kcc.coaching.planned.queries import limit as limit_of
from kcc.coaching.rules import Left, SelectionState
from kcc.errors import N_, NotFound, Refused, Unavailable
from kcc.people import queries as people
from kcc.recordings.model import Recording
from kcc.sections import Limits
from kcc.stores import Stores

BATCH = 50
"""Draws in one transaction: enough to make commits cheap, few enough to let other writers through."""

Progress = Callable[[int, int], object]
"""Told after each batch how many draws are done, of how many."""


@dataclass
class Outcome:
    """What a run did: draws held, calls placed, dates closed undrawn, draws whose secret is lost."""

    draws: int = 0
    calls: int = 0
    missed: int = 0
    lapsed: int = 0
    lost: int = 0

    def __str__(self) -> str:
        return f"{self.draws} held, {self.calls} calls, {self.missed} missed, {self.lapsed} lapsed"


def run(stores: Stores, day: date, progress: Progress | None = None) -> Outcome:
    """Hold every draw due on a day of this month, today or before; several transactions.

    A date that was missed is drawn by the first run in the same month; in a later month it is closed, never
    drawn (SAM-1). Refused for a day to come: nobody draws before the announced day (ANN-1). Unavailable, once
    all else is done, when the secret of a committed draw is lost.
    """
    actor, today = system("draw"), clock.today()
    if not rules.month_of(today) <= day <= today:
        raise Refused(N_("A draw is held on its announced day, or later in the same month."), rule="ANN-1")
    outcome = _close(stores, actor, today)
    whole = _waiting(stores, day)
    _reveal_all(stores, actor, outcome, progress, whole)
    lost = outcome.lost
    while _freeze(stores, actor, day):
        _reveal_all(stores, actor, outcome, progress, whole)
    outcome.lost = lost
    if lost:
        raise Unavailable(
            N_("%(count)s draws cannot be finished: the secrets of their chain are lost."), count=lost
        )
    return outcome


def _close(stores: Stores, actor: Actor, today: date) -> Outcome:
    with stores.database.write() as session:
        employees = frozenset(people.employees_with_calls(session, today))
        unannounced.lapse(session, system("announce"), stores.settings)
        return Outcome(**planning.close(session, actor, today, employees))


def _waiting(stores: Stores, day: date) -> int:
    due = select(func.count()).where(
        SelectionDate.state.in_((SelectionState.ANNOUNCED.value, SelectionState.COMMITTED.value)),
        SelectionDate.day <= day,
    )
    with stores.database.read() as session:
        return session.scalar(due) or 0


def _freeze(stores: Stores, actor: Actor, day: date) -> int:
    seed_chain.prepare(stores, BATCH)
    with stores.database.write() as session:
        return freezing.freeze(session, actor, stores.settings, day, BATCH)


def _reveal_all(
    stores: Stores, actor: Actor, outcome: Outcome, progress: Progress | None, whole: int
) -> None:
    after: int | None = 0
    while after is not None:
        with stores.database.write() as session:
            batch = revealing.reveal(session, stores.keys, actor, after, BATCH)
        outcome.draws += batch.draws
        outcome.calls += batch.calls
        outcome.lost += batch.lost
        after = batch.last
        if progress and batch.draws:
            progress(outcome.draws, max(whole, outcome.draws))


def refill_all(stores: Stores) -> int:
    """Let drawn calls that were flagged as a threat, or erased before they were scored, leave their sample.

    Answers how many others came in their place; one transaction for each; repeatable; meant to run every few
    minutes (SAM-1, SAM-6). Also ends what a crash left of a report that is being erased.
    """
    replaced = 0
    for sample_id in _gone(stores):
        with stores.database.write() as session:
            replaced += _replace(session, sample_id, stores.settings.limits)
    erasure.finish(stores)
    return replaced


def _replace(session: Session, sample_id: str, limits: Limits) -> bool:
    try:
        sample = replacing.locked(session, sample_id)
    except NotFound:
        return False  # it left since it was listed
    recording = session.get(Recording, sample.recording_id)
    why = Left.THREAT if recording is not None and recording.sample_barred else Left.ERASED
    permit = policy.permit(system("draw"), Action.DRAW_RUN, Subject("sample", sample.id))
    replacing.leave(session, permit, sample, why, employee=sample.employee_id)
    return replacing.refill(session, sample, limit_of(session, sample.employee_id, limits))


def _gone(stores: Stores) -> list[str]:
    """The live samples whose call may not be heard now: flagged; or at its end, and nobody began to score.

    A draft outlives its call's sound: what was heard in time may still be written down.
    """
    audible = and_(Recording.state == RecordingState.LIVE.value, Recording.due_at > clock.now())
    ended = and_(Report.id.is_(None), or_(Recording.id.is_(None), ~audible))
    query = (
        select(SampledCall.id)
        .outerjoin(Recording, Recording.id == SampledCall.recording_id)
        .outerjoin(Report, Report.sampled_call_id == SampledCall.id)
        .where(SampledCall.left_at.is_(None), or_(Recording.sample_barred.is_(True), ended))
        .order_by(SampledCall.id)
    )
    with stores.database.read() as session:
        return list(session.scalars(query))
