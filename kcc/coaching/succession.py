"""What coaching does when a function ends: reports go (REP-5) or pass to a successor (REP-6), draws stop.

Every step can be repeated after a crash; the ends of functions and successors themselves are kcc.people's.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function, system
from kcc.access.facts import PersonFacts
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import erasure, queries, replacing
from kcc.coaching.model import Report, SampledCall, SelectionDate
from kcc.coaching.rules import Left, SelectionState
from kcc.errors import NotFound
from kcc.notices import outbox
from kcc.people import assignments
from kcc.people import queries as people
from kcc.people.endings import Ended
from kcc.people.model import Succession
from kcc.stores import Stores

ACTOR = system("succession")


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows when a person's function ends on a day, in counts: whoever enters it may see no more.

    Of an employee: `reports` (finished) and `drafts` that are erased, `open_calls` that leave their sample,
    `dates` announced that lapse. Of a coach: `employees` who need a successor, `open_reports` and
    `written_reports` that wait for one.
    """

    reports: int = 0
    drafts: int = 0
    open_calls: int = 0
    dates: int = 0
    employees: int = 0
    open_reports: int = 0
    written_reports: int = 0

    @property
    def any(self) -> bool:
        """Whether anything follows at all."""
        return any(getattr(self, name) for name in self.__slots__)


def consequences(session: Session, person_id: str, function: Function, ends: date) -> Consequences:
    """What would follow if this function of a person ended on a day, as of now; changes nothing.

    That the person goes on in the same function elsewhere is not looked at: then nothing of it follows.
    """
    if function is Function.EMPLOYEE:
        return Consequences(
            reports=_count(session, Report.employee_id == person_id, Report.finished_at.is_not(None)),
            drafts=_count(session, Report.employee_id == person_id, Report.finished_at.is_(None)),
            open_calls=len(_open_calls(session, person_id)),
            dates=session.scalar(select(func.count()).where(*_announced(person_id, ends))) or 0,
        )
    if function is Function.COACH:
        return Consequences(
            employees=len(assignments.needing_successor(session, person_id, ends)),
            open_reports=_count(session, Report.coach_id == person_id, Report.finished_at.is_(None)),
            written_reports=_count(session, Report.coach_id == person_id, Report.finished_at.is_not(None)),
        )
    return Consequences()


def follow(stores: Stores, ended: Ended) -> int:
    """Do what follows from an end that has taken effect; answers how many reports were erased. Repeatable.

    Whoever goes on as employee keeps the reports; without customer calls nobody monitors them (SAM-8).
    """
    if ended.function is not Function.EMPLOYEE:
        return 0
    if not (ended.continues and ended.with_calls):
        _stop_draws(stores, ended)
    return 0 if ended.continues else _erase_reports(stores, ended)


def pass_on(stores: Stores, succession: Succession) -> None:
    """Give a coach's reports on an employee to the named successor, who reads and finishes them (REP-6)."""
    coach_id, employee_id = succession.coach_id, succession.employee_id
    with stores.database.write() as session:
        mine = session.get(Succession, succession.id, with_for_update=True, populate_existing=True)
        if mine is None or mine.followed_at is not None or mine.withdrawn_at is not None:
            return
        theirs = (Report.coach_id == coach_id, Report.employee_id == employee_id)
        number = _count(session, *theirs)
        said = {"coach": coach_id, "successor": mine.successor_id, "reports": number}
        record.act(session, _permit(employee_id), step="passed on", **said)
        author = func.coalesce(Report.written_by_id, coach_id)
        session.execute(
            update(Report).where(*theirs).values(coach_id=mine.successor_id, written_by_id=author)
        )
        mine.followed_at = clock.now()
        _tell_of_passing(session, mine, number)


def _tell_of_passing(session: Session, succession: Succession, number: int) -> None:
    employee_id, successor_id = succession.employee_id, succession.successor_id
    names = people.names(session, [succession.coach_id, employee_id, successor_id])
    coach = names[succession.coach_id]
    if number:
        outbox.tell(session, employee_id, "reports.passed", coach=coach, successor=names[successor_id])
        employee = names[employee_id]
        outbox.tell(
            session, successor_id, "reports.received", about_id=employee_id, coach=coach, employee=employee
        )


def _stop_draws(stores: Stores, ended: Ended) -> None:
    """Announced dates lapse; drawn calls that are not scored yet leave, and free nothing (SAM-1, SAM-8)."""
    with stores.database.write() as session:
        waiting = list(
            session.scalars(select(SelectionDate.id).where(*_announced(ended.person_id, ended.ends)))
        )
        if waiting:
            lines = [(_line("selection", i), {"step": "closed", "state": "lapsed"}) for i in waiting]
            record.acts(session, lines)
            lapsed = update(SelectionDate).where(SelectionDate.id.in_(waiting))
            session.execute(lapsed.values(state=SelectionState.LAPSED.value))
        for sample_id in _open_calls(session, ended.person_id):
            try:
                sample = replacing.locked(session, sample_id)
            except NotFound:
                continue  # it left since it was listed
            replacing.leave(
                session, _line("sample", sample_id), sample, Left.FUNCTION, employee=ended.person_id
            )
    erasure.finish(stores)


def _erase_reports(stores: Stores, ended: Ended) -> int:
    with stores.database.write() as session:
        mine = select(Report).where(
            Report.employee_id == ended.person_id, Report.content != queries.NO_CONTENT
        )
        reports = list(session.scalars(mine.with_for_update()))
        for report in reports:
            erasure.begin(session, report, "function")
        if reports:
            outbox.forget_topic(session, ended.person_id, "reports")
            outbox.tell(
                session, ended.person_id, "reports.erased", function=ended.function, count=len(reports)
            )
    erasure.finish(stores)
    return len(reports)


def _announced(person_id: str, since: date) -> tuple[ColumnElement[bool], ...]:
    return (
        SelectionDate.employee_id == person_id,
        SelectionDate.state == SelectionState.ANNOUNCED.value,
        SelectionDate.day >= since,
    )


def _open_calls(session: Session, person_id: str) -> list[str]:
    query = (
        select(SampledCall.id)
        .outerjoin(Report, Report.sampled_call_id == SampledCall.id)
        .where(
            SampledCall.employee_id == person_id,
            SampledCall.left_at.is_(None),
            Report.finished_at.is_(None),
        )
    )
    return list(session.scalars(query.order_by(SampledCall.id)))


def _count(session: Session, *which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(Report).where(Report.content != queries.NO_CONTENT, *which)
    return session.scalar(query) or 0


def _permit(person_id: str) -> Permit:
    subject, facts = Subject("person", person_id), PersonFacts(person_id)
    return policy.permit(ACTOR, Action.PEOPLE_CHANGE, subject, facts)


def _line(kind: str, id_: str) -> Permit:
    return policy.permit(ACTOR, Action.DRAW_RUN, Subject(kind, id_))
