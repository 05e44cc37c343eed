"""The coach's pages of planning: a month's proposal, one employee's dates, number and request; the employee's
own pages are in own_days.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.audit import record
from kcc.coaching import exceptions, unannounced
from kcc.coaching.planned import capacity, dates, queries, rules
from kcc.coaching.planned.forms import (
    DateForm,
    Errors,
    ExceptionForm,
    PlanForm,
    month_word,
    read_month,
    read_parts,
    reason_words,
)
from kcc.coaching.rules import month_of
from kcc.errors import Invalid, Refused
from kcc.people import queries as people
from kcc.stores import Stores
from kcc.wall.rights import Role
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("planned", __name__)


def acting() -> Stores:
    """The stores in kcc's own role: what is planned follows from what the verb permitted, and is locked."""
    return stores().acting(Role.JOBS)


def done(errors: Errors, verb: Callable[[Session], object], fields: dict[str, str] | None = None) -> bool:
    """Whether a verb did it, in one transaction; what it refuses is told beside its field."""
    try:
        with acting().database.write() as session:
            verb(session)
    except Invalid as fault:
        errors.append(((fields or {}).get(fault.field, fault.field), sentence(fault)))
    except Refused as fault:
        errors.append((None, sentence(fault)))
    return not errors


# --- a month for all one's employees ---


@bp.get("/planning")
@needs(Action.COACHING_PLAN)
def month() -> ResponseReturnValue:
    """A month of a coach: who has dates, and a proposal for who has none."""
    return _month_page(_asked_month(), read_parts())


@bp.post("/planning")
@needs(Action.SELECTION_PLAN)
def confirm() -> ResponseReturnValue:
    """Set the proposed days as they stand in the form."""
    form, set_dates = PlanForm.read(request.form), list[int]()
    chosen = form.values()
    if chosen is None or not done(
        form.errors,
        lambda session: set_dates.append(dates.add_all(session, actor(), stores().settings, chosen)),
    ):
        return _month_page(_asked_month(), read_parts(), form=form), 422
    said = ngettext("%(num)d date is set.", "%(num)d dates are set.", set_dates[0])
    flash(said if set_dates[0] else gettext("They have a date in this month already: nothing was changed."))
    return redirect(url_for("planned.month", month=month_word(_asked_month())), 303)


@bp.post("/planning/capacity")
@needs(Action.COACHING_PLAN)
def set_capacity() -> ResponseReturnValue:
    """Say how many employees fit in a day."""
    typed = request.form.get("capacity", "").strip()
    errors: Errors = []
    number = int(typed) if typed.isdecimal() and len(typed) < 4 else 0
    if not done(errors, lambda session: capacity.set_capacity(session, actor(), number)):
        return _month_page(_asked_month(), read_parts(), errors=errors, typed=typed), 422
    flash(gettext("The number is kept. The proposal below is made anew."))
    return redirect(url_for("planned.month", month=month_word(_asked_month()), dates=read_parts()), 303)


def _asked_month() -> date:
    this, following = rules.months(clock.today())
    return read_month(this, following, this)


def _month_page(
    asked: date,
    parts: int,
    form: PlanForm | None = None,
    errors: Errors | None = None,
    typed: str | None = None,
) -> str:
    with stores().database.write() as session:
        plan = capacity.propose(session, actor(), stores().settings, asked, parts)
    wrong = [*(form.errors if form else []), *(errors or [])]
    this, following = rules.months(clock.today())
    return render(
        "coaching/planned/month.html",
        plan.permit.reason,
        plan=plan,
        parts=parts,
        typed=form.typed if form else None,
        capacity=plan.capacity if typed is None else typed,
        errors=wrong,
        fault=dict(wrong),
        months=[(one, month_word(one)) for one in (this, following)],
        here=month_word(asked),
    )


# --- one employee ---


@bp.get("/coached/<employee_id>")
@needs(Action.SELECTION_PLAN)
def employee(employee_id: str) -> ResponseReturnValue:
    """One employee's dates, number of calls, and what they asked."""
    return _employee_page(employee_id)


@bp.post("/coached/<employee_id>/dates")
@needs(Action.SELECTION_PLAN)
def add(employee_id: str) -> ResponseReturnValue:
    """Set a date."""
    form = DateForm.read(request.form)
    chosen = form.values()
    if chosen is None or not done(
        form.errors,
        lambda session: dates.add(session, actor(), stores().settings, employee_id, *chosen),
    ):
        return _employee_page(employee_id, form.errors, day=form.day, calls=form.calls), 422
    return _back(employee_id, gettext("The date is set."))


@bp.post("/coached/<employee_id>/dates/<selection_id>/move")
@needs(Action.SELECTION_PLAN)
def move(employee_id: str, selection_id: str) -> ResponseReturnValue:
    """Move a date within its month."""
    form, name = DateForm.read(request.form), f"day-{selection_id}"
    chosen = form.values(name)
    if chosen is None or not done(
        form.errors,
        lambda session: dates.move(session, actor(), stores().settings, selection_id, chosen[0]),
        {"day": name},
    ):
        return _employee_page(employee_id, form.errors, moved={selection_id: form.day}), 422
    return _back(employee_id, gettext("The date has moved."))


@bp.post("/coached/<employee_id>/dates/<selection_id>/withdraw")
@needs(Action.SELECTION_PLAN)
def withdraw(employee_id: str, selection_id: str) -> ResponseReturnValue:
    """Withdraw a date."""
    errors: Errors = []
    if not done(errors, lambda session: dates.withdraw(session, actor(), selection_id)):
        return _employee_page(employee_id, errors), 409
    return _back(employee_id, gettext("The date is withdrawn."))


@bp.post("/coached/<employee_id>/answer")
@needs(Action.UNANNOUNCED_ANSWER)
def answer(employee_id: str) -> ResponseReturnValue:
    """Agree that dates are not announced, or say why not (ANN-2)."""
    given, reason = request.form.get("agree", ""), request.form.get("why", "")
    errors: Errors = [] if given in ("yes", "no") else [("agree", gettext("Choose yes or no."))]
    if errors or not done(
        errors,
        lambda session: unannounced.answer(
            session, stores().keys, actor(), employee_id, agree=given == "yes", reason=reason
        ),
        {"reason": "why"},
    ):
        return _employee_page(employee_id, errors, agree=given, why=reason), 422
    return _back(employee_id, gettext("Your answer is kept, and told."))


@bp.post("/coached/<employee_id>/exceptions")
@needs(Action.EXCEPTION_SET)
def make_exception(employee_id: str) -> ResponseReturnValue:
    """Raise or lower the number of calls for a time (SAM-2)."""
    form = ExceptionForm.read(request.form)
    wanted = form.values()
    if wanted is None or not done(
        form.errors,
        lambda session: exceptions.make(
            session, stores().keys, actor(), stores().settings, employee_id, wanted
        ),
    ):
        return _employee_page(employee_id, form.errors, exception=form), 422
    return _back(employee_id, gettext("The number is changed, and told."))


@bp.post("/coached/<employee_id>/exceptions/<exception_id>/end")
@needs(Action.EXCEPTION_SET)
def end_exception(employee_id: str, exception_id: str) -> ResponseReturnValue:
    """End another number of calls early."""
    errors: Errors = []
    if not done(errors, lambda session: exceptions.end(session, actor(), stores().settings, exception_id)):
        return _employee_page(employee_id, errors), 409
    return _back(employee_id, gettext("The usual number holds again, and that is told."))


def _back(employee_id: str, told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(url_for("planned.employee", employee_id=employee_id), 303)


def _employee_page(employee_id: str, errors: Errors | None = None, **typed: Any) -> str:
    today, settings = clock.today(), stores().settings
    with stores().database.write() as session:
        facts = queries.coached(session, employee_id)
        subject = policy.Subject("person", employee_id)
        permit = policy.permit(actor(), Action.SELECTION_PLAN, subject, facts)
        record.act(session, permit, step="looked")
        this, following = rules.months(today)
        found = queries.dates_of(session, [employee_id], this, following)[employee_id]
        held = queries.exceptions_of(session, employee_id, month_of(today))
        agreement = queries.open_agreements(session, [employee_id]).get(employee_id)
        context = {
            "name": people.names(session, [employee_id]).get(employee_id, ""),
            "stands": agreement is not None and queries.stands(session, agreement, today),
            "asks": agreement is not None and agreement.agreed is None,
            "agreement": agreement,
            "limit": queries.limit(session, employee_id, settings.limits),
            "monitored": bool(people.speaking(session, [employee_id], today)),
        }
    return render(
        "coaching/planned/employee.html",
        permit.reason,
        employee_id=employee_id,
        dates=found,
        exceptions=held,
        explained=exceptions.explanations(stores().keys, held),
        reasons=reason_words(),
        today=today,
        first=rules.earliest(today, settings.sampling),
        limits=settings.limits,
        longest=rules.LONGEST,
        errors=errors,
        fault=dict(errors or []),
        typed=typed,
        exception=typed.get("exception") or ExceptionForm(),
        **context,
    )
