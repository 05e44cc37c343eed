"""When summaries go: their term, a newer one of the same cycle, a function that ends (REP-5); keys first.

A summary serves the appraisal of one cycle; it is about the work in one function, and goes with it as the
reports do, from which it was made. That a report is erased leaves it: nothing in it leads to a report.
"""

from calendar import monthrange
from datetime import date

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, system
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching.summaries import passing, queries
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.errors import NotFound
from kcc.notices import outbox
from kcc.people import endings
from kcc.people.endings import Ended
from kcc.stores import Stores

ACTOR = system("summaries")
BATCH = 500


def begin(session: Session, summary: AppraisalSummary, why: str) -> None:
    """Take a summary out of everybody's reach, with a line that says why; `finish` then destroys it."""
    permit = policy.permit(ACTOR, Action.SUMMARY_ERASE, Subject("summary", summary.id))
    record.act(session, permit, step="begun", why=why, employee=summary.employee_id)
    summary.content, summary.view = queries.NO_CONTENT, None
    session.flush()


def finish(stores: Stores) -> int:
    """Destroy the keys and rows of all summaries that `begin` took away; answers how many. Repeatable."""
    finished = 0
    while ids := _begun(stores):
        stores.keys.destroy(ids)
        with stores.database.write() as session:
            gone = (policy.permit(ACTOR, Action.SUMMARY_ERASE, Subject("summary", i)) for i in ids)
            record.acts(session, ((permit, {"step": "erased"}) for permit in gone))
            session.execute(delete(AppraisalSummary).where(AppraisalSummary.id.in_(ids)))
        finished += len(ids)
    return finished


def discard(stores: Stores, actor: Actor, summary_id: str) -> None:
    """A coach throws a summary away that was not passed on; `stores` are the system's own."""
    with stores.database.write() as session:
        facts = queries.facts(session, summary_id, clock.now())
        permit = policy.permit(actor, Action.SUMMARY_WRITE, Subject("summary", summary_id), facts)
        found = session.get(AppraisalSummary, summary_id, with_for_update=True, populate_existing=True)
        if found is None or found.passed_at is not None or found.content == queries.NO_CONTENT:
            raise NotFound
        record.act(session, permit, step="discarded")
        begin(session, found, "discarded")
    finish(stores)


def settle(stores: Stores) -> tuple[int, int]:
    """Pass on what its employee left long enough, and erase what is past its term or replaced.

    Answers how many were passed on, and how many erased.
    """
    terms = stores.settings.summaries
    with stores.database.write() as session:
        passed = passing.pass_due(session, ACTOR, terms.reading_days)
        for found in session.scalars(_replaced().with_for_update()):
            begin(session, found, "replaced")
        for found in session.scalars(_past(terms.kept_months).with_for_update()):
            begin(session, found, "term")
    return passed, finish(stores)


def replace_older(stores: Stores) -> int:
    """Erase what a newer summary of the same cycle has replaced; answers how many."""
    with stores.database.write() as session:
        for found in session.scalars(_replaced().with_for_update()):
            begin(session, found, "replaced")
    return finish(stores)


def follow(stores: Stores, ended: Ended) -> int:
    """Erase an employee's summaries when their function has ended; answers how many. Repeatable."""
    if ended.function is not Function.EMPLOYEE or ended.continues:
        return 0
    with stores.database.write() as session:
        if not endings.still(session, ended):
            return 0
        mine = select(AppraisalSummary).where(
            AppraisalSummary.employee_id == ended.person_id, AppraisalSummary.content != queries.NO_CONTENT
        )
        found = list(session.scalars(mine.with_for_update()))
        for summary in found:
            begin(session, summary, "function")
        if found:
            outbox.forget_topic(session, ended.person_id, "summary")
            outbox.tell(session, ended.person_id, "summary.erased", function=ended.function)
    finish(stores)
    return len(found)


def hand_over(session: Session, coach_id: str, employee_id: str, successor_id: str) -> None:
    """A coach's unfinished summaries pass to the successor (REP-6); what was passed on keeps its author.

    Where the successor has begun one of the same cycle already, theirs goes on.
    """
    other = aliased(AppraisalSummary)
    has_own = (
        select(other.id)
        .where(
            other.coach_id == successor_id,
            other.employee_id == employee_id,
            other.cycle == AppraisalSummary.cycle,
            other.passed_at.is_(None),
        )
        .exists()
    )
    session.execute(
        update(AppraisalSummary)
        .where(
            AppraisalSummary.coach_id == coach_id,
            AppraisalSummary.employee_id == employee_id,
            AppraisalSummary.passed_at.is_(None),
            ~has_own,
        )
        .values(coach_id=successor_id)
        .execution_options(synchronize_session=False)
    )


def _begun(stores: Stores) -> list[str]:
    query = select(AppraisalSummary.id).where(func.length(AppraisalSummary.content) == 0)
    with stores.database.read() as session:
        return list(session.scalars(query.order_by(AppraisalSummary.id).limit(BATCH)))


def _replaced() -> Select[AppraisalSummary]:
    """Passed on, and a later one of the same employee and cycle was, too."""
    newer = aliased(AppraisalSummary)
    later = or_(
        newer.passed_at > AppraisalSummary.passed_at,
        and_(newer.passed_at == AppraisalSummary.passed_at, newer.id > AppraisalSummary.id),
    )
    is_newer = (
        select(newer.id)
        .where(
            newer.employee_id == AppraisalSummary.employee_id,
            newer.cycle == AppraisalSummary.cycle,
            newer.content != queries.NO_CONTENT,
            later,
        )
        .exists()
    )
    return select(AppraisalSummary).where(AppraisalSummary.content != queries.NO_CONTENT, is_newer)


def _past(months: int) -> Select[AppraisalSummary]:
    """Passed on so many months ago, or since then never written on."""
    since = func.coalesce(AppraisalSummary.passed_at, AppraisalSummary.saved_at)
    cut = clock.start_of_day(_months_before(clock.today(), months))
    return select(AppraisalSummary).where(AppraisalSummary.content != queries.NO_CONTENT, since < cut)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
