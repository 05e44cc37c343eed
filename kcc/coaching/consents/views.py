"""Pages on which an employee answers for the use of a call, and on which a coach asks for one."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.purposes import Purpose
from kcc.coaching.calibration import convening
from kcc.coaching.consents import answering, asking, ending, forms, reading
from kcc.coaching.consents import queries as consents
from kcc.coaching.model import SampledCall
from kcc.coaching.training import queries as trainings
from kcc.errors import Invalid, Refused
from kcc.people import queries as people
from kcc.wall.rights import Role
from kcc.web.i18n import sentence
from kcc.web.identity import actor, optional_actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("consents", __name__)


@bp.get("/calls/<recording_id>/consent")
@needs(Action.CONSENT_WITHDRAW)
def own(recording_id: str) -> ResponseReturnValue:
    """What a call of the actor's own may be used for, and what they said to it."""
    return _own_page(recording_id)


@bp.post("/calls/<recording_id>/consent/give")
@needs(Action.CONSENT_GIVE)
def give(recording_id: str) -> ResponseReturnValue:
    """Say yes, or offer the call."""
    purpose, training = request.form.get("purpose", ""), request.form.get("training_id") or None
    try:
        with stores().database.write() as session:
            answering.give(session, actor(), recording_id, purpose, training)
    except Invalid as fault:
        return _own_page(recording_id, fault), 422
    flash(gettext("You said yes. You can take that back here at any time, with one click."))
    return redirect(url_for("consents.own", recording_id=recording_id), 303)


@bp.post("/calls/<recording_id>/consent/refuse")
@needs(Action.CONSENT_WITHDRAW)
def refuse(recording_id: str) -> ResponseReturnValue:
    """Say no, or take a yes back; whoever is hearing the call for it falls silent."""
    try:
        with stores().database.write() as session:
            answering.withdraw(session, actor(), recording_id, request.form.get("purpose", ""))
    except Invalid as fault:
        return _own_page(recording_id, fault), 422
    ending.sweep(stores().acting(Role.JOBS))  # their sheets go, which this role never sees
    flash(gettext("You said no. Nobody can hear this call for it, and nobody asks you again."))
    return redirect(url_for("consents.own", recording_id=recording_id), 303)


def _own_page(recording_id: str, fault: Invalid | None = None) -> str:
    with stores().database.write() as session:
        found = reading.own(session, actor(), recording_id)
    return render(
        "coaching/sharing/own.html",
        found.permit.reason,
        found=found,
        states=forms.STATES,
        purposes=forms.PURPOSES,
        training=Purpose.TRAINING,
        errors=[(fault.field, sentence(fault))] if fault else None,
        fault={fault.field: sentence(fault)} if fault else {},
    )


# --- the coach asks ---


@bp.get("/samples/<sample_id>/ask")
@needs(Action.CONSENT_ASK)
def ask_form(sample_id: str) -> ResponseReturnValue:
    """What a drawn call may be asked for, and how."""
    return _ask_page(sample_id)


@bp.post("/samples/<sample_id>/ask/training")
@needs(Action.CONSENT_ASK)
def ask_training(sample_id: str) -> ResponseReturnValue:
    """Ask for the use of a drawn call in a training of one's own."""
    training = request.form.get("training_id", "")
    try:
        with stores().database.write() as session:
            asking.ask_for_training(session, actor(), sample_id, training)
    except Invalid as fault:
        return _ask_page(sample_id, fault), 422
    except Refused as fault:
        return _ask_page(sample_id, fault), 409
    flash(gettext("The employee is asked. You hear what they said; a no needs no reason."))
    return redirect(url_for("trainings.show", training_id=training), 303)


@bp.post("/samples/<sample_id>/ask/calibration")
@needs(Action.CONSENT_ASK)
def ask_calibration(sample_id: str) -> ResponseReturnValue:
    """Call a session about a drawn call and ask its employee."""
    try:
        ends = forms.day(request.form, "ends")
        with stores().database.write() as session:
            held = convening.ask(session, actor(), sample_id, request.form.getlist("scorers"), ends)
    except Invalid as fault:
        return _ask_page(sample_id, fault), 422
    except Refused as fault:
        return _ask_page(sample_id, fault), 409
    flash(gettext("The employee is asked. The session begins when they say yes; a no needs no reason."))
    return redirect(url_for("calibrations.show", calibration_id=held.id), 303)


def _ask_page(sample_id: str, fault: Invalid | Refused | None = None) -> str:
    me = actor()
    with stores().database.read() as session:
        permit = asking.permit(session, me, sample_id)
        sample = session.get_one(SampledCall, sample_id)
        asked = set(consents.of_recording(session, sample.recording_id))
        name = people.names(session, [sample.employee_id]).get(sample.employee_id, "")
        own = trainings.led_by(session, [me.person_id], clock.today())
        colleagues = convening.colleagues(session, sample.employee_id)
        last = convening.last_day(session, sample.recording_id)
    field = fault.field if isinstance(fault, Invalid) else None
    return render(
        "coaching/sharing/ask.html",
        permit.reason,
        sample_id=sample_id,
        name=name,
        asked=asked,
        trainings=[(training.id, training.name) for training in own],
        colleagues=colleagues,
        last=last,
        me=me.person_id,
        typed=request.form,
        chosen=request.form.getlist("scorers"),
        errors=[(field, sentence(fault))] if fault else None,
        fault={field: sentence(fault)} if fault and field else {},
    )


# --- what waits, on an employee's start page ---


@bp.app_context_processor
def waiting() -> dict[str, Any]:
    """Let every page ask for `consent_questions()`: the calls about which the actor is asked something."""
    return {"consent_questions": consent_questions}


def consent_questions() -> list[str]:
    """The ids of the actor's calls that wait for their answer."""
    me = optional_actor()
    if me is None or not policy.may_visit(me, Action.CONSENT_GIVE):
        return []
    with stores().database.read() as session:
        return reading.waiting(session, me.person_id)
