"""Setting, moving and withdrawing selection dates by hand (SAM-1, ANN-1); the job's own dates are planning's.

Nobody steers a draw by it: a date stays in its month, is changed before its day begins and never to one for
which there is no time to announce it; what its pool holds nobody here sees.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, system
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.model import SelectionDate
from kcc.coaching.planned import queries, rules, telling
from kcc.coaching.rules import SelectionState, month_of
from kcc.coaching.turns import alone
from kcc.config import Settings
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.people import queries as people


def add(
    session: Session, actor: Actor, settings: Settings, employee_id: str, day: date, calls: int | None = None
) -> SelectionDate:
    """Set a date for an employee whom the actor coaches; announced at once, unless they agreed otherwise.

    Invalid names "day" or "calls"; Refused where the month has no room for it (SAM-1), or nobody may monitor
    this employee on that day (SAM-8).
    """
    alone(session, SelectionDate)
    agreement = queries.standing(session, [employee_id], clock.today()).get(employee_id)
    selection_id = new_id()
    permit = _permit(session, actor, selection_id, employee_id, told=agreement is None)
    _day_in_time(day, settings)
    _monitored(session, employee_id, day)
    others = queries.dates_of(session, [employee_id], month_of(day), month_of(day))[employee_id]
    limit = _room(session, settings, employee_id, day, calls, others)
    said = {"employee": employee_id, "day": str(day), "calls": calls, "announced": agreement is None}
    record.act(session, permit, step="set", **said)
    selection = SelectionDate(
        id=selection_id,
        employee_id=employee_id,
        month=month_of(day),
        ordinal=queries.next_ordinal(session, employee_id, month_of(day)),
        day=day,
        announced_at=clock.now() if agreement is None else None,
        agreement_id=agreement,
        calls=calls,
        planned_by_id=actor.person_id,
    )
    session.add(selection)
    session.flush()
    if agreement is None:
        telling.announced(session, selection, _most(limit, calls))
    return selection


def add_all(session: Session, actor: Actor, settings: Settings, chosen: Mapping[str, Sequence[date]]) -> int:
    """Set the days of a proposal, by employee; who has a date in that month by now is left out.

    Several days share the month's calls as equally as can be; where there are more of them than calls, the
    last ones are left out. Answers how many dates were set; Invalid names "day-<employee>-<place>".
    """
    alone(session, SelectionDate)
    days = {employee_id: sorted(of_one) for employee_id, of_one in chosen.items() if of_one}
    if not days:
        return 0
    months = [month_of(day) for of_one in days.values() for day in of_one]
    there = queries.dates_of(session, days.keys(), min(months), max(months))
    done = 0
    for employee_id, of_one in days.items():
        if not any(one.month in months for one in there[employee_id]):
            done += _add_each(session, actor, settings, employee_id, of_one, list(chosen[employee_id]))
    return done


def _add_each(
    session: Session,
    actor: Actor,
    settings: Settings,
    employee_id: str,
    days: Sequence[date],
    typed: Sequence[date],
) -> int:
    limit = queries.quotas(session, [employee_id], days[0], settings.limits)[employee_id].limit
    shares: list[int | None] = [*rules.shares(limit, len(days))] if len(days) > 1 else [None]
    done = 0
    for day, calls in zip(days, shares, strict=True):
        if calls == 0:
            continue
        try:
            add(session, actor, settings, employee_id, day, calls)
        except Invalid as fault:
            fault.field = f"day-{employee_id}-{typed.index(day) + 1}"
            raise
        done += 1
    return done


def move(session: Session, actor: Actor, settings: Settings, selection_id: str, day: date) -> SelectionDate:
    """Move a date to another day of its month, in time to announce it; the employee is told of both days.

    Where they agreed meanwhile not to announce, what was announced is withdrawn and the new day not told.
    """
    alone(session, SelectionDate)
    selection = _changeable(session, selection_id)
    employee_id = selection.employee_id
    permit = _permit(session, actor, selection_id, employee_id, told=selection.announced_at is not None)
    _still_to_come(selection)
    _day_in_time(day, settings)
    _monitored(session, employee_id, day)
    if month_of(day) != selection.month:
        raise Invalid("day", N_("Choose a day in the same month: a selection counts in its own month."))
    if day == selection.day:
        raise Invalid("day", N_("It is on that day already."))
    others = queries.dates_of(session, [employee_id], selection.month, selection.month)[employee_id]
    if any(one.day == day for one in others):
        raise Invalid("day", N_("There is a selection on that day already."))
    if selection.announced_at is not None and queries.standing(session, [employee_id], clock.today()):
        calls = selection.calls
        withdraw(session, actor, selection_id)
        return add(session, actor, settings, employee_id, day, calls)
    record.act(session, permit, step="moved", employee=employee_id, was=str(selection.day), day=str(day))
    _to(session, selection, day, settings)
    return selection


def withdraw(session: Session, actor: Actor, selection_id: str) -> None:
    """Withdraw a date before its day; kcc proposes none in its place."""
    alone(session, SelectionDate)
    selection = _changeable(session, selection_id)
    told = selection.announced_at is not None
    permit = _permit(session, actor, selection_id, selection.employee_id, told=told)
    _still_to_come(selection)
    record.act(session, permit, step="withdrawn", employee=selection.employee_id, day=str(selection.day))
    _withdrawn(session, selection)


def release(session: Session, employee_id: str, settings: Settings) -> None:
    """Announce what was fixed under an agreement that is over, as part of ending it (ANN-1).

    For what is too near to be announced in time the next free working day is taken; without one left in the
    month it does not take place.
    """
    alone(session, SelectionDate)
    for selection in list(session.scalars(_unannounced(employee_id))):
        permit = policy.permit(
            system("announce"), Action.SELECTION_ANNOUNCE, Subject("selection", selection.id)
        )
        day = _next_day(session, selection, settings)
        record.act(session, permit, step="announced", employee=employee_id, day=str(day) if day else None)
        if day is None:
            _withdrawn(session, selection)
            continue
        selection.announced_at, selection.day = clock.now(), day
        limit = queries.quotas(session, [employee_id], day, settings.limits)[employee_id].limit
        telling.announced(session, selection, _most(limit, selection.calls))
    session.flush()


def _unannounced(employee_id: str) -> Select[SelectionDate]:
    fixed = select(SelectionDate).where(
        SelectionDate.employee_id == employee_id,
        SelectionDate.state == SelectionState.ANNOUNCED.value,
        SelectionDate.announced_at.is_(None),
    )
    return fixed.with_for_update().execution_options(populate_existing=True)


def _next_day(session: Session, selection: SelectionDate, settings: Settings) -> date | None:
    first = rules.earliest(clock.today(), settings.sampling)
    if selection.day >= first:
        return selection.day
    of_month = queries.dates_of(session, [selection.employee_id], selection.month, selection.month)
    taken = {one.day for one in of_month[selection.employee_id]}
    working = rules.working_days(selection.month, first, settings.sampling)
    return next((day for day in working if day not in taken), None)


def _to(session: Session, selection: SelectionDate, day: date, settings: Settings) -> None:
    was, selection.day = selection.day, day
    selection.sequence += 1
    session.flush()
    if selection.announced_at is not None:
        employee_id = selection.employee_id
        limit = queries.quotas(session, [employee_id], day, settings.limits)[employee_id].limit
        telling.moved(session, selection, was, _most(limit, selection.calls))


def _withdrawn(session: Session, selection: SelectionDate) -> None:
    selection.state = SelectionState.WITHDRAWN.value
    selection.sequence += 1
    session.flush()
    if selection.announced_at is not None:
        telling.withdrawn(session, selection)


def _changeable(session: Session, selection_id: str) -> SelectionDate:
    found = session.get(SelectionDate, selection_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _still_to_come(selection: SelectionDate) -> None:
    """On its day the pool is frozen: from then on nobody chooses any more (SAM-3)."""
    if selection.state != SelectionState.ANNOUNCED.value:
        raise Refused(N_("This selection has been held or withdrawn already."), rule="SAM-3")
    if selection.day <= clock.today():
        raise Refused(N_("On its day a selection is neither moved nor withdrawn."), rule="SAM-3")


def _day_in_time(day: date, settings: Settings) -> None:
    first = rules.earliest(clock.today(), settings.sampling)
    if day < first:
        days = settings.sampling.announce_days
        message = N_("Choose a later day: a selection is announced at least %(days)d days beforehand.")
        raise Invalid("day", message, days=days)
    if month_of(day) not in rules.months(clock.today()):
        raise Invalid("day", N_("Choose a day in this month or the next."))


def _monitored(session: Session, employee_id: str, day: date) -> None:
    if not people.speaking(session, [employee_id], day):
        raise Refused(N_("This employee's function includes no customer calls on that day."), rule="SAM-8")


def _room(
    session: Session,
    settings: Settings,
    employee_id: str,
    day: date,
    calls: int | None,
    others: Sequence[SelectionDate],
) -> int:
    """The month's limit, with room in it for this date beside the others (SAM-1)."""
    limit = queries.quotas(session, [employee_id], day, settings.limits)[employee_id].limit
    if any(one.day == day for one in others):
        raise Invalid("day", N_("There is a selection on that day already."))
    planned = sum(one.calls or 1 for one in others)
    if calls is not None and not 1 <= calls <= max(1, limit - planned):
        message = N_("Choose between 1 and %(most)d calls: the others of this month are planned already.")
        raise Invalid("calls", message, most=max(1, limit - planned))
    if planned >= limit:
        raise Refused(N_("This month has no room for another selection date."), rule="SAM-1")
    return limit


def _most(limit: int, calls: int | None) -> int:
    return limit if calls is None else min(limit, calls)


def _permit(session: Session, actor: Actor, selection_id: str, employee_id: str, *, told: bool) -> Permit:
    facts = queries.coached(session, employee_id, told=told)
    return policy.permit(actor, Action.SELECTION_PLAN, Subject("selection", selection_id), facts)
