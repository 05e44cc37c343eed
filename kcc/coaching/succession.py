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
from kcc.coaching import erasure, exceptions, queries, replacing, unannounced
from kcc.coaching.consents import ending as consents
from kcc.coaching.conversation import appointments
from kcc.coaching.draws import phrases
from kcc.coaching.model import Report, SampledCall, SelectionDate
from kcc.coaching.opinions import ending
from kcc.coaching.planned import telling, texts
from kcc.coaching.rules import Left, SelectionState
from kcc.coaching.summaries import erasure as summaries
from kcc.errors import NotFound
from kcc.notices import outbox
from kcc.people import assignments, endings
from kcc.people import queries as people
from kcc.people.endings import Ended
from kcc.people.model import Succession
from kcc.stores import Stores

ACTOR = system("succession")
PLANNED_TOPICS = ("selection", "unannounced", "exception")
"""What somebody was told of their coaching's planning; it goes with the function."""


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows when a person's function ends on a day, in counts: whoever enters it may see no more.

    Of an employee: `reports` (finished) and `drafts` that are erased, `open_calls` that leave their sample,
    `dates` announced that lapse. Of a coach: `employees` who need a successor, `open_reports` and
    `written_reports` that wait for one. Of both: `opinions`, second ones not scored yet, that end; and what
    of shared calls ends, an employee's `consents`, the `sessions` and `trainings` that a coach leads.
    """

    reports: int = 0
    drafts: int = 0
    open_calls: int = 0
    dates: int = 0
    employees: int = 0
    open_reports: int = 0
    written_reports: int = 0
    opinions: int = 0
    consents: int = 0
    sessions: int = 0
    trainings: int = 0

    @property
    def any(self) -> bool:
        """Whether anything follows at all."""
        return any(getattr(self, name) for name in self.__slots__)


def consequences(session: Session, person_id: str, function: Function, ends: date) -> Consequences:
    """What would follow if this function of a person ended on a day, as of now; changes nothing.

    That the person goes on in the same function elsewhere is not looked at: then nothing of it follows.
    """
    if function not in (Function.EMPLOYEE, Function.COACH):
        return Consequences()
    shared = consents.standing_of(session, person_id, function, clock.today())
    more = dict(zip(("consents", "sessions", "trainings"), shared, strict=True))
    if function is Function.EMPLOYEE:
        return Consequences(
            **more,
            reports=_count(session, Report.employee_id == person_id, Report.finished_at.is_not(None)),
            drafts=_count(session, Report.employee_id == person_id, Report.finished_at.is_(None)),
            open_calls=len(_open_calls(session, person_id)),
            dates=session.scalar(select(func.count()).where(*_announced(person_id, ends))) or 0,
            opinions=ending.unscored_of(session, person_id, function),
        )
    return Consequences(
        **more,
        employees=len(assignments.needing_successor(session, person_id, ends)),
        open_reports=_count(session, Report.coach_id == person_id, Report.finished_at.is_(None)),
        written_reports=_count(session, Report.coach_id == person_id, Report.finished_at.is_not(None)),
        opinions=ending.unscored_of(session, person_id, function),
    )


def follow(stores: Stores, ended: Ended) -> int:
    """Do what follows from an end that has taken effect; answers how many reports were erased. Repeatable.

    Whoever goes on as employee keeps the reports; without customer calls nobody monitors them (SAM-8).
    """
    if ended.function is not Function.EMPLOYEE:
        return 0
    if ended.continues and ended.with_calls:
        return 0
    with stores.database.write() as session:
        if not endings.still(session, ended):
            return 0
        _stop(session, ended)
        erased = 0 if ended.continues else _count(session, Report.employee_id == ended.person_id)
        calls = _open_calls(session, ended.person_id) if ended.continues else _calls(session, ended.person_id)
        for sample_id in calls:
            _leave(session, sample_id, ended.person_id)
        if erased:
            _begin_erasing(session, ended, erased)
        if not ended.continues:
            phrases.begin_erasing(session, ended.person_id)
    erasure.finish(stores)
    phrases.forget(stores)
    if not ended.continues:
        texts.forget(stores, ended.person_id)
    return erased


def _stop(session: Session, ended: Ended) -> None:
    """Nothing more is planned for them: announced dates lapse, agreements and exceptions end."""
    lapsed = _lapse(session, ended)
    unannounced.end_with_function(session, system("announce"), ended.person_id)
    exceptions.end_with_function(session, system("announce"), ended.person_id, ended.ends)
    for topic in () if ended.continues else PLANNED_TOPICS:
        outbox.forget_topic(session, ended.person_id, topic)
    if people.may_sign_in(session, [ended.person_id], clock.today()):  # whoever left reads nothing any more
        for selection in lapsed:
            telling.withdrawn(session, selection)


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
        permit = _permit(employee_id)
        record.act(session, permit, step="passed on", **said)
        appointments.call_off_all(session, permit, coach_id, employee_id)
        author = func.coalesce(Report.written_by_id, coach_id)
        session.execute(
            update(Report).where(*theirs).values(coach_id=mine.successor_id, written_by_id=author)
        )
        summaries.hand_over(session, coach_id, employee_id, mine.successor_id)
        ending.pass_on(session, mine)
        mine.followed_at = clock.now()
        _tell_of_passing(session, mine, number)
    ending.finish(stores)


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


def _lapse(session: Session, ended: Ended) -> list[SelectionDate]:
    """Coming dates from the end on are not drawn any more (SAM-8); answers those that they know of."""
    query = select(SelectionDate).where(*_announced(ended.person_id, ended.ends))
    waiting = list(session.scalars(query.order_by(SelectionDate.day).with_for_update()))
    said = {"step": "closed", "state": SelectionState.LAPSED.value}
    record.acts(session, [(_line("selection", selection.id), said) for selection in waiting])
    for selection in waiting:
        selection.state = SelectionState.LAPSED.value
        selection.sequence += 1
    session.flush()
    return [one for one in waiting if one.announced_at is not None and one.day >= clock.today()]


def _leave(session: Session, sample_id: str, person_id: str) -> None:
    """A drawn call leaves and frees nothing (SAM-1); a draft about it goes."""
    try:
        sample = replacing.locked(session, sample_id)
    except NotFound:
        return  # it left since it was listed
    replacing.leave(session, _line("sample", sample_id), sample, Left.FUNCTION, employee=person_id)


def _begin_erasing(session: Session, ended: Ended, number: int) -> None:
    """Take every report out of reach; the scored calls left just before, so that no slot looks free."""
    mine = select(Report).where(Report.employee_id == ended.person_id, Report.content != queries.NO_CONTENT)
    for topic in ("reports", "opinion"):  # before a second coach is told that their work has ended
        outbox.forget_topic(session, ended.person_id, topic)
    for report in session.scalars(mine.with_for_update()):
        erasure.begin(session, report, Left.FUNCTION.value)
    outbox.tell(session, ended.person_id, "reports.erased", function=ended.function, count=number)


def _announced(person_id: str, since: date) -> tuple[ColumnElement[bool], ...]:
    return (
        SelectionDate.employee_id == person_id,
        SelectionDate.state == SelectionState.ANNOUNCED.value,
        SelectionDate.day >= since,
    )


def _calls(session: Session, person_id: str) -> list[str]:
    query = select(SampledCall.id).where(SampledCall.employee_id == person_id, SampledCall.left_at.is_(None))
    return list(session.scalars(query.order_by(SampledCall.id)))


def _open_calls(session: Session, person_id: str) -> list[str]:
    scored = select(Report.id).where(
        Report.sampled_call_id == SampledCall.id, Report.finished_at.is_not(None)
    )
    query = select(SampledCall.id).where(
        SampledCall.employee_id == person_id, SampledCall.left_at.is_(None), ~scored.exists()
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
