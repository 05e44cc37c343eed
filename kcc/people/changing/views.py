"""The administrator's pages that begin, change, end and undo functions, each warned of what follows first;
finding people lives in staff, coaches in pairing.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.access.facts import PersonFacts
from kcc.errors import Invalid, NotFound, Refused
from kcc.people import endings, functions, queries
from kcc.people.changing.forms import EndForm, FunctionForm, FunctionValues
from kcc.people.forms import Errors
from kcc.people.rules import HELD_BY_PEOPLE
from kcc.people.staff import queries as staff
from kcc.people.staff.queries import Course, HeldPeriod
from kcc.wall.rights import Role
from kcc.web import pages
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("changing", __name__)


@bp.get("/people/<person_id>/functions/new")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def begin_form(person_id: str) -> ResponseReturnValue:
    """The form to let somebody hold a function."""
    return _function_page(course_of(person_id), FunctionForm(begins=clock.today().isoformat()))


@bp.post("/people/<person_id>/functions/new")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def begin(person_id: str) -> ResponseReturnValue:
    """Let somebody hold a function."""
    course, form = course_of(person_id), FunctionForm.read(request.form)
    values = form.values()
    if values is None or not done(form.errors, lambda session: _begin(session, person_id, values)):
        return _function_page(course, form), 422
    flash(gettext("The function has been registered."))
    return back(person_id)


@bp.get("/people/<person_id>/functions/<period_id>/change")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def change_form(person_id: str, period_id: str) -> ResponseReturnValue:
    """The form to let a function pass into another, or into another team."""
    course = course_of(person_id)
    held = _held(course, period_id)
    form = FunctionForm(
        held.function.value,
        held.team_id or "",
        held.department_id or "",
        held.customer_calls,
        clock.today().isoformat(),
    )
    return _function_page(course, form, held)


@bp.post("/people/<person_id>/functions/<period_id>/change")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def change(person_id: str, period_id: str) -> ResponseReturnValue:
    """End a function and begin another on the same day, in one."""
    course, form = course_of(person_id), FunctionForm.read(request.form)
    held, values = _held(course, period_id), form.values()
    if values is None:
        return _function_page(course, form, held), 422
    follows = _follows(person_id, held, values.begins) if values.function is not held.function else None
    if follows and form.understood != _read_for(values.begins):
        form.errors.append(("understood", gettext("Read what this does, and say that you mean it.")))
        return _function_page(course, form, held, follows), 422
    if not done(form.errors, lambda session: _change(session, period_id, values)):
        return _function_page(course, form, held, follows), 422
    flash(gettext("The change has been registered."))
    return back(person_id)


@bp.get("/people/<person_id>/functions/<period_id>/end")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def end_form(person_id: str, period_id: str) -> ResponseReturnValue:
    """The form to end a function, with what would follow if it ended today."""
    course = course_of(person_id)
    held = _held(course, period_id)
    today = max(clock.today(), held.begins)
    return _end_page(course, held, EndForm(today.isoformat()), _follows(person_id, held, today))


@bp.post("/people/<person_id>/functions/<period_id>/end")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def end(person_id: str, period_id: str) -> ResponseReturnValue:
    """End a function, once whoever enters it has read what follows (REP-5)."""
    course, form = course_of(person_id), EndForm.read(request.form)
    held, day = _held(course, period_id), form.day()
    if day is None:
        return _end_page(course, held, form, None), 422
    follows = _follows(person_id, held, day)
    if follows and form.understood != _read_for(day):
        form.errors.append(("understood", gettext("Read what this does, and say that you mean it.")))
        return _end_page(course, held, form, follows), 422
    if not done(form.errors, lambda session: functions.end(session, actor(), period_id, day)):
        return _end_page(course, held, form, follows), 422
    flash(gettext("The end has been registered. It can be undone until it has taken effect."))
    return back(person_id)


@bp.post("/people/<person_id>/functions/<period_id>/undo")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def undo_begin(person_id: str, period_id: str) -> ResponseReturnValue:
    """Undo that a function begins, as long as it has not."""
    _held(course_of(person_id), period_id)
    return undone(person_id, lambda session: functions.withdraw_begin(session, actor(), period_id))


@bp.post("/people/<person_id>/endings/<ending_id>/undo")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def undo_end(person_id: str, ending_id: str) -> ResponseReturnValue:
    """Undo that a function ends, as long as it has not."""
    _ending(person_id, ending_id)
    return undone(person_id, lambda session: functions.withdraw_end(session, actor(), ending_id))


@bp.post("/people/<person_id>/endings/<ending_id>/confirm")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def confirm(person_id: str, ending_id: str) -> ResponseReturnValue:
    """What an import or SCIM ended is right: what waited for this follows now (REP-5)."""
    _ending(person_id, ending_id)
    return undone(
        person_id,
        lambda session: functions.confirm(session, actor(), ending_id),
        gettext("The end has been confirmed. What follows from it is being done."),
    )


@bp.post("/people/<person_id>/endings/<ending_id>/reopen")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def reopen(person_id: str, ending_id: str) -> ResponseReturnValue:
    """What an import or SCIM ended was a mistake: the function goes on."""
    _ending(person_id, ending_id)
    return undone(
        person_id,
        lambda session: functions.reopen(session, actor(), ending_id),
        gettext("The function goes on. Put it right in the system that ended it as well."),
    )


def _begin(session: Session, person_id: str, values: FunctionValues) -> None:
    functions.begin(
        session,
        actor(),
        person_id,
        values.function,
        values.begins,
        team_id=values.team_id,
        department_id=values.department_id,
        customer_calls=values.customer_calls,
        ends=values.ends,
    )


def _change(session: Session, period_id: str, values: FunctionValues) -> None:
    functions.change(
        session,
        actor(),
        period_id,
        values.begins,
        function=values.function,
        team_id=values.team_id,
        department_id=values.department_id,
        customer_calls=values.customer_calls,
    )


def done(
    errors: Errors, act: Callable[[Session], object], field_of: Callable[[str], str] = lambda field: field
) -> bool:
    """Whether an act went through; else why not stands with the errors, `field_of` naming the form's fields.

    What follows from it is done at once.
    """
    try:
        with stores().database.write() as session:
            act(session)
    except Invalid as fault:
        errors.append((field_of(fault.field), sentence(fault)))
        return False
    except Refused as fault:
        errors.append(("", _with_rule(fault)))
        return False
    current_app.extensions[endings.FOLLOW](stores())
    return True


def _with_rule(fault: Refused) -> str:
    said = sentence(fault)
    return f"{said} ({fault.rule})" if fault.rule and fault.rule not in said else said


def undone(person_id: str, act: Callable[[Session], object], said: str | None = None) -> ResponseReturnValue:
    """Undo something, and tell on the person's page that it was, or why it was not."""
    errors: Errors = []
    went = done(errors, act)
    flash((said or gettext("That has been undone.")) if went else errors[0][1])
    return back(person_id)


def back(person_id: str) -> ResponseReturnValue:
    """To the person's page."""
    return redirect(url_for("staff.person", person_id=person_id), 303)


def course_of(person_id: str) -> Course:
    """The person whom the page is about; nobody changes their own functions (ACC-6)."""
    policy.permit(actor(), Action.PEOPLE_CHANGE, policy.Subject("person", person_id), PersonFacts(person_id))
    with stores().database.read() as session:
        return staff.course(session, person_id)


def _held(course: Course, period_id: str) -> HeldPeriod:
    found = next((one for one in course.functions if one.id == period_id), None)
    if found is None:
        raise NotFound
    return found


def _ending(person_id: str, ending_id: str) -> None:
    course_of(person_id)
    with stores().database.read() as session:
        if ending_id not in {one.id for one in endings.of_person(session, person_id)}:
            raise NotFound


def _follows(person_id: str, held: HeldPeriod, day: date) -> Any:
    """What would follow if a function ended that day, in counts (coaching.succession); None for nothing."""
    ask = current_app.extensions[endings.CONSEQUENCES]
    with stores().acting(Role.JOBS).database.read() as session:
        found = ask(session, person_id, held.function, day)
    return found if found.any else None


def _read_for(day: date) -> str:
    """What the box says that was ticked: another day is warned about anew."""
    return day.isoformat()


def _function_page(
    course: Course, form: FunctionForm, held: HeldPeriod | None = None, follows: Any = None
) -> str:
    with stores().database.read() as session:
        teams, departments = queries.teams_and_departments(session)
    words = [(one.value, gettext(word)) for one, word in pages.FUNCTIONS.items() if one in HELD_BY_PEOPLE]
    return render(
        "people/function.html",
        _why(course),
        person=course,
        held=held,
        form=form,
        functions=[("", gettext("choose")), *words],
        teams=[("", gettext("none")), *teams],
        departments=[("", gettext("none")), *departments],
        follows=follows,
        errors=form.errors,
        fault=dict(form.errors),
        employee=Function.EMPLOYEE.value,
    )


def _end_page(course: Course, held: HeldPeriod, form: EndForm, follows: Any) -> str:
    return render(
        "people/end_function.html",
        _why(course),
        person=course,
        held=held,
        form=form,
        follows=follows,
        errors=form.errors,
        fault=dict(form.errors),
    )


def _why(course: Course) -> str:
    subject, facts = policy.Subject("person", course.id), PersonFacts(course.id)
    return policy.permit(actor(), Action.PEOPLE_CHANGE, subject, facts).reason
