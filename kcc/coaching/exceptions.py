"""Raising or lowering an employee's number of calls for a time: four reasons, dated, told (SAM-2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.model import SelectionDate
from kcc.coaching.planned import queries, rules, texts
from kcc.coaching.planned.model import QuotaException
from kcc.coaching.planned.rules import ExceptionReason
from kcc.coaching.turns import alone
from kcc.config import Settings
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.notices import outbox
from kcc.sections import Limits
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Wanted:
    """Another number of calls a month as a coach asks for it; `last` is its last day."""

    reason: str
    explanation: str
    calls: int
    begins: date
    last: date


def make(
    session: Session, keys: KeyStore, actor: Actor, settings: Settings, employee_id: str, wanted: Wanted
) -> QuotaException:
    """Raise or lower the number for an employee whom the actor coaches; the employee is told (SAM-2).

    It holds for draws that are not frozen yet. Invalid names the field; Refused where another exception
    overlaps.
    """
    alone(session, SelectionDate)
    exception_id = new_id()
    permit = _permit(session, actor, exception_id, employee_id)
    _check(wanted, settings.limits)
    ends = wanted.last + timedelta(days=1)
    overlapping = queries.exceptions_of(session, employee_id, wanted.begins)
    if any(one.begins < ends for one in overlapping):
        raise Refused(
            N_("Another number already holds in a part of this time. End that first."), rule="SAM-2"
        )
    said = {"employee": employee_id, "reason": wanted.reason, "calls": wanted.calls}
    record.act(session, permit, step="made", begins=str(wanted.begins), ends=str(ends), **said)
    made = QuotaException(
        id=exception_id,
        employee_id=employee_id,
        coach_id=actor.person_id,
        reason=ExceptionReason(wanted.reason).value,
        explanation=texts.seal(keys, texts.EXPLANATION, exception_id, wanted.explanation.strip()),
        calls=wanted.calls,
        begins=wanted.begins,
        ends=ends,
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    begins, last = wanted.begins, wanted.last
    outbox.tell(session, employee_id, "exception.made", day=begins, last=last, count=wanted.calls)
    return made


def end(session: Session, actor: Actor, settings: Settings, exception_id: str) -> None:
    """End an exception today; one that begins today or later is taken back. The employee is told.

    What was drawn under it stays. Refused when it is over.
    """
    alone(session, SelectionDate)
    found = session.get(QuotaException, exception_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    permit = _permit(session, actor, exception_id, found.employee_id)
    today = clock.today()
    if found.withdrawn_at is not None or found.ends <= today:
        raise Refused(N_("This does not hold any more."), code="over", rule="SAM-2")
    record.act(session, permit, step="ended", employee=found.employee_id)
    _close(found, today)
    session.flush()
    count = settings.limits.calls_per_month
    outbox.tell(session, found.employee_id, "exception.ended", count=count)


def end_with_function(session: Session, actor: Actor, employee_id: str, ends: date) -> None:
    """End somebody's exceptions with their function as employee; the number is nobody's then."""
    for found in queries.exceptions_of(session, employee_id, ends):
        permit = policy.permit(actor, Action.SELECTION_ANNOUNCE, Subject("exception", found.id))
        record.act(session, permit, step="exception over", employee=employee_id)
        _close(found, ends)
    session.flush()


def explanations(keys: KeyStore, found: Collection[QuotaException]) -> dict[str, str | None]:
    """What was explained, by the exceptions' ids; None where it is erased."""
    return {one.id: texts.read(keys, texts.EXPLANATION, one.id, one.explanation) for one in found}


def _close(found: QuotaException, day: date) -> None:
    if found.begins >= day:
        found.withdrawn_at = clock.now()
    else:
        found.ends, found.ended_at = day, clock.now()


def _check(wanted: Wanted, limits: Limits) -> None:
    if wanted.reason not in set(ExceptionReason):
        raise Invalid("reason", N_("Choose one of the four reasons."))
    text = wanted.explanation.strip()
    if not text:
        raise Invalid("explanation", N_("Explain it: the employee reads it."))
    if len(text) > rules.LONGEST:
        raise Invalid("explanation", N_("Use at most %(most)d characters."), most=rules.LONGEST)
    if not 0 <= wanted.calls <= limits.calls_with_exception:
        message = N_("Choose a number from 0 to %(most)d.")
        raise Invalid("number", message, most=limits.calls_with_exception)
    if wanted.calls == limits.calls_per_month:
        raise Invalid("number", N_("This is the number that holds already."))
    _check_days(wanted, limits)


def _check_days(wanted: Wanted, limits: Limits) -> None:
    if wanted.begins < clock.today():
        raise Invalid("begins", N_("Choose today or a later day."))
    if wanted.last < wanted.begins:
        raise Invalid("last", N_("The last day lies before the first."))
    if (wanted.last - wanted.begins).days >= limits.exception_days:
        message = N_("It holds for at most %(days)d days. Choose an earlier last day.")
        raise Invalid("last", message, days=limits.exception_days)


def _permit(session: Session, actor: Actor, exception_id: str, employee_id: str) -> Permit:
    facts = queries.coached(session, employee_id)
    return policy.permit(actor, Action.EXCEPTION_SET, Subject("exception", exception_id), facts)
