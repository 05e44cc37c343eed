"""Calls that leave a sample, and the tickets that take their slots (SAM-5, SAM-6); drawing is elsewhere."""

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, system
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import erasure, rules
from kcc.coaching.model import Draw, Report, SampledCall
from kcc.coaching.planned.queries import limit as limit_of
from kcc.coaching.queries import sample_facts
from kcc.coaching.revealing import lots_of, occupied_slots, sampled_call
from kcc.coaching.rules import FREES, Left, NotRepresentative
from kcc.coaching.tickets import Standing, pick
from kcc.errors import N_, Invalid, NotFound
from kcc.stores import Stores
from kcc.wall.rights import Role


def reject(stores: Stores, actor: Actor, sample_id: str, code: str) -> bool:
    """A coach finds a drawn call not representative: it leaves, and the system draws another (SAM-5).

    `code` is a rules.NotRepresentative, else Invalid. A draft about the call is discarded. Answers whether
    another call came in its place. Two transactions.
    """
    with stores.database.read() as session:  # the coach's own reach, before the system acts on their word
        facts = sample_facts(session, sample_id, clock.now())
    stores = stores.acting(Role.JOBS)
    with stores.database.write() as session:
        facts = sample_facts(session, sample_id, clock.now())
        permit = policy.permit(actor, Action.SAMPLE_REJECT, Subject("sample", sample_id), facts)
        if code not in {reason.value for reason in NotRepresentative}:
            raise Invalid("reason", N_("Choose why this is not a business call."))
        sample = locked(session, sample_id)
        leave(session, permit, sample, Left.NOT_REPRESENTATIVE, code=code)
        limit = limit_of(session, sample.employee_id, stores.settings.limits)
        replaced = refill(session, sample, limit)
    erasure.finish(stores)
    return replaced


def leave(session: Session, permit: Permit, sample: SampledCall, why: Left, **detail: str) -> bool:
    """Take a call out of the sample; answers whether that freed its slot.

    A month frees at most four; what has been scored counts as monitored: it frees nothing (SAM-1), nor does
    the call of somebody whose function ended. An unfinished report about the call goes with it (SAM-6), a
    finished one stays.
    """
    occupied_slots(session, {(sample.employee_id, sample.month)})
    report = session.scalar(select(Report).where(Report.sampled_call_id == sample.id).with_for_update())
    finished = report is not None and report.finished_at is not None
    ordinal = None if finished or why not in FREES else _next_ordinal(session, sample)
    record.act(session, permit, left=why.value, slot=sample.slot, freed=ordinal, finished=finished, **detail)
    sample.left_at, sample.left_reason, sample.freed_ordinal = clock.now(), why.value, ordinal
    session.flush()
    if report is not None and not finished:
        erasure.begin(session, report, why.value)
    return ordinal is not None


def refill(session: Session, left: SampledCall, limit: int) -> bool:
    """Place the next ticket of the same draw in the slot that a call has just freed, if there is one (SAM-5).

    Nothing is placed where that would exceed the limit, which may have become stricter since, or that of the
    draw's own moment. The tickets passed over are cited in the audit with the reason of each.
    """
    if left.freed_ordinal is None:
        return False
    draw = session.get_one(Draw, left.draw_number, with_for_update=True)
    of = (left.employee_id, left.month)
    free = rules.free_slots(min(limit, draw.month_limit), occupied_slots(session, {of})[of])
    if not free:
        return False
    slot = left.slot if left.slot in free else free[0]
    earlier = select(SampledCall.recording_id).where(SampledCall.draw_number == draw.number)
    seen = set(session.scalars(earlier))
    lots = [lot for lot in lots_of(draw) if lot[1] not in seen]
    picked = pick(lots, 1, Standing(session, clock.now()))
    permit = policy.permit(system("draw"), Action.DRAW_RUN, Subject("draw", str(draw.number)))
    tickets = [ticket.hex() for ticket, _ in picked.taken]
    said = {"for": left.ticket.hex(), "left": left.left_reason, "skipped": picked.passed()}
    record.act(session, permit, step="replaced", tickets=tickets, **said)
    for lot in picked.taken:
        session.execute(insert(SampledCall), [sampled_call(draw, left.month, slot, lot)])
    return bool(picked.taken)


def locked(session: Session, sample_id: str) -> SampledCall:
    """A drawn call that is still in its sample, its row locked; else NotFound."""
    sample = session.get(SampledCall, sample_id, with_for_update=True, populate_existing=True)
    if sample is None or sample.left_at is not None:
        raise NotFound
    return sample


def _next_ordinal(session: Session, sample: SampledCall) -> int | None:
    freed = select(func.count()).where(
        SampledCall.employee_id == sample.employee_id,
        SampledCall.month == sample.month,
        SampledCall.freed_ordinal.is_not(None),
    )
    ordinal = (session.scalar(freed) or 0) + 1
    return ordinal if ordinal <= rules.FREED_A_MONTH else None
