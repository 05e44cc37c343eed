"""Reading summaries for the appraisal cycle, and the facts that the policy asks for; writes nothing."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import SummaryFacts
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.db import hidden
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.people.model import Person

NO_CONTENT = b""
"""The content of a summary that is being erased: it exists for nobody."""
Rows = list[Row[*tuple[Any, ...]]]


def facts(session: Session, summary_id: str, now: datetime) -> SummaryFacts:
    """The facts of a summary, or NotFound, also when it is being erased."""
    found = session.get(AppraisalSummary, summary_id)
    if found is None and hidden(session, "summary", summary_id):
        return SummaryFacts("", None, False, frozenset(), False, False)
    if found is None or found.content == NO_CONTENT:
        raise NotFound
    return facts_of(session, found, clock.local_day(now))


def facts_of(session: Session, summary: AppraisalSummary, day: date) -> SummaryFacts:
    """The facts of a summary at hand."""
    return SummaryFacts(
        employee_id=summary.employee_id,
        coach_id=summary.coach_id,
        coach_assigned=summary.coach_id in people.coaches_of(session, summary.employee_id, day),
        lead_ids=people.leads_of(session, summary.employee_id, day),
        given=summary.sent_at is not None,
        passed=summary.passed_at is not None,
    )


def about(session: Session, employee_id: str) -> Rows:
    """What was given to an employee to read, the newest cycle first: id, cycle, coach_id, read, passed."""
    query = _rows().where(AppraisalSummary.employee_id == employee_id, AppraisalSummary.sent_at.is_not(None))
    return list(session.execute(query.order_by(AppraisalSummary.cycle.desc(), AppraisalSummary.id)))


def by_coach(session: Session, coach_id: str, employees: Collection[str]) -> Rows:
    """What a coach writes and wrote about those they coach now, by name: as `about`, with employee_id."""
    mine = (AppraisalSummary.coach_id == coach_id, AppraisalSummary.employee_id.in_(employees))
    return list(session.execute(_named(*mine)))


def for_lead(session: Session, team_ids: Collection[str], me: str, day: date) -> Rows:
    """What was passed on about the people of some teams, by name; nothing in it tells when."""
    members = {one for team in team_ids for one in people.team_members(session, team, day)} - {me}
    passed = (AppraisalSummary.employee_id.in_(members), AppraisalSummary.passed_at.is_not(None))
    return list(session.execute(_named(*passed)))


def _rows() -> Any:
    return select(
        AppraisalSummary.id,
        AppraisalSummary.employee_id,
        AppraisalSummary.coach_id,
        AppraisalSummary.cycle,
        AppraisalSummary.sent_at.is_not(None).label("given"),
        AppraisalSummary.read_at.is_not(None).label("read"),
        AppraisalSummary.passed_at.is_not(None).label("passed"),
    ).where(func.length(AppraisalSummary.content) > 0)


def _named(*which: Any) -> Any:
    joined = _rows().add_columns(Person.name).join(Person, Person.id == AppraisalSummary.employee_id)
    order = (func.lower(Person.name), AppraisalSummary.employee_id, AppraisalSummary.cycle.desc())
    return joined.where(*which).order_by(*order, AppraisalSummary.id)
