"""Reading draws, samples and reports, and the facts by which the policy judges them; writes nothing.

What a list shows is what the policy would open; a test says so over all combinations.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import RecordingState, ReportFacts, SampleFacts
from kcc.coaching import rules
from kcc.coaching.draws.queries import missing
from kcc.coaching.model import Draw, Report, SampledCall, SelectionDate
from kcc.db import hidden, walled
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.recordings.model import Line, Recording
from kcc.recordings.queries import facts_of, out_of_sight
from kcc.recordings.register.queries import never_other_than
from kcc.recordings.rules import LineKind
from kcc.sections import Sampling

PAGE = 50
Rows = list[Row[*tuple[Any, ...]]]
"""What a list needs of its things, without the things."""
NO_CONTENT = b""
"""The content of a report that is being discarded: it exists for nobody."""


# --- the pool of a draw ---


def pool_query(employee_ids: Collection[str], now: datetime, sampling: Sampling) -> Select[str | None, str]:
    """(employee, recording) of the calls that may be drawn now, by employee (SAM-1, SAM-4, SAM-6)."""
    begin, end = rules.window(now, sampling)
    sampled = select(SampledCall.id).where(SampledCall.recording_id == Recording.id).exists()
    return (
        select(Recording.employee_id, Recording.id)
        .join(Line, Line.code == Recording.line)
        .where(
            Recording.employee_id.in_(employee_ids),
            Recording.started_at >= begin,
            Recording.due_at >= end,
            Recording.state == RecordingState.LIVE.value,
            Recording.sample_barred.is_(False),
            Recording.scope == "external",
            Recording.direction.in_(sampling.directions),
            Recording.nature.in_(sampling.natures),
            Recording.duration_ms.between(sampling.min_seconds * 1000, sampling.max_seconds * 1000),
            Line.kind == LineKind.RECORDED.value,
            never_other_than(LineKind.RECORDED),
            ~sampled,
        )
        .order_by(Recording.employee_id)
    )


def eligible(session: Session, employee_id: str, now: datetime, sampling: Sampling) -> Iterator[str]:
    """The ids of an employee's calls that may be drawn now, as the database gives them."""
    for _, recording_id in session.execute(pool_query([employee_id], now, sampling)):
        yield recording_id


def monitored(session: Session, recording_ids: Collection[str]) -> set[str]:
    """Which of some recordings were ever drawn for monitoring, or are now."""
    query = select(SampledCall.recording_id).where(SampledCall.recording_id.in_(recording_ids))
    return set(session.scalars(query))


# --- the facts that the policy asks for ---


def sample_facts(session: Session, sample_id: str, now: datetime) -> SampleFacts:
    """The facts of a drawn call, or NotFound, also when its recording is gone."""
    row = session.execute(
        select(SampledCall, Recording, Report.finished_at)
        .join(Recording, Recording.id == SampledCall.recording_id)
        .outerjoin(Report, Report.sampled_call_id == SampledCall.id)
        .where(SampledCall.id == sample_id, Recording.left_at.is_(None))
    ).one_or_none()
    if row is None and hidden(session, "sample", sample_id):
        return SampleFacts(out_of_sight(now), open=False, coach_ids=frozenset())
    if row is None:
        raise NotFound
    sample, recording, finished_at = row
    return SampleFacts(
        recording=facts_of(recording, now),
        open=sample.left_at is None and finished_at is None,
        coach_ids=people.coaches_of(session, sample.employee_id, clock.local_day(now)),
    )


def report_facts(session: Session, report_id: str, now: datetime) -> ReportFacts:
    """The facts of a report, or NotFound, also when it is being discarded."""
    row = session.execute(
        select(
            Report.employee_id,
            Report.coach_id,
            Report.finished_at,
            or_(SampledCall.left_reason == rules.Left.THREAT.value, Recording.sample_barred).label("threat"),
        )
        .join(SampledCall, SampledCall.id == Report.sampled_call_id)
        .outerjoin(Recording, Recording.id == SampledCall.recording_id)
        .where(Report.id == report_id, Report.content != NO_CONTENT)
    ).one_or_none()
    if row is None and hidden(session, "report", report_id):
        return ReportFacts("", None, coach_assigned=False, finished=False)
    if row is None:
        raise NotFound
    coaches = people.coaches_of(session, row.employee_id, clock.local_day(now))
    return ReportFacts(
        employee_id=row.employee_id,
        coach_id=row.coach_id,
        coach_assigned=row.coach_id in coaches,
        finished=row.finished_at is not None,
        threat=bool(row.threat),
    )


def report_of(session: Session, sample_id: str) -> Report | None:
    """The report about a drawn call, if there is one; of another's that the second wall keeps back its id."""
    query = select(Report).where(Report.sampled_call_id == sample_id, Report.content != NO_CONTENT)
    found = session.scalar(query)
    if found is None and walled(session):
        others = session.scalar(text("SELECT kcc_wall.report_about(:sample)"), {"sample": sample_id})
        return Report(id=others) if others else None
    return found


# --- the coach's board ---


def open_samples(session: Session, coach_id: str, now: datetime) -> Rows:
    """The drawn calls that a coach can open now, those that go first on top.

    Rows: id, employee_id, month, slot, started_at, duration_ms, direction, due_at, report_id,
    report_coach_id, saved_at. Where due_at is None the sound is gone, and a draft of this coach remains.
    """
    employees = people.employees_of(session, coach_id, clock.local_day(now)) - {coach_id}
    mine = and_(Report.coach_id == coach_id, Report.content != NO_CONTENT)
    columns = (Recording.started_at, Recording.duration_ms, Recording.direction, Recording.due_at)
    query = (
        select(SampledCall.id, SampledCall.employee_id, SampledCall.month, SampledCall.slot, *columns)
        .add_columns(Report.id.label("report_id"), Report.coach_id.label("report_coach_id"), Report.saved_at)
        .outerjoin(Recording, and_(Recording.id == SampledCall.recording_id, _audible(now)))
        .outerjoin(Report, Report.sampled_call_id == SampledCall.id)
        .where(
            SampledCall.employee_id.in_(employees),
            SampledCall.left_at.is_(None),
            Report.finished_at.is_(None),
            or_(Recording.id.is_not(None), mine),
            ~_barred(),
        )
        .order_by(Recording.due_at, SampledCall.id)
    )
    return list(session.execute(query))


def _audible(now: datetime) -> ColumnElement[bool]:
    return and_(Recording.state == RecordingState.LIVE.value, Recording.due_at > now)


def _known(now: datetime) -> ColumnElement[bool]:
    """Of a call that only a case still keeps its employee knows when they were told (WGT-2)."""
    return or_(Recording.left_at.is_(None), Recording.shown_until > now)


def _barred() -> ColumnElement[bool]:
    other = Recording.__table__.alias("flagged")
    return (
        select(other.c.id)
        .where(other.c.id == SampledCall.recording_id, other.c.sample_barred.is_(True))
        .exists()
    )


def next_days(session: Session, employee_ids: Collection[str], today: date) -> dict[str, date]:
    """The next selection day of each employee who has one, announced or not; for their coach."""
    query = (
        select(SelectionDate.employee_id, func.min(SelectionDate.day))
        .where(
            SelectionDate.employee_id.in_(employee_ids),
            SelectionDate.state == rules.SelectionState.ANNOUNCED.value,
            SelectionDate.day >= today,
        )
        .group_by(SelectionDate.employee_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


# --- reports ---


def finished_reports_of(session: Session, employee_id: str) -> Rows:
    """An employee's own finished reports: those still unread on top, then newest first.

    Rows: id, coach_id, finished_at, read_at, started_at (None once the call is erased).
    """
    query = (
        select(Report.id, Report.coach_id, Report.finished_at, Report.read_at, Recording.started_at)
        .join(SampledCall, SampledCall.id == Report.sampled_call_id)
        .outerjoin(Recording, and_(Recording.id == SampledCall.recording_id, _known(clock.now())))
        .where(Report.employee_id == employee_id, Report.finished_at.is_not(None))
        .where(Report.content != NO_CONTENT)
        .order_by(Report.read_at.is_not(None), Report.finished_at.desc(), Report.id)
    )
    return list(session.execute(query))


def unread_reports(session: Session, employee_id: str) -> int:
    """How many finished reports an employee has not opened yet."""
    query = select(func.count()).where(Report.employee_id == employee_id, Report.finished_at.is_not(None))
    return session.scalar(query.where(Report.read_at.is_(None), Report.content != NO_CONTENT)) or 0


def written_reports(
    session: Session, coach_id: str, now: datetime, before: tuple[datetime, str] | None = None
) -> tuple[Rows, tuple[datetime, str] | None]:
    """A page of the reports that a coach finished on employees they coach now, and the next page's key.

    Rows: id, employee_id, finished_at, read_at.
    """
    employees = people.employees_of(session, coach_id, clock.local_day(now)) - {coach_id}
    key = tuple_(Report.finished_at, Report.id)
    query = select(Report.id, Report.employee_id, Report.finished_at, Report.read_at).where(
        Report.coach_id == coach_id,
        Report.employee_id.in_(employees),
        Report.finished_at.is_not(None),
        Report.content != NO_CONTENT,
    )
    if before:
        query = query.where(key < before)
    ordered = query.order_by(Report.finished_at.desc(), Report.id.desc()).limit(PAGE + 1)
    rows = list(session.execute(ordered))
    older = (rows[PAGE - 1].finished_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return rows[:PAGE], older


# --- figures ---


def counts(session: Session) -> dict[str, dict[str, int]]:
    """Figures about nobody for the status page; a draw's number that is missing is an alarm (SAM-3)."""
    committed, held = session.execute(select(func.count(), func.count(Draw.drawn_at)).select_from(Draw)).one()
    reports = select(func.count(), func.count(Report.finished_at)).select_from(Report)
    begun, finished = session.execute(reports.where(Report.content != NO_CONTENT)).one()
    live = select(func.count()).select_from(SampledCall).where(SampledCall.left_at.is_(None))
    return {
        "draws": {
            "held": held,
            "waiting": committed - held,
            "numbers_missing": missing(session)[0],
            "calls_in_samples": session.scalar(live) or 0,
        },
        "reports": {"unfinished": begun - finished, "finished": finished},
    }
