"""The administrator's pages of who coaches whom: assigning, ending, undoing, naming a successor (REP-6)."""

from datetime import date

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.facts import PersonFacts
from kcc.errors import NotFound
from kcc.people import assignments, queries
from kcc.people.changing.views import back, course_of, done, undone
from kcc.people.pairing.forms import CoachForm
from kcc.people.staff import queries as staff
from kcc.people.staff.queries import Coached, Course
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("pairing", __name__)


@bp.get("/people/<person_id>/coach")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def assign_form(person_id: str) -> ResponseReturnValue:
    """The form to give an employee a coach."""
    return _page("people/coach.html", course_of(person_id), CoachForm(day=clock.today().isoformat()))


@bp.post("/people/<person_id>/coach")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def assign(person_id: str) -> ResponseReturnValue:
    """Give an employee a coach."""
    course, form = course_of(person_id), CoachForm.read(request.form)
    chosen = form.values()
    if chosen is None or not done(
        form.errors,
        lambda session: assignments.assign(session, actor(), chosen[0], person_id, chosen[1]),
        form.field_of,
    ):
        return _page("people/coach.html", course, form), 422
    flash(gettext("The coach has been assigned."))
    return back(person_id)


@bp.get("/people/<person_id>/coach/<assignment_id>/end")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def end_form(person_id: str, assignment_id: str) -> ResponseReturnValue:
    """The form to end an assignment, from the page of either of the two."""
    course = course_of(person_id)
    pair = _pair(course, assignment_id)
    return _page("people/end_coach.html", course, CoachForm(day=clock.today().isoformat()), pair)


@bp.post("/people/<person_id>/coach/<assignment_id>/end")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def end(person_id: str, assignment_id: str) -> ResponseReturnValue:
    """End an assignment."""
    course, form = course_of(person_id), CoachForm.read(request.form)
    pair, day = _pair(course, assignment_id), form.chosen_day()
    if day is None or not done(
        form.errors, lambda session: assignments.end(session, actor(), assignment_id, day), form.field_of
    ):
        return _page("people/end_coach.html", course, form, pair), 422
    flash(gettext("The end has been registered. It can be undone until it has taken effect."))
    return back(person_id)


@bp.post("/people/<person_id>/coach/<assignment_id>/undo")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def undo(person_id: str, assignment_id: str) -> ResponseReturnValue:
    """Undo that an assignment begins or ends, as long as it has not."""
    _pair(course_of(person_id), assignment_id)
    return undone(person_id, lambda session: assignments.withdraw(session, actor(), assignment_id))


@bp.get("/people/<person_id>/successor")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def successor_form(person_id: str) -> ResponseReturnValue:
    """The form to name who goes on with a coach's employees, reports and open work."""
    course, form = course_of(person_id), CoachForm(day=clock.today().isoformat())
    return _successor_page(course, form, clock.today())


@bp.post("/people/<person_id>/successor")
@needs(Action.PEOPLE_CHANGE, step_up=True)
def name_successor(person_id: str) -> ResponseReturnValue:
    """Name the successor (REP-6)."""
    course, form = course_of(person_id), CoachForm.read(request.form, "successor")
    chosen, numbers = form.values(), list[int]()
    if chosen is None or not done(
        form.errors,
        lambda session: numbers.append(
            assignments.name_successor(session, actor(), person_id, chosen[0], chosen[1])
        ),
        form.field_of,
    ):
        return _successor_page(course, form, chosen[1] if chosen else clock.today()), 422
    flash(
        ngettext(
            "The successor has been named, for %(num)d employee.",
            "The successor has been named, for %(num)d employees.",
            numbers[0],
        )
    )
    return back(person_id)


def _pair(course: Course, assignment_id: str) -> Coached:
    found = next((one for one in (*course.coaches, *course.coached) if one.id == assignment_id), None)
    if found is None:
        raise NotFound
    return found


def _successor_page(course: Course, form: CoachForm, day: date) -> str:
    with stores().database.read() as session:
        needing = assignments.needing_successor(session, course.id, day)
        names = sorted(queries.names(session, needing).values(), key=str.casefold)
    return _page("people/successor.html", course, form, needing=names)


def _page(template: str, course: Course, form: CoachForm, pair: Coached | None = None, **more: object) -> str:
    subject, facts = policy.Subject("person", course.id), PersonFacts(course.id)
    permit = policy.permit(actor(), Action.PEOPLE_CHANGE, subject, facts)
    with stores().database.read() as session:
        coaches = staff.coaches(session, clock.today())
    return render(
        template,
        permit.reason,
        person=course,
        pair=pair,
        form=form,
        coaches=[("", gettext("choose")), *(one for one in coaches if one[0] != course.id)],
        errors=form.errors,
        fault=dict(form.errors),
        **more,
    )
