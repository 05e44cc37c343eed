"""Keeping the moments of remarks: sealed under the recording's key, so that they go with the sound (RET-8).

What a remark says, and about which item, is the draft's and stays.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select
from sqlalchemy.orm import Session

from kcc import clock, db
from kcc.access.facts import RecordingState
from kcc.coaching.model import Report, SampledCall
from kcc.coaching.scoring.model import RemarkMoment
from kcc.recordings.model import Recording
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore


def place(report_id: str, remark: str) -> str:
    """The place for which a moment is sealed."""
    return f"remark_moment.sealed:{report_id}:{remark}"


def read(session: Session, keys: KeyStore, report: Report, reader_id: str | None) -> dict[str, str]:
    """The moments of a report's remarks by field, as long as the reader may hear the call: else none.

    The coach hears it until the report is finished, the employee as long as it exists (RET-7, RGT-1).
    """
    rows = session.execute(
        select(RemarkMoment.remark, RemarkMoment.recording_id, RemarkMoment.sealed)
        .join(Recording, Recording.id == RemarkMoment.recording_id)
        .where(RemarkMoment.report_id == report.id, _heard_by(report, reader_id))
    ).all()
    found = keys.get_many({row.recording_id for row in rows})
    return {
        f"at-{row.remark}": open_text(found[row.recording_id], place(report.id, row.remark), row.sealed)
        for row in rows
        if row.recording_id in found
    }


def call_of(session: Session, report: Report, reader_id: str | None) -> Recording | None:
    """The call that a report is about, as long as the reader may hear it."""
    return session.scalar(_call(report).where(_heard_by(report, reader_id)))


def keep(
    session: Session, keys: KeyStore, report: Report, call: Recording, wanted: Mapping[str, str]
) -> None:
    """Make the moments of a report be these; without the call's key nothing is kept."""
    kept = read(session, keys, report, report.coach_id)
    gone = [name.partition("-")[2] for name in kept.keys() - wanted.keys()]
    if gone:
        chosen = and_(RemarkMoment.report_id == report.id, RemarkMoment.remark.in_(gone))
        session.execute(delete(RemarkMoment).where(chosen))
    changed = {name: moment for name, moment in wanted.items() if kept.get(name) != moment}
    key = keys.get_many([call.id]).get(call.id) if changed else None
    for name, moment in changed.items() if key else ():
        remark = name.partition("-")[2]
        sealed = seal_text(key, place(report.id, remark), moment) if key else b""
        at = {"report_id": report.id, "remark": remark}
        db.put(session, RemarkMoment, at, recording_id=call.id, sealed=sealed)


def _call(report: Report) -> Select[Recording]:
    drawn = select(SampledCall.recording_id).where(SampledCall.id == report.sampled_call_id)
    return select(Recording).where(Recording.id == drawn.scalar_subquery())


def _heard_by(report: Report, reader_id: str | None) -> ColumnElement[bool]:
    there = and_(Recording.state == RecordingState.LIVE.value, Recording.due_at > clock.now())
    own = Recording.employee_id == reader_id
    if report.finished_at is not None:
        return and_(there, own)
    return and_(there, or_(own, Recording.sample_barred.is_(False)))
