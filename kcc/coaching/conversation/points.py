"""Points for improvement: agreed by both signing, carried over into each next report until both sign in one
that they are closed.

A point is sealed under the key of the report in which it was agreed. A later report only refers to it, so
that it goes everywhere when that report goes (REP-5), and passes to a successor with it (REP-6).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.coaching.conversation.model import ImprovementPoint
from kcc.coaching.conversation.sitting_down import Seat, place
from kcc.coaching.conversation.texts import Together
from kcc.coaching.model import Report
from kcc.coaching.queries import NO_CONTENT
from kcc.db import new_id
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Point:
    """A point agreed earlier, as a later report shows it; `closed` says that this later report closed it."""

    id: str
    report_id: str
    text: str
    agreed_at: datetime
    closed: bool

    @property
    def digest(self) -> str:
        """What a signed text holds of it."""
        return hashlib.sha256(f"{self.id}\0{self.text}".encode()).hexdigest()


def carried(session: Session, keys: KeyStore, report: Report) -> list[Point]:
    """The points of earlier reports that are open, or that this report closed, oldest first.

    Of reports that have the same coach now, so that both sides see the same: those of a coach who went are
    there once they have passed to the successor (REP-6).
    """
    query = (
        select(ImprovementPoint)
        .join(Report, Report.id == ImprovementPoint.report_id)
        .where(
            Report.employee_id == report.employee_id,
            Report.content != NO_CONTENT,
            Report.finished_at < report.finished_at,
            or_(ImprovementPoint.closed_at.is_(None), ImprovementPoint.closed_in_id == report.id),
            Report.coach_id == report.coach_id,
        )
        .order_by(ImprovementPoint.agreed_at, ImprovementPoint.ordinal, ImprovementPoint.id)
    )
    rows = list(session.scalars(query))
    held = keys.get_many({row.report_id for row in rows})
    return [_point(held[row.report_id], row, report.id) for row in rows]


def settle(session: Session, seat: Seat, text: Together, earlier: Sequence[Point]) -> None:
    """Put into effect what both have signed: the report's own points, and which earlier ones are closed."""
    known = select(ImprovementPoint).where(ImprovementPoint.report_id == seat.report.id)
    rows = {row.ordinal: row for row in session.scalars(known)}
    for ordinal in sorted({int(number) for number in text.points} | set(rows)):
        _agree(session, seat, rows.get(ordinal), ordinal, text.points.get(str(ordinal), ""))
    for point in earlier:
        row = session.get_one(ImprovementPoint, point.id)
        if point.id in text.closed and row.closed_at is None:
            row.closed_at, row.closed_in_id = clock.now(), seat.report.id
        elif point.id not in text.closed and row.closed_in_id == seat.report.id:
            row.closed_at = row.closed_in_id = None  # a later version of this report keeps it open
    session.flush()


def _agree(session: Session, seat: Seat, row: ImprovementPoint | None, ordinal: int, said: str) -> None:
    if row is None:
        row = ImprovementPoint(id=new_id(), report_id=seat.report.id, ordinal=ordinal, agreed_at=clock.now())
        session.add(row)
    row.content = seal_text(seat.key, place("point", row.id), said)
    dropped = row.closed_in_id == seat.report.id
    if not said:  # taken out again by a later version: it goes no further
        row.closed_at, row.closed_in_id = clock.now(), seat.report.id
    elif dropped:
        row.closed_at = row.closed_in_id = None


def _point(key: bytes, row: ImprovementPoint, in_report: str) -> Point:
    text = open_text(key, place("point", row.id), row.content)
    closed = row.closed_in_id == in_report and row.report_id != in_report
    return Point(row.id, row.report_id, text, row.agreed_at, closed)
