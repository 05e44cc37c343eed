"""The pages of summaries for the appraisal cycle: the coach's, the employee's and the team lead's."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Subject
from kcc.coaching.summaries import erasure, forms, passing, queries, writing
from kcc.coaching.summaries.passing import Read
from kcc.errors import Invalid, Refused
from kcc.people import queries as people
from kcc.wall.rights import Role
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("summaries", __name__)


@bp.get("/summaries")
@needs(Action.SUMMARY_LIST)
def show_all() -> ResponseReturnValue:
    """What one may open, in every function one holds."""
    with stores().database.write() as session:
        found = passing.lists(session, actor())
        coaches = [row.coach_id for rows in (found.about_me, found.of_my_team) for row in rows or []]
        names = people.names(session, coaches)
    return render("coaching/summaries/list.html", found.permit.reason, lists=found, names=names)


@bp.get("/summaries/about/<employee_id>/new")
@needs(Action.SUMMARY_WRITE)
def begin_form(employee_id: str) -> ResponseReturnValue:
    """Which period a new summary is about."""
    return _begin_page(employee_id)


@bp.post("/summaries/about/<employee_id>/new")
@needs(Action.SUMMARY_WRITE)
def begin(employee_id: str) -> ResponseReturnValue:
    """Begin a summary with the words that the scores give."""
    terms = stores().settings.summaries
    try:
        period = forms.period(request.form)
        with stores().database.write() as session:
            summary_id = writing.begin(
                session, stores().keys, actor(), employee_id, period, terms, forms.language(), forms.say
            )
    except Invalid as fault:
        return _begin_page(employee_id, [(fault.field, sentence(fault))]), 422
    except Refused as fault:
        return _begin_page(employee_id, [("since", sentence(fault))]), 409
    return redirect(url_for("summaries.show", summary_id=summary_id), 303)


@bp.get("/summaries/<summary_id>")
@needs(Action.SUMMARY_READ)
def show(summary_id: str) -> ResponseReturnValue:
    """A summary: to write on for its coach, to read for its employee, and at last for the team lead."""
    return _page(summary_id)


@bp.post("/summaries/<summary_id>")
@needs(Action.SUMMARY_WRITE)
def save(summary_id: str) -> ResponseReturnValue:
    """Keep what the coach typed; and where that was asked, give it to the employee."""
    typed = request.form.get("text", "")
    try:
        with stores().database.write() as session:
            writing.save(session, stores().keys, actor(), summary_id, forms.revision(request.form), typed)
            found = writing.found_in(session, stores().keys, actor(), summary_id, typed)
    except Invalid as fault:
        return _page(summary_id, typed, [(fault.field, sentence(fault))]), 422
    except Refused as fault:
        return _page(summary_id, typed, [(None, sentence(fault))]), 409
    if "check" in request.form:
        return _page(summary_id, checked=forms.pointed_at(found))
    if "give" in request.form:
        return redirect(url_for("summaries.give_form", summary_id=summary_id), 303)
    flash(gettext("Your text is saved. Nobody else can read it yet."))
    return redirect(url_for("summaries.show", summary_id=summary_id), 303)


@bp.get("/summaries/<summary_id>/give")
@needs(Action.SUMMARY_WRITE, step_up=True)
def give_form(summary_id: str) -> ResponseReturnValue:
    """What giving it to the employee means."""
    found = _read(summary_id)
    if found[0].given or not found[0].written_by_me:
        return redirect(url_for("summaries.show", summary_id=summary_id), 303)
    return _give_page(found)


@bp.post("/summaries/<summary_id>/give")
@needs(Action.SUMMARY_WRITE, step_up=True)
def give(summary_id: str) -> ResponseReturnValue:
    """Give a summary to its employee, who reads it before anybody else."""
    terms = stores().settings.summaries
    try:
        with stores().database.write() as session:
            writing.give(session, stores().keys, actor(), summary_id, terms)
    except writing.Traceable as fault:
        checked = forms.pointed_at(fault.found)
        return _page(summary_id, errors=[("text", sentence(fault))], checked=checked), 422
    except Invalid as fault:
        return _page(summary_id, errors=[(fault.field, sentence(fault))]), 422
    except Refused as fault:
        return _page(summary_id, errors=[(None, sentence(fault))]), 409
    flash(gettext("The employee can read the summary now, before anybody else."))
    return redirect(url_for("summaries.show", summary_id=summary_id), 303)


@bp.post("/summaries/<summary_id>/take-back")
@needs(Action.SUMMARY_WRITE)
def take_back(summary_id: str) -> ResponseReturnValue:
    """Take a summary back to correct it, before it is passed on."""
    with stores().database.write() as session:
        writing.take_back(session, actor(), summary_id)
    flash(gettext("You have the summary back. The employee cannot read it until you give it again."))
    return redirect(url_for("summaries.show", summary_id=summary_id), 303)


@bp.post("/summaries/<summary_id>/discard")
@needs(Action.SUMMARY_WRITE)
def discard(summary_id: str) -> ResponseReturnValue:
    """Throw a summary away that was not passed on."""
    with stores().database.read() as session:  # the coach's own reach, before the system acts on their word
        facts = queries.facts(session, summary_id, clock.now())
        policy.permit(actor(), Action.SUMMARY_WRITE, Subject("summary", summary_id), facts)
    erasure.discard(stores().acting(Role.JOBS), actor(), summary_id)
    flash(gettext("The summary is erased."))
    return redirect(url_for("summaries.show_all"), 303)


@bp.post("/summaries/<summary_id>/pass")
@needs(Action.SUMMARY_PASS)
def pass_on(summary_id: str) -> ResponseReturnValue:
    """The employee passes a summary on to the team lead, with a view or without."""
    typed = request.form.get("view", "")
    try:
        with stores().database.write() as session:
            passing.pass_on(session, stores().keys, actor(), summary_id, forms.revision(request.form), typed)
    except writing.Traceable as fault:
        checked = forms.pointed_at(fault.found)
        return _page(summary_id, typed, [("view", sentence(fault))], checked), 422
    except Invalid as fault:
        return _page(summary_id, typed, [(fault.field, sentence(fault))]), 422
    except Refused as fault:
        return _page(summary_id, typed, [(None, sentence(fault))]), 409
    erasure.replace_older(stores().acting(Role.JOBS))
    flash(gettext("Your team lead can read the summary now, exactly as you see it here."))
    return redirect(url_for("summaries.show", summary_id=summary_id), 303)


Errors = list[tuple[str | None, str]]


def _begin_page(employee_id: str, errors: Errors | None = None) -> str:
    with stores().database.write() as session:
        permit = writing.permit_new(session, actor(), employee_id)
        name = people.names(session, [employee_id])[employee_id]
    today = clock.today()
    return render(
        "coaching/summaries/begin.html",
        permit.reason,
        employee_id=employee_id,
        name=name,
        since=request.form.get("since", today.replace(month=1, day=1).isoformat()),
        until=request.form.get("until", today.isoformat()),
        errors=errors or [],
        wrong=dict(errors or []),
        terms=stores().settings.summaries,
    )


def _read(summary_id: str) -> tuple[Read, dict[str, str]]:
    with stores().database.write() as session:
        found = passing.read(
            session, stores().keys, actor(), summary_id, stores().settings.summaries.reading_days
        )
        names = people.names(session, [found.employee_id, found.coach_id])
    return found, names


def _give_page(found: tuple[Read, dict[str, str]]) -> str:
    summary, names = found
    terms = stores().settings.summaries
    return render(
        "coaching/summaries/give.html", summary.permit.reason, summary=summary, names=names, terms=terms
    )


def _page(
    summary_id: str,
    typed: str | None = None,
    errors: Errors | None = None,
    checked: list[tuple[str, str]] | None = None,
) -> str:
    summary, names = _read(summary_id)
    writing_on = summary.written_by_me and not summary.given
    return render(
        "coaching/summaries/write.html" if writing_on else "coaching/summaries/show.html",
        summary.permit.reason,
        summary=summary,
        names=names,
        typed=typed,
        errors=errors or [],
        wrong=dict(errors or []),
        checked=checked,
        longest=writing.LONGEST,
        terms=stores().settings.summaries,
    )
