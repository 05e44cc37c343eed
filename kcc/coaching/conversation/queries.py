"""Reading how conversations stand: for lists, boards, and whoever waits for something; writes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.coaching.conversation.model import Conversation, ReportSignature
from kcc.coaching.conversation.rules import WAITING, Arranged, Facts, Side, Standing, standing
from kcc.coaching.model import Report
from kcc.coaching.queries import NO_CONTENT
from kcc.people import queries as people

LOOKED_AT, MOST = 200, 10
"""How many of the newest reports are looked through for what waits, and how many of those are shown."""
Signatures = dict[int, dict[Side, ReportSignature]]


def signatures(session: Session, report_id: str) -> Signatures:
    """Who signed what, by version and side."""
    return _by_report(session, [report_id]).get(report_id, {})


def facts_of(row: Conversation | None, signed: Signatures) -> Facts:
    """What the rules want to know of one conversation; of none that nothing has happened."""
    if row is None:
        return Facts()
    return Facts(
        Arranged(row.state),
        row.begins_at,
        frozenset(signed.get(row.version, {})),
        any(set(sides) == set(Side) for version, sides in signed.items() if version < row.version),
    )


def standings(
    session: Session, report_ids: Collection[str], now: datetime | None = None
) -> dict[str, Standing]:
    """Where the conversation about each report stands: NONE, PROPOSED, ANOTHER, AGREED, HELD, SIGNED_BY_...,
    CHANGED or SIGNED; each of the ids has an answer.
    """
    at = now or clock.now()
    rows = {row.report_id: row for row in _rows(session, report_ids)}
    signed = _by_report(session, report_ids)
    return {id_: standing(facts_of(rows.get(id_), signed.get(id_, {})), at) for id_ in report_ids}


def moments(session: Session, report_ids: Collection[str]) -> dict[str, datetime]:
    """When the agreed conversations are, of those reports that have one."""
    return {
        row.report_id: row.begins_at
        for row in _rows(session, report_ids)
        if row.state == Arranged.AGREED and row.begins_at is not None
    }


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report in which the next step is somebody's; `other` is who else is concerned."""

    id: str
    finished_at: datetime
    other: str | None
    standing: Standing


def waiting(session: Session, person_id: str, side: Side, now: datetime) -> list[Waiting]:
    """The newest reports in which the next step is this person's, as employee or as coach of people they
    coach now; at most MOST of them.
    """
    query = select(Report.id, Report.finished_at, Report.employee_id, Report.coach_id).where(
        Report.finished_at.is_not(None), Report.content != NO_CONTENT
    )
    if side is Side.EMPLOYEE:
        query = query.where(Report.employee_id == person_id)
    else:
        employees = people.employees_of(session, person_id, clock.local_day(now)) - {person_id}
        query = query.where(Report.coach_id == person_id, Report.employee_id.in_(employees))
    rows = list(session.execute(query.order_by(Report.finished_at.desc(), Report.id).limit(LOOKED_AT)))
    stands = standings(session, [row.id for row in rows], now)
    found = [
        Waiting(
            row.id,
            row.finished_at,
            row.coach_id if side is Side.EMPLOYEE else row.employee_id,
            stands[row.id],
        )
        for row in rows
        if side in WAITING[stands[row.id]]
    ]
    return found[:MOST]


def _rows(session: Session, report_ids: Collection[str]) -> list[Conversation]:
    query = select(Conversation).where(Conversation.report_id.in_(report_ids))
    return list(session.scalars(query))


def _by_report(session: Session, report_ids: Collection[str]) -> dict[str, Signatures]:
    found: dict[str, Signatures] = {}
    query = select(ReportSignature).where(ReportSignature.report_id.in_(report_ids))
    for row in session.scalars(query):
        found.setdefault(row.report_id, {}).setdefault(row.version, {})[Side(row.side)] = row
    return found
