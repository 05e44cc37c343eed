"""Reading copies for the police, and the facts by which the policy judges them; writes nothing."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Function
from kcc.access.facts import PoliceCopyFacts
from kcc.errors import NotFound
from kcc.people.model import FunctionPeriod
from kcc.recordings import queries as recordings
from kcc.recordings.model import Recording
from kcc.threat.police_copy.model import PoliceCopy


def by_id(session: Session, copy_id: str, *, lock: bool = False) -> PoliceCopy:
    """The copy, or NotFound; with `lock` nobody else takes it meanwhile."""
    found = session.get(PoliceCopy, copy_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound
    return found


def waits(copy: PoliceCopy, now: datetime) -> bool:
    """Whether a copy can still be taken out."""
    return copy.taken_at is None and copy.made_at <= now < copy.expires_at


def of_recording(session: Session, recording_id: str) -> list[PoliceCopy]:
    """Every copy that was made of a call, newest first."""
    query = select(PoliceCopy).where(PoliceCopy.recording_id == recording_id)
    return list(session.scalars(query.order_by(PoliceCopy.made_at.desc(), PoliceCopy.id)))


def facts(session: Session, recording_id: str, now: datetime, *, decided: bool) -> PoliceCopyFacts:
    """The facts of a call of which a copy is made; whether both decided on it, the caller knows."""
    recording = recordings.by_id(session, recording_id)
    return _facts(session, recording, now, decided=decided, waiting=False)


def facts_of(session: Session, copy: PoliceCopy, now: datetime) -> PoliceCopyFacts:
    """The facts of a copy that was made, on a decision that stands in it."""
    recording = recordings.by_id(session, copy.recording_id)
    return _facts(session, recording, now, decided=True, waiting=waits(copy, now))


def _facts(
    session: Session, recording: Recording, now: datetime, *, decided: bool, waiting: bool
) -> PoliceCopyFacts:
    leads = _leads(session, recording.employee_id, now) if recording.employee_id else frozenset[str]()
    return PoliceCopyFacts(recordings.facts_of(recording, now), leads, decided, waiting)


def _leads(session: Session, employee_id: str, now: datetime) -> frozenset[str]:
    """Who leads an employee's team today."""
    day = clock.local_day(now)
    on = (FunctionPeriod.begins <= day) & (FunctionPeriod.ends.is_(None) | (FunctionPeriod.ends > day))
    teams = select(FunctionPeriod.team_id).where(
        FunctionPeriod.person_id == employee_id, FunctionPeriod.function == Function.EMPLOYEE, on
    )
    query = select(FunctionPeriod.person_id).where(
        FunctionPeriod.function == Function.TEAM_LEAD, FunctionPeriod.team_id.in_(teams), on
    )
    return frozenset(session.scalars(query))
