"""The page of one reported threat, for its employee and their team lead: withdrawing, measures, why it is
still kept, and settling.
"""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from kcc.access.actions import Action
from kcc.errors import Invalid, Refused
from kcc.stores import Stores
from kcc.threat import incidents, keeping, measures
from kcc.threat.deciding import forms, reading
from kcc.threat.model import IncidentMeasure
from kcc.threat.rules import KINDS, MEASURES
from kcc.wall.rights import Role
from kcc.web.i18n import moment, sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("deciding", __name__)


def acting() -> Stores:
    """The stores in kcc's own role: nobody else reaches a threat's rows, and the policy permits first."""
    return stores().acting(Role.JOBS)


@bp.get("/threats/<incident_id>")
@needs(Action.INCIDENT_READ)
def show(incident_id: str) -> ResponseReturnValue:
    """Where a threat stands, and why it is still kept."""
    return _page(incident_id)


@bp.post("/threats/<incident_id>/withdraw")
@needs(Action.INCIDENT_WITHDRAW)
def withdraw(incident_id: str) -> ResponseReturnValue:
    """Take a report back."""
    with acting().database.write() as session:
        incidents.withdraw(acting(), session, actor(), incident_id)
    flash(gettext("You have taken the report back. What you wrote is erased."))
    return redirect(url_for("recordings.my_calls"), 303)


@bp.post("/threats/<incident_id>/measures")
@needs(Action.INCIDENT_DECIDE)
def propose(incident_id: str) -> ResponseReturnValue:
    """Propose a measure."""
    plan = forms.plan(request.form)
    return _done(
        incident_id,
        lambda session: measures.propose(acting(), session, actor(), incident_id, plan),
        gettext("Your proposal is written down. It stands once both of you agree."),
    )


@bp.post("/measures/<measure_id>/confirm")
@needs(Action.INCIDENT_DECIDE)
def confirm(measure_id: str) -> ResponseReturnValue:
    """Agree to a measure."""
    return _done(
        _incident_of(measure_id),
        lambda session: measures.confirm(session, actor(), measure_id),
        gettext("You agree. The measure stands."),
    )


@bp.post("/measures/<measure_id>/drop")
@needs(Action.INCIDENT_DECIDE)
def drop(measure_id: str) -> ResponseReturnValue:
    """Take a proposal away."""
    return _done(
        _incident_of(measure_id),
        lambda session: measures.drop(session, actor(), measure_id),
        gettext("The proposal is taken away."),
    )


@bp.post("/measures/<measure_id>/close")
@needs(Action.INCIDENT_DECIDE)
def close(measure_id: str) -> ResponseReturnValue:
    """Write down what came of a measure."""
    outcome = forms.lines(request.form.get("outcome", ""))
    return _done(
        _incident_of(measure_id),
        lambda session: measures.close(acting(), session, actor(), measure_id, outcome),
        gettext("It is written down. The measure runs no more."),
        measure_id,
    )


@bp.post("/threats/<incident_id>/longer")
@needs(Action.INCIDENT_KEEP)
def extend(incident_id: str) -> ResponseReturnValue:
    """Keep its calls longer."""
    until, reason = forms.day(request.form.get("until", "")), forms.lines(request.form.get("reason", ""))
    linked = request.form.get("linked") or None
    return _done(
        incident_id,
        lambda session: keeping.extend(acting(), session, actor(), incident_id, until, reason, linked),
        gettext("It is kept longer. You are both reminded before that day."),
    )


@bp.post("/threats/<incident_id>/review")
@needs(Action.INCIDENT_KEEP)
def review(incident_id: str) -> ResponseReturnValue:
    """Say that it is still needed."""
    return _done(
        incident_id,
        lambda session: keeping.review(session, actor(), incident_id),
        gettext("Noted: it is still needed."),
    )


@bp.post("/threats/<incident_id>/settle")
@needs(Action.INCIDENT_KEEP)
def settle(incident_id: str) -> ResponseReturnValue:
    """Say that it is settled; with the second word it ends."""
    try:
        with acting().database.write() as session:
            over = keeping.settle(acting(), session, actor(), incident_id)
    except Refused as fault:
        return _page(incident_id, fault), 409
    if over:
        flash(gettext("The threat is settled. What was written is erased, and its calls go at their time."))
        return redirect(url_for("people.home"), 303)
    flash(gettext("You have said that it is settled. It ends once the other says so, too."))
    return redirect(url_for("deciding.show", incident_id=incident_id), 303)


def _incident_of(measure_id: str) -> str:
    """Which incident a measure is about; a measure that is not there leads nowhere, and the verb says so."""
    with acting().database.read() as session:
        found = session.get(IncidentMeasure, measure_id)
        return found.incident_id if found else ""


def _done(
    incident_id: str, verb: Callable[[Session], object], said: str, about: str = ""
) -> ResponseReturnValue:
    """Do what was asked and go back to the page, or show there what is wrong, with what was typed."""
    try:
        with acting().database.write() as session:
            verb(session)
    except Invalid as fault:
        return _page(incident_id, fault, about), 422
    except Refused as fault:
        return _page(incident_id, fault, about), 409
    flash(said)
    return redirect(url_for("deciding.show", incident_id=incident_id), 303)


def _page(incident_id: str, fault: Invalid | Refused | None = None, about: str = "") -> str:
    with acting().database.write() as session:
        found = reading.seen(acting(), session, actor(), incident_id)
    field = fault.field if isinstance(fault, Invalid) else None
    place = f"{field}-{about}" if field and about else field
    return render(
        "threat/incident.html",
        found.permit.reason,
        found=found,
        kinds=KINDS,
        measures={kind.value: words for kind, words in MEASURES.items()},
        measure_choices=[(kind.value, gettext(words)) for kind, words in MEASURES.items()],
        linkable=[
            (one.id, f"{moment(one.reported_at)}: {gettext(KINDS[one.kind])}") for one in found.linkable
        ],
        typed=request.form,
        about=about,
        errors=[(place, sentence(fault))] if fault else None,
        fault={place: sentence(fault)} if fault and place else {},
    )
