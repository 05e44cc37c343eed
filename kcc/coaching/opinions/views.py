"""The pages of second opinions for who asked and who has the report: asking, both scores side by side, the
conclusion; giving one has pages of its own (REP-8).
"""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access.actions import Action
from kcc.coaching import forms as coaching_forms
from kcc.coaching.opinions import (
    asking,
    concluding,
    ending,
    forms,
    queries,
    rules,
)
from kcc.coaching.opinions.asking import Asking
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.opinions.rules import Ended
from kcc.errors import Invalid, Refused
from kcc.people import queries as people
from kcc.wall.rights import Role
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("opinions", __name__)


# --- asking, on one's own report ---


@bp.get("/reports/<report_id>/second-opinion")
@needs(Action.OPINION_ASK)
def ask_form(report_id: str) -> ResponseReturnValue:
    """What a second opinion is, until when it can be asked, and how the one that was asked stands."""
    return _ask_page(report_id)


@bp.post("/reports/<report_id>/second-opinion")
@needs(Action.OPINION_ASK)
def ask(report_id: str) -> ResponseReturnValue:
    """Ask for a second opinion on one's own report."""
    why = request.form.get("why", "")
    try:
        with stores().database.write() as session:
            asking.ask(session, stores().keys, actor(), report_id, why)
    except Refused as refused:
        return _ask_page(report_id, why, [(None, sentence(refused))]), refused.status
    except Invalid as fault:
        return _ask_page(report_id, why, [(fault.field, sentence(fault))]), 422
    flash(gettext("You have asked for a second opinion. You are told when another coach takes it."))
    return redirect(url_for("opinions.ask_form", report_id=report_id), 303)


@bp.post("/opinions/<opinion_id>/withdraw")
@needs(Action.OPINION_WITHDRAW)
def withdraw(opinion_id: str) -> ResponseReturnValue:
    """Take the question back."""
    with stores().database.write() as session:
        asking.withdraw(session, actor(), opinion_id)
        report_id = session.get_one(SecondOpinion, opinion_id).report_id
    ending.finish(stores().acting(Role.JOBS))
    flash(gettext("Your question for a second opinion is withdrawn."))
    return redirect(url_for("opinions.ask_form", report_id=report_id), 303)


# --- both side by side, and what the first two conclude ---


@bp.get("/opinions/<opinion_id>/compared")
@needs(Action.OPINION_COMPARE)
def compare(opinion_id: str) -> ResponseReturnValue:
    """Both coaches' answers item by item, and the conclusion for whoever it is between."""
    return _compare_page(opinion_id)


@bp.post("/opinions/<opinion_id>/conclusion")
@needs(Action.OPINION_CONCLUDE)
def conclude(opinion_id: str) -> ResponseReturnValue:
    """Write or change the conclusion."""
    text = request.form.get("conclusion", "")
    try:
        revision = coaching_forms.revision(request.form)
        with stores().database.write() as session:
            concluding.write(session, stores().keys, actor(), opinion_id, revision, text)
    except concluding.ConclusionChanged as other:
        return _compare_page(opinion_id, text, [("conclusion", sentence(other))], other.kept), 409
    except Invalid as fault:
        return _compare_page(opinion_id, text, [(fault.field, sentence(fault))]), 422
    flash(gettext("The conclusion is saved. It stands once both of you have confirmed it."))
    return redirect(url_for("opinions.compare", opinion_id=opinion_id, _anchor="conclusion-title"), 303)


@bp.get("/opinions/<opinion_id>/confirm")
@needs(Action.OPINION_CONCLUDE, step_up=True)
def confirm_form(opinion_id: str) -> ResponseReturnValue:
    """The conclusion as it stands, and what confirming it means."""
    return _confirm_page(opinion_id)


@bp.post("/opinions/<opinion_id>/confirm")
@needs(Action.OPINION_CONCLUDE, step_up=True)
def confirm(opinion_id: str) -> ResponseReturnValue:
    """Confirm the conclusion that was shown."""
    try:
        revision = coaching_forms.revision(request.form)
        with stores().database.write() as session:
            found = concluding.confirm(session, stores().keys, actor(), opinion_id, revision)
    except (concluding.ConclusionChanged, Invalid) as fault:
        return _confirm_page(opinion_id, sentence(fault)), fault.status
    if found.concluded_at:
        flash(gettext("The second opinion is concluded: both of you have confirmed it."))
    else:
        flash(gettext("You have confirmed the conclusion. It stands once the other has, too."))
    return redirect(url_for("opinions.compare", opinion_id=opinion_id), 303)


# --- on the report's own page ---


@bp.app_context_processor
def on_report() -> dict[str, Any]:
    """Let the page of a report ask for `second_opinion(report)`."""
    return {"second_opinion": second_opinion}


def second_opinion(report_id: str, employee_id: str) -> dict[str, Any]:
    """How a second opinion on a report stands, for its two readers; the report's page opened for them."""
    with stores().database.read() as session:
        found = queries.of_report(session, report_id)
    own = actor().person_id == employee_id
    said = _said(found) if found else None
    return {"own": own, "said": said, "found": found, "state": _state(found)}


def _said(found: SecondOpinion) -> str:
    if found.ended_why:
        return str(gettext(forms.ENDS[Ended(found.ended_why)]))
    return str(gettext(forms.STATES[queries.state(found, clock.now())]))


def _state(found: SecondOpinion | None) -> str:
    return queries.state(found, clock.now()).value if found else ""


# --- pages ---


def _ask_page(report_id: str, why: str = "", errors: coaching_forms.Errors | None = None) -> str:
    with stores().database.read() as session:
        found: Asking = asking.look(session, actor(), report_id)
    newest = found.newest
    return render(
        "coaching/opinions/ask.html",
        found.permit.reason,
        found=found,
        newest=newest,
        state=_state(newest),
        said=_said(newest) if newest else None,
        obstacle=sentence(found.obstacle) if found.obstacle else None,
        why_typed=why,
        errors=errors,
        fields_wrong=dict(errors or []),
        longest=rules.LONGEST_WHY,
        window=rules.WINDOW.days,
    )


def _compare_page(
    opinion_id: str,
    typed: str | None = None,
    errors: coaching_forms.Errors | None = None,
    elsewhere: str | None = None,
) -> str:
    return _compared("compare", opinion_id, typed, errors, elsewhere)


def _confirm_page(opinion_id: str, fault: str | None = None) -> str:
    return _compared("confirm", opinion_id, None, [(None, fault)] if fault else None, None)


def _compared(
    page: str,
    opinion_id: str,
    typed: str | None,
    errors: coaching_forms.Errors | None,
    elsewhere: str | None,
) -> str:
    with stores().database.write() as session:
        found = concluding.read(session, stores().keys, actor(), opinion_id)
        one = found.opinion
        ids = {one.employee_id, one.coach_id, one.author_id, one.second_id, one.coach_agreed_id} - {None}
        names = people.names(session, [id_ for id_ in ids if id_])
    context = forms.comparing(found, typed, errors or [], elsewhere)
    return render(f"coaching/opinions/{page}.html", found.permit.reason, names=names, **context)
