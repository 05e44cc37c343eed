"""Reading many sealed reports at once, for figures and summaries; who may is asked before, by the verbs."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.coaching import assessment, quality_plan, queries
from kcc.coaching.model import Report
from kcc.coaching.progress.rules import Scored
from kcc.coaching.quality_plan import Form
from kcc.vault.keystore import KeyStore

BATCH = 500


def scored(session: Session, keys: KeyStore, *which: ColumnElement[bool]) -> Iterator[Scored]:
    """The finished reports that meet some conditions, by employee, opened a batch at a time.

    One whose key has just been destroyed is being erased, and left out.
    """
    query = select(Report).where(
        Report.finished_at.is_not(None), Report.content != queries.NO_CONTENT, *which
    )
    ordered = query.order_by(Report.employee_id, Report.finished_at, Report.id)
    found = session.scalars(ordered, execution_options={"yield_per": BATCH})
    for batch in found.partitions(BATCH):
        held = keys.get_many([report.id for report in batch])
        for report in batch:
            if report.id in held and report.finished_at is not None:
                draft = assessment.content(held[report.id], report)
                day = clock.local_day(report.finished_at)
                yield Scored(report.employee_id, report.form_version, day, draft)
                session.expunge(report)


def between(first: date, after: date) -> tuple[ColumnElement[bool], ...]:
    """The condition that a report was finished on the first day or later, and before the other."""
    begin, end = clock.start_of_day(first), clock.start_of_day(after)
    return Report.finished_at >= begin, Report.finished_at < end


def form(session: Session, version: int) -> Form:
    """The form on which a report was written: the one place here that asks the quality plan."""
    return quality_plan.form(session, version)
