"""Reading recordings; writes nothing. What a list shows is what the policy would open."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Row, case, func, select, tuple_
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.facts import RecordingFacts, RecordingState
from kcc.db import hidden
from kcc.errors import NotFound
from kcc.recordings.model import ErasureAttempt, Hold, HoldReview, IntakeCount, Recording, Tombstone

PAGE = 50
_OWN_DUE = case((Recording.shown_until > Recording.due_at, Recording.shown_until), else_=Recording.due_at)
_GONE_AT = case((Recording.kept_until > Recording.due_at, Recording.kept_until), else_=Recording.due_at)
LISTED_STATES = (RecordingState.LIVE.value, RecordingState.SEALED.value)


def by_id(session: Session, recording_id: str) -> Recording:
    """The recording, or NotFound."""
    found = session.get(Recording, recording_id)
    if found is None:
        raise NotFound
    return found


def facts_of(recording: Recording, now: datetime) -> RecordingFacts:
    """The facts by which the policy judges a recording."""
    return RecordingFacts(
        owner_id=recording.employee_id,
        state=RecordingState(recording.state),
        due_at=recording.due_at,
        now=now,
        threat=recording.sample_barred,
    )


def facts(session: Session, recording_id: str, now: datetime) -> RecordingFacts:
    """The facts of a recording, or NotFound."""
    found = session.get(Recording, recording_id)
    if found is None and hidden(session, "recording", recording_id):
        return out_of_sight(now)
    if found is not None and left(found, now):
        raise NotFound
    return facts_of(by_id(session, recording_id), now)


def left(recording: Recording, now: datetime) -> bool:
    """Whether a case alone still keeps it: for everybody else it is erased, and answered so (WGT-2)."""
    return recording.left_at is not None and now >= recording.own_due_at


def own_facts(session: Session, recording_id: str, now: datetime) -> RecordingFacts:
    """The same as its employee is concerned, who hears it for as long as they know that it exists (RGT-1)."""
    found = session.get(Recording, recording_id)
    known = facts(session, recording_id, now)
    return replace(known, due_at=found.own_due_at) if found is not None else known


def kept_facts(recording: Recording, now: datetime) -> RecordingFacts:
    """The same as a case is concerned, which may keep it longer (RET-5)."""
    return replace(facts_of(recording, now), due_at=recording.erased_from)


def deadline(recording: Recording, action: Action) -> datetime:
    """Until when one plays it by this action (RET-7)."""
    if action is Action.CASE_PLAY:
        return recording.erased_from
    return recording.own_due_at if action is Action.RECORDING_PLAY else recording.due_at


def out_of_sight(now: datetime) -> RecordingFacts:
    """The facts of a recording that the second wall keeps back: nobody's, so that the policy refuses."""
    return RecordingFacts(None, RecordingState.ERASING, now, now)


@dataclass(frozen=True, slots=True)
class Filter:
    """What an employee asks to see of their calls: days of the centre (both included) and a direction."""

    since: date | None = None
    until: date | None = None
    direction: str | None = None


CallRow = Row[str, datetime, int, str, str, str, datetime, bool]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the keys from which the next page older and newer starts (None: there is none)."""

    rows: Sequence[CallRow]
    older: tuple[datetime, str] | None
    newer: tuple[datetime, str] | None


def own_calls(
    session: Session,
    employee_id: str,
    now: datetime,
    wanted: Filter,
    before: tuple[datetime, str] | None = None,
    after: tuple[datetime, str] | None = None,
) -> Page:
    """A page of an employee's calls, newest first: by row values, so that no depth is slow.

    Rows: id, started_at, duration_ms, direction, scope, state, due_at, sample_barred (a threat was reported).
    """
    key = tuple_(Recording.started_at, Recording.id)
    query = select(
        Recording.id,
        Recording.started_at,
        Recording.duration_ms,
        Recording.direction,
        Recording.scope,
        Recording.state,
        _OWN_DUE.label("due_at"),
        Recording.sample_barred,
    ).where(
        Recording.employee_id == employee_id,
        Recording.state.in_(LISTED_STATES),
        now < _OWN_DUE,
    )
    if wanted.since:
        query = query.where(Recording.started_at >= clock.start_of_day(wanted.since))
    if wanted.until:
        query = query.where(Recording.started_at < clock.start_of_day(wanted.until + timedelta(days=1)))
    if wanted.direction:
        query = query.where(Recording.direction == wanted.direction)
    if after:
        rows = session.execute(
            query.where(key > after).order_by(Recording.started_at, Recording.id).limit(PAGE + 1)
        ).all()
        more, rows = len(rows) > PAGE, list(reversed(rows[:PAGE]))
        return Page(rows, _key(rows[-1]) if rows else None, _key(rows[0]) if more and rows else None)
    if before:
        query = query.where(key < before)
    rows = session.execute(
        query.order_by(Recording.started_at.desc(), Recording.id.desc()).limit(PAGE + 1)
    ).all()
    more, rows = len(rows) > PAGE, list(rows[:PAGE])
    return Page(rows, _key(rows[-1]) if more else None, _key(rows[0]) if before and rows else None)


def _key(row: CallRow) -> tuple[datetime, str]:
    return row[1], row[0]


def counts(session: Session, now: datetime) -> dict[str, int]:
    """Figures for the status page: each state, held, unreviewed, overdue, failing, erased."""
    found = session.execute(select(Recording.state, func.count().label("number")).group_by(Recording.state))
    by_state = {row.state: row.number for row in found}
    held = session.scalar(select(func.count(Hold.recording_id.distinct())).where(Hold.lifted_at.is_(None)))
    overdue = session.scalar(select(func.count()).where(now >= _GONE_AT))
    unreviewed = session.scalar(
        select(func.count())
        .select_from(HoldReview)
        .join(Hold, Hold.id == HoldReview.hold_id)
        .where(Hold.lifted_at.is_(None), Hold.until > now, HoldReview.review_at <= now)
    )
    failing = session.scalar(select(func.count()).select_from(ErasureAttempt))
    erased = session.scalar(select(func.count()).select_from(Tombstone))
    return {state.value: by_state.get(state.value, 0) for state in RecordingState} | {
        "held": held or 0,
        "unreviewed": unreviewed or 0,
        "overdue": overdue or 0,
        "failing": failing or 0,
        "erased": erased or 0,
    }


def overdue(session: Session, before: datetime) -> tuple[int, datetime | None]:
    """How many recordings were due by an instant and are still there, and the oldest one's deadline."""
    found = session.execute(select(func.count(), func.min(_GONE_AT)).where(before >= _GONE_AT)).one()
    return found[0], found[1]


def quarantine_by_reason(session: Session) -> dict[str, int]:
    """How many recordings wait in quarantine, by reason."""
    query = (
        select(Recording.reason, func.count())
        .where(Recording.state == RecordingState.QUARANTINED.value)
        .group_by(Recording.reason)
    )
    return {str(reason): number for reason, number in session.execute(query)}


def refusals(session: Session, since: date) -> dict[str, int]:
    """How many files were refused since a day, by code."""
    query = (
        select(IntakeCount.code, func.sum(IntakeCount.count))
        .where(IntakeCount.day >= since)
        .group_by(IntakeCount.code)
    )
    return {code: int(number) for code, number in session.execute(query)}
