"""Reading what planning keeps: coming dates, agreements, exceptions, capacities; writes nothing."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import CoachedFacts
from kcc.coaching.model import SelectionDate
from kcc.coaching.planned.model import CoachCapacity, QuotaException, UnannouncedAgreement
from kcc.coaching.rules import SelectionState
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.sections import Limits

LIVE = (SelectionState.ANNOUNCED.value, SelectionState.COMMITTED.value, SelectionState.DRAWN.value)
"""A date in one of these takes part in its month; all others gave no calls and never will."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many calls a month holds at most on a day, and the exception that says so, if one does."""

    limit: int
    exception_id: str | None = None


def coached(session: Session, employee_id: str, *, told: bool = True) -> CoachedFacts:
    """Who coaches somebody now, as the policy wants to know it; of a stranger nobody does."""
    return CoachedFacts(employee_id, people.coaches_of(session, employee_id, clock.today()), told)


# --- the number of calls (SAM-1, SAM-2) ---


def quotas(session: Session, employee_ids: Collection[str], day: date, limits: Limits) -> dict[str, Quota]:
    """The number of calls for each employee's month, as it stands on a day."""
    found = dict.fromkeys(employee_ids, Quota(limits.calls_per_month))
    query = select(QuotaException).where(in_force(day))
    if len(employee_ids) <= people.AT_ONCE:
        query = query.where(QuotaException.employee_id.in_(employee_ids))
    most = max(limits.calls_per_month, limits.calls_with_exception)
    for one in session.scalars(query):
        if one.employee_id in found:
            found[one.employee_id] = Quota(min(one.calls, most), one.id)
    return found


def limit(session: Session, employee_id: str, limits: Limits) -> int:
    """How many calls may stand in an employee's month today."""
    return quotas(session, [employee_id], clock.today(), limits)[employee_id].limit


def in_force(day: date) -> ColumnElement[bool]:
    """The condition that an exception is in force on a day."""
    standing = QuotaException.withdrawn_at.is_(None)
    return and_(standing, QuotaException.begins <= day, QuotaException.ends > day)


def exceptions_of(session: Session, employee_id: str, since: date) -> list[QuotaException]:
    """An employee's exceptions that end after a day, in their order; those taken back are none."""
    query = select(QuotaException).where(
        QuotaException.employee_id == employee_id,
        QuotaException.ends > since,
        QuotaException.withdrawn_at.is_(None),
    )
    return list(session.scalars(query.order_by(QuotaException.begins)))


def exceptions_on(session: Session, employee_ids: Collection[str], day: date) -> dict[str, QuotaException]:
    """The exceptions in force on a day, by employee."""
    query = select(QuotaException).where(in_force(day), QuotaException.employee_id.in_(employee_ids))
    return {one.employee_id: one for one in session.scalars(query)}


# --- dates ---


def coming(session: Session, employee_id: str, today: date) -> list[SelectionDate]:
    """The dates an employee knows of from today on: announced, or withdrawn after that (ANN-1, ANN-2)."""
    query = select(SelectionDate).where(
        SelectionDate.employee_id == employee_id,
        SelectionDate.announced_at.is_not(None),
        SelectionDate.state.in_((SelectionState.ANNOUNCED.value, SelectionState.WITHDRAWN.value)),
        SelectionDate.day >= today,
    )
    return list(session.scalars(query.order_by(SelectionDate.day, SelectionDate.ordinal)))


def own_date(session: Session, employee_id: str, selection_id: str) -> SelectionDate:
    """A date that an employee knows of; NotFound for any other."""
    found = session.get(SelectionDate, selection_id)
    if found is None or found.employee_id != employee_id or found.announced_at is None:
        raise NotFound
    return found


def dates_of(
    session: Session, employee_ids: Collection[str], first: date, last: date
) -> dict[str, list[SelectionDate]]:
    """The live dates of employees in the months from one to another, by employee, in their order."""
    query = select(SelectionDate).where(
        SelectionDate.employee_id.in_(employee_ids),
        SelectionDate.month.between(first, last),
        SelectionDate.state.in_(LIVE),
    )
    found: dict[str, list[SelectionDate]] = {employee_id: [] for employee_id in employee_ids}
    for one in session.scalars(query.order_by(SelectionDate.day, SelectionDate.ordinal)):
        found[one.employee_id].append(one)
    return found


def load(dates: dict[str, list[SelectionDate]]) -> Counter[date]:
    """How many employees have a date on each day."""
    return Counter(one.day for of_one in dates.values() for one in of_one)


def next_ordinal(session: Session, employee_id: str, month: date) -> int:
    """The number of an employee's next date in a month, withdrawn ones counted."""
    query = select(func.max(SelectionDate.ordinal)).where(
        SelectionDate.employee_id == employee_id, SelectionDate.month == month
    )
    return (session.scalar(query) or 0) + 1


def capacity(session: Session, coach_id: str) -> int | None:
    """How many employees a coach said fit in a day; None when they have not said."""
    return session.scalar(select(CoachCapacity.employees_a_day).where(CoachCapacity.coach_id == coach_id))


# --- agreements not to announce (ANN-2) ---


def open_agreements(session: Session, employee_ids: Collection[str]) -> dict[str, UnannouncedAgreement]:
    """What each employee asked, waiting or agreed; whether an agreement still stands says `standing`."""
    if not employee_ids:
        return {}
    query = select(UnannouncedAgreement).where(UnannouncedAgreement.ended_at.is_(None))
    if len(employee_ids) <= people.AT_ONCE:
        query = query.where(UnannouncedAgreement.employee_id.in_(employee_ids))
    wanted = set(employee_ids)
    return {one.employee_id: one for one in session.scalars(query) if one.employee_id in wanted}


def latest_agreement(session: Session, employee_id: str) -> UnannouncedAgreement | None:
    """What an employee asked last, whatever became of it."""
    query = select(UnannouncedAgreement).where(UnannouncedAgreement.employee_id == employee_id)
    ordered = query.order_by(UnannouncedAgreement.asked_at.desc(), UnannouncedAgreement.id).limit(1)
    return session.scalars(ordered).first()


def stands(session: Session, agreement: UnannouncedAgreement, day: date) -> bool:
    """Whether an agreement holds on a day: agreed, not over, and the coach who agreed coaches them still."""
    if not agreement.agreed or agreement.ended_at is not None:
        return False
    return agreement.coach_id in people.coaches_of(session, agreement.employee_id, day)


def standing(session: Session, employee_ids: Collection[str], day: date) -> dict[str, str]:
    """The agreements that hold on a day: their id, by employee."""
    found = open_agreements(session, employee_ids)
    return {employee: one.id for employee, one in found.items() if stands(session, one, day)}
