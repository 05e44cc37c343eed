"""The pages of trainings: one's own, setting one up, a training with its calls, and hearing one of them."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching.consents import forms as sharing
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.training import holding, listening, queries
from kcc.coaching.training.rules import Kind
from kcc.errors import N_, Invalid, NotFound
from kcc.people import queries as people
from kcc.web.errors import wants_json
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("trainings", __name__)
KINDS = {
    Kind.CUSTOMER_CONTACT: N_("Customer-contact skills, for employees and coaches"),
    Kind.COACHING: N_("Coaching skills, for coaches only"),
}


@bp.get("/trainings")
@needs(Action.TRAINING_LIST)
def show_all() -> ResponseReturnValue:
    """The trainings that the actor leads or takes part in."""
    me = actor()
    permit = policy.permit(me, Action.TRAINING_LIST, Subject("training"))
    coach = policy.may_visit(me, Action.TRAINING_PLAN)
    with stores().database.write() as session:
        record.act(session, permit)
        found = queries.mine(session, me.person_id, clock.today(), coach=coach)
        names = people.names(session, {training.trainer_id for training in found})
    return render(
        "coaching/sharing/trainings.html",
        permit.reason,
        trainings=found,
        names=names,
        kinds=KINDS,
        coach=coach,
        today=clock.today(),
    )


@bp.get("/trainings/new")
@needs(Action.TRAINING_PLAN)
def new_form() -> ResponseReturnValue:
    """The form to set up a training."""
    return _new_page()


@bp.post("/trainings/new")
@needs(Action.TRAINING_PLAN)
def new() -> ResponseReturnValue:
    """Set up a training whose trainer is the actor."""
    posted = request.form
    try:
        begins, ends = sharing.day(posted, "begins"), sharing.day(posted, "ends")
        who = posted.getlist("participants")
        wanted = holding.Plan(posted.get("name", ""), posted.get("kind", ""), begins, ends, who)
        with stores().database.write() as session:
            training = holding.plan(session, actor(), wanted)
    except Invalid as wrong:
        return _new_page(wrong), 422
    flash(gettext("The training is set up. Ask employees for a call from the page of a drawn call."))
    return redirect(url_for("trainings.show", training_id=training.id), 303)


@bp.get("/trainings/<training_id>")
@needs(Action.TRAINING_READ)
def show(training_id: str) -> ResponseReturnValue:
    """A training and the calls in it."""
    with stores().database.write() as session:
        found = holding.read(session, actor(), training_id)
    return render("coaching/sharing/training.html", found.permit.reason, found=found, kinds=KINDS)


@bp.get("/trainings/<training_id>/calls/<consent_id>")
@needs(Action.TRAINING_READ)
def call(training_id: str, consent_id: str) -> ResponseReturnValue:
    """One call of a training, to hear it."""
    with stores().database.write() as session:
        found = holding.read(session, actor(), training_id)
        heard = next((one for one in found.calls if one.id == consent_id), None)
        lease = sharing.lease(session, f"training_call:{consent_id}")
        if heard is None:
            raise NotFound
    return render(
        "coaching/sharing/training_call.html", found.permit.reason, found=found, call=heard, lease=lease
    )


@bp.post("/training-calls/<consent_id>/listen")
@needs(Action.TRAINING_PLAY)
def listen(consent_id: str) -> ResponseReturnValue:
    """Open a call of a training for listening."""
    minutes = stores().settings.playback.lease_minutes
    with stores().database.write() as session:
        lease = listening.open_call(session, actor(), consent_id, minutes)
        training_id = session.get_one(CallConsent, consent_id).training_id
    if wants_json():
        return redirect(url_for("recordings.addresses", lease_id=lease.id), 303)
    page = url_for("trainings.call", training_id=training_id, consent_id=consent_id, lease=lease.id)
    return redirect(page, 303)


@bp.post("/trainings/<training_id>/close")
@needs(Action.TRAINING_LEAD)
def close(training_id: str) -> ResponseReturnValue:
    """Close a training of one's own before its last day."""
    with stores().database.write() as session:
        holding.close(session, actor(), training_id)
    flash(gettext("The training is closed. Nobody hears its calls any more."))
    return redirect(url_for("trainings.show_all"), 303)


def _new_page(fault: Invalid | None = None) -> str:
    permit = policy.permit(actor(), Action.TRAINING_PLAN, Subject("training"))
    with stores().database.read() as session:
        candidates = holding.candidates(session, Kind.CUSTOMER_CONTACT)
    return render(
        "coaching/sharing/training_new.html",
        permit.reason,
        candidates=[one for one in candidates if one[0] != actor().person_id],
        kinds=[(kind.value, gettext(words)) for kind, words in KINDS.items()],
        typed=request.form,
        chosen=request.form.getlist("participants"),
        errors=[(fault.field, sentence(fault))] if fault else None,
        fault={fault.field: sentence(fault)} if fault else {},
    )
