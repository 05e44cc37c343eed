"""The pages on which a case is put forward, signed, asked more for, ended and suspended: each signature
with a fresh proof of who signs (SEC-1).
"""

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Subject
from kcc.errors import Invalid, NotFound
from kcc.investigation import closing, decisions, forms, queries, reading
from kcc.investigation.rules import GROUNDS, How, Kind, Seats
from kcc.investigation.views import MONITORED, itself
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("case_signing", __name__)


@bp.get("/cases/new")
@needs(Action.CASE_PROPOSE, step_up=True)
def new_form() -> ResponseReturnValue:
    """What a case is, and the form to put one forward."""
    return _new_page()


@bp.post("/cases/new")
@needs(Action.CASE_PROPOSE, step_up=True)
def new() -> ResponseReturnValue:
    """Put a case forward with the first signature."""
    try:
        plan = forms.plan_of(request.form)
        with itself().database.write() as session:
            found = decisions.propose(itself(), session, actor(), plan)
    except Invalid as fault:
        return _new_page(fault), 422
    flash(gettext("You have signed. The case does nothing until the second signature stands under it."))
    return redirect(url_for("cases.show", case_id=found.id), 303)


@bp.post("/cases/<case_id>/sign")
@needs(Action.CASE_SIGN, step_up=True)
def sign(case_id: str) -> ResponseReturnValue:
    """Give the second signature under what waits for it."""
    with itself().database.write() as session:
        opened = decisions.sign(itself(), session, actor(), case_id, current_app.extensions[MONITORED])
    flash(gettext("You have signed. The case is open.") if opened else gettext("You have signed."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/cases/<case_id>/more")
@needs(Action.CASE_SIGN, step_up=True)
def more_form(case_id: str) -> ResponseReturnValue:
    """The form to ask for more time, or to tell the employee later."""
    return _more_page(case_id)


@bp.post("/cases/<case_id>/more")
@needs(Action.CASE_SIGN, step_up=True)
def more(case_id: str) -> ResponseReturnValue:
    """Ask for it, with the first of two signatures."""
    try:
        asked = forms.more_of(request.form)
        with itself().database.write() as session:
            decisions.ask(itself(), session, actor(), case_id, asked)
    except Invalid as fault:
        return _more_page(case_id, fault), 422
    flash(gettext("You have signed. It takes effect with the second signature."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/cases/<case_id>/withdraw")
@needs(Action.CASE_END)
def withdraw(case_id: str) -> ResponseReturnValue:
    """Take back what waits for its second signature."""
    with itself().database.write() as session:
        decisions.withdraw(session, actor(), case_id)
    flash(gettext("Taken back. The case goes on as it was."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/cases/<case_id>/end")
@needs(Action.CASE_END, step_up=True)
def end_form(case_id: str) -> ResponseReturnValue:
    """What ending a case does, and the form for it."""
    return _end_page(case_id)


@bp.post("/cases/<case_id>/end")
@needs(Action.CASE_END, step_up=True)
def end(case_id: str) -> ResponseReturnValue:
    """Close a case, or revoke a signature."""
    how = How(request.form["how"]) if request.form.get("how") in list(How) else How.LAPSED
    try:
        with itself().database.write() as session:
            closing.end(itself(), session, actor(), case_id, how, request.form.get("why", ""))
    except Invalid as fault:
        return _end_page(case_id, fault), 422
    flash(gettext("The case has ended. What only it kept is erased in the next run."))
    return redirect(url_for("cases.show_all"), 303)


@bp.post("/cases/<case_id>/suspend")
@needs(Action.CASE_SUSPEND, step_up=True)
def suspend(case_id: str) -> ResponseReturnValue:
    """Let nobody listen until the case goes on."""
    with itself().database.write() as session:
        closing.suspend(session, actor(), case_id)
    flash(gettext("The case is suspended: nobody hears anything for it now."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/cases/<case_id>/resume")
@needs(Action.CASE_SUSPEND, step_up=True)
def resume(case_id: str) -> ResponseReturnValue:
    """Let a suspended case go on."""
    with itself().database.write() as session:
        closing.resume(session, actor(), case_id)
    flash(gettext("The case goes on."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _new_page(fault: Invalid | None = None) -> str:
    me, today = actor(), clock.today()
    permit = policy.permit(me, Action.CASE_LIST, Subject("case"))
    with itself().database.read() as session:
        people = queries.candidates(session, me, today)
        listeners = queries.listeners(session, Seats(frozenset(), frozenset()), today, "")
    return render(
        "investigation/new.html",
        permit.reason,
        people=people,
        listeners=listeners,
        grounds=[(code, gettext(words)) for code, words in GROUNDS.items()],
        consent=stores().settings.weighty_reasons.consent,
        **_typed(fault),
    )


def _more_page(case_id: str, fault: Invalid | None = None) -> str:
    with itself().database.write() as session:
        found = reading.read(itself(), session, actor(), case_id)
        seats = queries.seats_of(session, found.case.employee_id, clock.today())
        listeners = queries.listeners(session, seats, clock.today(), found.case.employee_id)
    if not found.asks:
        raise NotFound
    kinds = [Kind.EXTEND, *([Kind.POSTPONE] if found.postponable else [])]
    return render(
        "investigation/more.html",
        found.permit.reason,
        found=found,
        listeners=listeners,
        kinds=[(kind.value, gettext(forms.KINDS[kind])) for kind in kinds],
        **_typed(fault),
    )


def _end_page(case_id: str, fault: Invalid | None = None) -> str:
    with itself().database.write() as session:
        found = reading.read(itself(), session, actor(), case_id)
    if not found.ends:
        raise NotFound
    hows = [
        (How.CLOSED.value, gettext("It is finished")),
        (How.REVOKED.value, gettext("I revoke a signature")),
    ]
    return render("investigation/end.html", found.permit.reason, found=found, hows=hows, **_typed(fault))


def _typed(fault: Invalid | None) -> dict[str, object]:
    return {
        "typed": request.form,
        "errors": [(fault.field, sentence(fault))] if fault else None,
        "fault": {fault.field: sentence(fault)} if fault else {},
    }
