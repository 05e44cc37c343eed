"""Keeping a recording beyond its ordinary term: placing, reviewing and lifting a hold, which alone moves
`due_at`, or a case's `kept_until`; who may and why is the affair of packages above.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import RecordingState
from kcc.access.policy import Permit, Subject
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.recordings import rules
from kcc.recordings.model import Hold, HoldReview, Recording
from kcc.sections import Limits
from kcc.vault.fields import open_text, seal_text

THREAT = "threat"
CASE = "case"
"""A hold of weighty reasons: it moves no deadline but that of erasure, so that nobody outside the case hears
the recording longer, or sees that it is kept (RET-5, PUR-2).
"""


def locked(session: Session, recording_id: str) -> Recording:
    """The recording with its row locked against erasure and other holds, as it now is; or NotFound."""
    query = select(Recording).where(Recording.id == recording_id).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Ground:
    """What a hold stands on: a rule of the protocol, why in words, and until when; `key` is the recording's,
    which seals the words. `owner_id` answers for it (whoever places it, if nobody else), `review_at` is when
    it is looked at again.
    """

    kind: str
    rule: str
    reason: str
    key: bytes
    until: datetime
    owner_id: str | None = None
    review_at: datetime | None = None


def place(session: Session, permit: Permit, recording_id: str, ground: Ground) -> Hold:
    """Keep a living recording until an instant, under a rule of the protocol (RET-2, RET-3).

    A recording already at its deadline, or being erased, is refused: a hold never brings one back (RET-7).
    Invalid without a reason, or with a review later than 3 months from now.
    """
    recording = locked(session, recording_id)
    now = clock.now()
    if recording.state != RecordingState.LIVE.value or now >= recording.due_at:
        raise Refused(N_("This recording is at its erasure date and cannot be kept."), rule="RET-7")
    hold = Hold(
        id=new_id(),
        recording_id=recording_id,
        kind=ground.kind,
        rule=ground.rule,
        placed_by=permit.actor.person_id,
        placed_at=now,
        until=ground.until,
    )
    session.add(hold)
    session.flush()
    session.add(_review(hold, ground, now))
    if ground.kind == CASE:
        recording.kept_until = max(ground.until, recording.kept_until or ground.until)
    elif ground.until > recording.due_at:
        recording.due_at, recording.due_rule = ground.until, ground.rule
    if ground.kind == THREAT:
        recording.sample_barred = True
    session.flush()
    return hold


def lift(session: Session, permit: Permit, hold_id: str, limits: Limits) -> Recording:
    """Release a hold: the deadline is what the term and the other holds say (RET-1, RET-3).

    One that lies in the past makes the recording go in the next run; from this moment nobody hears it
    (RET-7). Lifting twice changes nothing. The sample stays barred (SAM-6). The caller's permit is for the
    recording and its line is written by whoever asked.
    """
    found = session.get(Hold, hold_id)
    if found is None:
        raise NotFound
    recording = locked(session, found.recording_id)
    permit.require(permit.action, Subject("recording", recording.id))
    hold = session.get_one(Hold, hold_id, populate_existing=True)
    if hold.lifted_at is None:
        hold.lifted_at = clock.now()
        session.flush()
        recording.due_at, recording.due_rule = _due(session, recording, limits)
        _keep(session, recording)
        session.flush()
    return recording


def prolong(session: Session, permit: Permit, hold_id: str, until: datetime) -> None:
    """Let a case's hold that stands last longer, also when everybody else's deadline has passed (RET-5).

    Refused once its end has come: nothing brings a recording back (RET-7).
    """
    found = session.get(Hold, hold_id)
    if found is None or found.kind != CASE:
        raise NotFound
    recording = locked(session, found.recording_id)
    permit.require(permit.action, Subject("recording", recording.id))
    hold = session.get_one(Hold, hold_id, populate_existing=True)
    gone = recording.state != RecordingState.LIVE.value or clock.now() >= recording.erased_from
    if gone or hold.lifted_at is not None or clock.now() >= hold.until:
        raise Refused(N_("This recording is at its erasure date and cannot be kept."), rule="RET-7")
    hold.until = max(hold.until, until)
    session.flush()
    _keep(session, recording)
    session.flush()


def show(session: Session, permit: Permit, recording_id: str) -> None:
    """Let its employee, who was told now, see and hear a recording as long as a case keeps it (RGT-1)."""
    recording = locked(session, recording_id)
    permit.require(permit.action, Subject("recording", recording.id))
    recording.shown_until = recording.kept_until


def review(
    session: Session, permit: Permit, hold_id: str, at: datetime | None = None, *, owned: bool = True
) -> datetime:
    """Note that the owner looked at a standing hold now; gives when that happens next (as late as may be).

    NotFound unless it stands and is the actor's own, or not `owned`: whoever calls has settled who else may
    answer for it. Invalid beyond 3 months. The line is the caller's.
    """
    kept = session.get(HoldReview, hold_id)
    if kept is None or (owned and kept.owner_id != permit.actor.person_id):
        raise NotFound
    hold = session.get_one(Hold, hold_id, populate_existing=True)
    permit.require(permit.action, Subject("recording", hold.recording_id))
    if hold.lifted_at is not None:
        raise NotFound
    kept.review_at = _checked(rules.review_at(clock.now(), hold.until, at))
    return kept.review_at


def review_of(session: Session, hold_id: str) -> HoldReview | None:
    """Whose a hold that stands is and when it is looked at again; None when it was lifted."""
    hold = session.get(Hold, hold_id)
    return session.get(HoldReview, hold_id) if hold is not None and hold.lifted_at is None else None


def reason_of(key: bytes, found: HoldReview) -> str:
    """Why a hold stands; empty where nobody wrote it down. The caller settles who may read it."""
    return open_text(key, _place(found.hold_id), found.reason) if found.reason else ""


def _review(hold: Hold, ground: Ground, now: datetime) -> HoldReview:
    reason = ground.reason.strip()
    if not reason:
        raise Invalid("reason", N_("A hold needs a reason."))
    return HoldReview(
        hold_id=hold.id,
        owner_id=ground.owner_id or hold.placed_by,
        reason=seal_text(ground.key, _place(hold.id), reason),
        review_at=_checked(rules.review_at(now, hold.until, ground.review_at)),
    )


def _checked(review_at: datetime | None) -> datetime:
    if review_at is None:
        raise Invalid("review_at", N_("A hold is looked at again within 3 months, and before it ends."))
    return review_at


def _place(hold_id: str) -> str:
    return f"hold.reason:{hold_id}"


def _due(session: Session, recording: Recording, limits: Limits) -> tuple[datetime, str]:
    """The latest of the ordinary term and the holds that stand."""
    ordinary = rules.due_at(recording.started_at, limits.recording_days), rules.TERM
    standing = select(Hold.until, Hold.rule).where(
        Hold.recording_id == recording.id, Hold.lifted_at.is_(None), Hold.kind != CASE
    )
    return max([ordinary, *((until, rule) for until, rule in session.execute(standing))])


def _keep(session: Session, recording: Recording) -> None:
    """How long the cases that stand keep it; whoever was told of one sees as much."""
    standing = select(func.max(Hold.until)).where(
        Hold.recording_id == recording.id, Hold.lifted_at.is_(None), Hold.kind == CASE
    )
    told = recording.shown_until is not None
    recording.kept_until = session.scalar(standing)
    recording.shown_until = recording.kept_until if told else None
