"""Joining, changing and leaving: the verbs on dated functions; coaches are assignments', what follows from an
end is endings'.

Each verb is one transaction with its audit line. Nothing that held is overwritten: a period gets an end, or
is followed by another. What has not taken effect can be withdrawn; Refused names the rule that is broken.
"""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.facts import PersonFacts
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.notices import outbox
from kcc.people import clashes, endings, suits
from kcc.people.endings import CameBy
from kcc.people.model import FunctionEnding, FunctionPeriod, Person


def begin(
    session: Session,
    actor: Actor,
    person_id: str,
    function: Function,
    begins: date,
    *,
    team_id: str | None = None,
    department_id: str | None = None,
    customer_calls: bool = False,
    ends: date | None = None,
) -> FunctionPeriod:
    """Let somebody hold a function from a day on, at most 28 days back; `ends` is the first day without it.

    Invalid names the field ("function", "team", "department", "customer_calls", "begins", "ends"); Refused
    names the rule when it cannot stand beside what the person and their coaches or employees hold.
    """
    permit = _permit(actor, person_id)
    _person(session, person_id)
    suits.place(session, function, team_id, department_id, customer_calls=customer_calls)
    suits.not_too_old("begins", begins)
    if ends is not None and ends <= begins:
        raise Invalid("ends", N_("The first day without the function lies after the day on which it begins."))
    period = FunctionPeriod(
        person_id=person_id,
        function=function.value,
        team_id=team_id,
        department_id=department_id,
        customer_calls=customer_calls,
        begins=begins,
        ends=None,
    )
    record.act(session, permit, step="begin", function=function.value, begins=str(begins), ends=_word(ends))
    session.add(period)
    session.flush()
    if ends is not None:
        _set_end(session, actor, period, ends, CameBy.PERSON)
    clashes.refuse(session, person_id)
    outbox.tell(session, person_id, "function.begun", function=function, day=begins)
    return period


def end(
    session: Session, actor: Actor, period_id: str, ends: date, *, came_by: CameBy = CameBy.PERSON
) -> FunctionEnding:
    """End a function: `ends` is the first day without it, at most 28 days back; today ends it now (REP-5).

    Whoever calls has shown the person what follows (kcc.coaching.succession.consequences), but for SCIM,
    whose `came_by` lets it wait for `confirm`. Another end that was planned is replaced. A function that
    began today and ends today was held for no day: its period goes, its line in the audit stays.
    """
    ending = _end(session, actor, period_id, ends, came_by)
    _warn(session, ending)
    return ending


def change(
    session: Session,
    actor: Actor,
    period_id: str,
    day: date,
    *,
    function: Function | None = None,
    team_id: str | None = None,
    department_id: str | None = None,
    customer_calls: bool = False,
) -> FunctionPeriod:
    """End a function on a day and begin another that day, in one: another team, place or function.

    Without `function` it stays the same: then it is no change of function and reports stay (REP-5).
    """
    before = _locked(session, period_id)
    _permit(actor, before.person_id)
    planned = before.ends
    held, person_id = function or Function(before.function), before.person_id
    ending = _end(session, actor, period_id, day, CameBy.PERSON)
    if held.value != ending.function:
        _warn(session, ending)
    return begin(
        session,
        actor,
        person_id,
        held,
        day,
        team_id=team_id,
        department_id=department_id,
        customer_calls=customer_calls,
        ends=planned,
    )


def leave(session: Session, actor: Actor, person_id: str, ends: date) -> list[FunctionEnding]:
    """End everything that a person holds on a day and after; what begins later is withdrawn."""
    _permit(actor, person_id)
    _person(session, person_id)
    reaching = select(FunctionPeriod).where(
        FunctionPeriod.person_id == person_id,
        or_(FunctionPeriod.ends.is_(None), FunctionPeriod.ends > ends),
    )
    done = []
    for period in list(session.scalars(reaching.order_by(FunctionPeriod.begins, FunctionPeriod.id))):
        if period.begins > clock.today() and period.begins >= ends:
            _drop(session, actor, period)
        else:
            done.append(end(session, actor, period.id, ends))
    return done


def withdraw_begin(session: Session, actor: Actor, period_id: str) -> None:
    """Undo that a function begins, as long as it has not; the same one that was to end that day goes on."""
    period = _locked(session, period_id)
    if period.begins <= clock.today():
        raise Refused(N_("This has taken effect. End the function instead."), code="in_effect")
    _drop(session, actor, period)
    function = Function(period.function)
    outbox.tell(session, period.person_id, "function.withdrawn", function=function, day=period.begins)
    before = select(FunctionEnding).where(
        FunctionEnding.person_id == period.person_id,
        FunctionEnding.function == period.function,
        FunctionEnding.ends == period.begins,
        FunctionEnding.followed_at.is_(None),
        FunctionEnding.withdrawn_at.is_(None),
    )
    for ending in session.scalars(before):
        _undo_end(session, actor, ending, "withdraw end")


def withdraw_end(session: Session, actor: Actor, ending_id: str) -> None:
    """Undo that a function ends, as long as it has not; it then goes on as it would have."""
    ending = endings.get(session, ending_id)
    if ending.ends <= clock.today():
        raise Refused(N_("This has taken effect. Begin the function anew instead."), code="in_effect")
    _undo_end(session, actor, ending, "withdraw end")
    function = Function(ending.function)
    outbox.tell(session, ending.person_id, "function.ending_withdrawn", function=function, day=ending.ends)


def confirm(session: Session, actor: Actor, ending_id: str) -> None:
    """Say that it is right what an import or SCIM ended: what waited for it follows now (REP-5)."""
    ending = _waiting(session, ending_id)
    permit = _permit(actor, ending.person_id)
    record.act(session, permit, step="confirm end", function=ending.function, ends=str(ending.ends))
    ending.confirmed_at = clock.now()
    session.flush()


def reopen(session: Session, actor: Actor, ending_id: str) -> None:
    """Say that what an import or SCIM ended was a mistake: the function goes on as if it had not (REP-5)."""
    ending = _waiting(session, ending_id)
    _undo_end(session, actor, ending, "reopen")
    function = Function(ending.function)
    outbox.tell(session, ending.person_id, "function.reopened", function=function)


def _warn(session: Session, ending: FunctionEnding) -> None:
    """Tell somebody whose function ends on a day to come; an employee can read their reports until then."""
    if ending.ends > clock.today():
        function = Function(ending.function)
        word = "reports.ending" if function is Function.EMPLOYEE else "function.ending"
        outbox.tell(session, ending.person_id, word, function=function, day=ending.ends)


def _end(session: Session, actor: Actor, period_id: str, ends: date, came_by: CameBy) -> FunctionEnding:
    period = _locked(session, period_id)
    permit = _permit(actor, period.person_id)
    suits.not_over(period)
    suits.not_too_old("ends", ends)
    if ends < period.begins or (ends == period.begins and ends != clock.today()):
        raise Invalid("ends", N_("A function ends after the day on which it begins."))
    function = Function(period.function)
    suits.somebody_stays(session, period, ends)
    record.act(
        session,
        permit,
        step="end",
        function=function.value,
        ends=str(ends),
        was=_word(period.ends),
        by=came_by,
    )
    ending = _set_end(session, actor, period, ends, came_by)
    clashes.refuse(session, period.person_id)
    return ending


def _permit(actor: Actor, person_id: str) -> Permit:
    return policy.permit(actor, Action.PEOPLE_CHANGE, Subject("person", person_id), PersonFacts(person_id))


def _person(session: Session, person_id: str) -> None:
    clashes.lock(session, [person_id])
    if session.get(Person, person_id) is None:
        raise NotFound


def _locked(session: Session, period_id: str) -> FunctionPeriod:
    """A period, with its person locked first: two changes of one person wait for each other."""
    person_id = session.scalar(select(FunctionPeriod.person_id).where(FunctionPeriod.id == period_id))
    if person_id is None:
        raise NotFound
    clashes.lock(session, [person_id])
    period = session.get(FunctionPeriod, period_id, populate_existing=True)
    if period is None:
        raise NotFound
    return period


def _waiting(session: Session, ending_id: str) -> FunctionEnding:
    ending = endings.get(session, ending_id)
    if ending.came_by == CameBy.PERSON.value or ending.confirmed_at or ending.followed_at:
        raise Refused(N_("This does not wait for anybody to confirm it."), code="not_waiting", rule="REP-5")
    return ending


def _set_end(
    session: Session, actor: Actor, period: FunctionPeriod, ends: date, came_by: CameBy
) -> FunctionEnding:
    ending = endings.note(session, actor, period, ends, came_by)
    if ends == period.begins:
        session.delete(period)
    else:
        period.ends = ends
    session.flush()
    return ending


def _drop(session: Session, actor: Actor, period: FunctionPeriod) -> None:
    permit = _permit(actor, period.person_id)
    said = {"function": period.function, "begins": str(period.begins)}
    record.act(session, permit, step="withdraw begin", **said)
    endings.forget(session, [period.id])
    session.delete(period)
    session.flush()


def _undo_end(session: Session, actor: Actor, ending: FunctionEnding, step: str) -> None:
    period = _locked(session, ending.period_id)
    permit = _permit(actor, period.person_id)
    said = {"ends": str(ending.ends), "again": _word(ending.ends_before)}
    record.act(session, permit, step=step, function=period.function, **said)
    ending.withdrawn_at = clock.now()
    period.ends = ending.ends_before
    session.flush()
    if period.ends is not None:
        endings.note(session, actor, period, period.ends)
    clashes.refuse(session, period.person_id)


def _word(day: date | None) -> str | None:
    return str(day) if day else None
