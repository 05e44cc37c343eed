"""Erasing reports, with the second opinions on them: keys destroyed, rows deleted; which ones, and when, the
callers say (REP-5).
"""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching.model import Report
from kcc.coaching.opinions import ending
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.queries import NO_CONTENT
from kcc.errors import NotFound
from kcc.stores import Stores

BATCH = 500


def begin(session: Session, report: Report, why: str) -> None:
    """Take a report out of everybody's reach, with a line that says why; `finish` then destroys it.

    After a crash in between nobody can read it, and the next `finish` goes on.
    """
    permit = policy.permit(system("erase"), Action.REPORT_ERASE, Subject("report", report.id))
    record.act(session, permit, step="begun", why=why, employee=report.employee_id)
    report.content = NO_CONTENT
    ending.report_goes(session, report.id)
    session.flush()


def finish(stores: Stores) -> int:
    """Destroy the keys and rows of all reports that `begin` took away; answers how many. Repeatable."""
    finished = 0
    while ids := _begun(stores):
        with stores.database.read() as session:
            opinions = ending.ids_of(session, ids)
        stores.keys.destroy([*ids, *opinions])
        with stores.database.write() as session:
            gone = (policy.permit(system("erase"), Action.REPORT_ERASE, Subject("report", i)) for i in ids)
            record.acts(session, ((permit, {"step": "erased"}) for permit in gone))
            session.execute(delete(SecondOpinion).where(SecondOpinion.report_id.in_(ids)))
            session.execute(delete(Report).where(Report.id.in_(ids)))
        finished += len(ids)
    return finished


def discard(stores: Stores, report_id: str, why: str) -> None:
    """Erase one report now: key destroyed and seen to be gone, then the row; NotFound if there is none."""
    with stores.database.write() as session:
        report = session.get(Report, report_id, with_for_update=True)
        if report is None:
            raise NotFound
        begin(session, report, why)
    finish(stores)


def _begun(stores: Stores) -> list[str]:
    query = select(Report.id).where(func.length(Report.content) == 0).order_by(Report.id).limit(BATCH)
    with stores.database.read() as session:
        return list(session.scalars(query))
