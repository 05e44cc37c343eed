"""The pages of calibration: the list, a session from its blind sheet to what was agreed, calling one."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Subject
from kcc.coaching import forms as coaching_forms
from kcc.coaching import quality_plan
from kcc.coaching.assessment import ChangedElsewhere
from kcc.coaching.calibration import (
    comparing,
    convening,
    forms,
    interpretations,
    listening,
    listing,
    queries,
    reading,
    scoring,
)
from kcc.coaching.consents import ending
from kcc.coaching.consents import forms as sharing
from kcc.coaching.consents import queries as consents
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.draft import Incomplete
from kcc.errors import N_, Invalid, Refused
from kcc.people import queries as people
from kcc.wall.rights import Role
from kcc.web.errors import problem, wants_json
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("calibrations", __name__)


@bp.get("/calibrations")
@needs(Action.CALIBRATION_LIST)
def show_all() -> ResponseReturnValue:
    """The actor's sessions, the calls offered by their employees, and what was agreed."""
    with stores().database.write() as session:
        found = listing.read(session, actor())
        form = quality_plan.form(session, quality_plan.current(session))
    return render(
        "coaching/sharing/calibrations.html",
        found.permit.reason,
        found=found,
        states=forms.STATES,
        form=form,
        wording=coaching_forms.wording,
        said=forms.said,
    )


@bp.get("/offers/<consent_id>/calibration")
@needs(Action.CALIBRATION_CONVENE)
def convene_form(consent_id: str) -> ResponseReturnValue:
    """Who scores a call that is offered, and until when."""
    return _convene_page(consent_id)


@bp.post("/offers/<consent_id>/calibration")
@needs(Action.CALIBRATION_CONVENE)
def convene(consent_id: str) -> ResponseReturnValue:
    """Call a session about a call that is offered."""
    try:
        ends = sharing.day(request.form, "ends")
        with stores().database.write() as session:
            held = convening.convene(session, actor(), consent_id, request.form.getlist("scorers"), ends)
    except Invalid as fault:
        return _convene_page(consent_id, fault), 422
    except Refused as fault:
        return _convene_page(consent_id, fault), 409
    return redirect(url_for("calibrations.show", calibration_id=held.id), 303)


@bp.get("/calibrations/<calibration_id>")
@needs(Action.CALIBRATION_READ)
def show(calibration_id: str) -> ResponseReturnValue:
    """A session: the own form while one scores, who is waited for, and the comparison."""
    return _page(calibration_id)


@bp.post("/calibrations/<calibration_id>/listen")
@needs(Action.CALIBRATION_PLAY)
def listen(calibration_id: str) -> ResponseReturnValue:
    """Open a session's call for listening."""
    minutes = stores().settings.playback.lease_minutes
    with stores().database.write() as session:
        lease = listening.open_session(session, actor(), calibration_id, minutes)
    if wants_json():
        return redirect(url_for("recordings.addresses", lease_id=lease.id), 303)
    return redirect(url_for("calibrations.show", calibration_id=calibration_id, lease=lease.id), 303)


@bp.post("/calibrations/<calibration_id>")
@needs(Action.CALIBRATION_SCORE)
def save(calibration_id: str) -> ResponseReturnValue:
    """Save the form as a page without script sends it, and finish it where that was asked."""
    changes = {k: v for k, v in coaching_forms.changes(request.form).items() if k.startswith(scoring.OURS)}
    try:
        revision = coaching_forms.revision(request.form)
        with stores().database.write() as session:
            saved = scoring.save(session, stores().keys, actor(), calibration_id, revision, changes)
        if "finish" not in request.form:
            flash(gettext("Your answers are saved."))
        else:
            with stores().database.write() as session:
                keys = stores().keys
                done = scoring.finish(session, keys, actor(), calibration_id, saved.revision)
            flash(
                gettext("All have finished: here are the forms.") if done else gettext("You have finished.")
            )
    except ChangedElsewhere as other:
        return _page(calibration_id, other, changes), 409
    except Invalid as fault:
        return _page(calibration_id, fault, changes), 422
    return redirect(url_for("calibrations.show", calibration_id=calibration_id), 303)


@bp.post("/calibrations/<calibration_id>/autosave")
@needs(Action.CALIBRATION_SCORE)
def autosave(calibration_id: str) -> ResponseReturnValue:
    """Save some fields while the coach works: {"revision": 3, "changes": {"answer-3": "yes"}}."""
    body = request.get_json()
    if not isinstance(body, dict) or not isinstance(body.get("changes"), dict):
        raise Invalid("changes", N_("The request could not be understood."))
    at, keys = coaching_forms.revision(body), stores().keys
    try:
        with stores().database.write() as session:
            saved = scoring.save(session, keys, actor(), calibration_id, at, body["changes"])
    except ChangedElsewhere as other:
        now = {"revision": other.revision, "saved_at": coaching_forms.time_of_day(other.saved_at)}
        return problem(other.status, other.code, sentence(other), **now, kept=dict(other.kept))
    return {"revision": saved.revision, "saved_at": coaching_forms.time_of_day(saved.saved_at)}


@bp.post("/calibrations/<calibration_id>/compare")
@needs(Action.CALIBRATION_LEAD)
def compare(calibration_id: str) -> ResponseReturnValue:
    """Compare the forms of those who have finished, without waiting for the others."""
    try:
        with stores().database.write() as session:
            comparing.early(session, actor(), calibration_id)
    except Refused as fault:
        return _page(calibration_id, fault), 409
    return redirect(url_for("calibrations.show", calibration_id=calibration_id), 303)


@bp.post("/calibrations/<calibration_id>/end")
@needs(Action.CALIBRATION_LEAD)
def end(calibration_id: str) -> ResponseReturnValue:
    """End a session: nobody hears the call in it any more, and the forms are erased."""
    with stores().database.write() as session:
        comparing.end(session, actor(), calibration_id)
    ending.sweep(stores().acting(Role.JOBS))
    flash(gettext("The session has ended, and its forms are erased. What you agreed is kept."))
    return redirect(url_for("calibrations.show_all"), 303)


@bp.post("/calibrations/<calibration_id>/agreed")
@needs(Action.CALIBRATION_LEAD)
def agree(calibration_id: str) -> ResponseReturnValue:
    """Keep what was agreed about an item."""
    texts = request.form.get("nl", ""), request.form.get("en", "")
    try:
        number = int(request.form.get("item", "0") or 0)
    except ValueError:
        number = 0
    try:
        with stores().database.write() as session:
            interpretations.agree(session, actor(), calibration_id, number, texts)
    except Invalid as fault:
        return _page(calibration_id, fault), 422
    except Refused as fault:
        return _page(calibration_id, fault), 409
    flash(gettext("What you agreed stands in the quality plan now, without the call."))
    return redirect(url_for("calibrations.show", calibration_id=calibration_id), 303)


def _page(
    calibration_id: str, fault: Invalid | Refused | None = None, typed: dict[str, str] | None = None
) -> str:
    with stores().database.write() as session:
        seen = reading.read(session, stores().keys, actor(), calibration_id)
        lease = sharing.lease(session, f"calibration:{calibration_id}")
    missing = fault.items if isinstance(fault, Incomplete) else ()
    field = fault.field if isinstance(fault, Invalid) and not missing else None
    draft = {**seen.draft, **(typed or {})}
    elsewhere = (
        coaching_forms.differing(typed or {}, fault.kept) if isinstance(fault, ChangedElsewhere) else {}
    )
    return render(
        "coaching/sharing/calibration.html",
        seen.permit.reason,
        seen=seen,
        lease=lease,
        draft=draft,
        missing=missing,
        elsewhere=elsewhere,
        fields_wrong={field: sentence(fault)} if fault and field else {},
        errors=[(field or (f"answer-{missing[0]}" if missing else None), sentence(fault))] if fault else None,
        typed=request.form,
        **forms.words(seen),
    )


def _convene_page(consent_id: str, fault: Invalid | Refused | None = None) -> str:
    with stores().database.read() as session:
        facts = consents.offer_facts(session, consent_id, clock.now())
        subject = Subject("consent", consent_id)
        permit = policy.permit(actor(), Action.CALIBRATION_CONVENE, subject, facts)
        consent = session.get_one(CallConsent, consent_id)
        colleagues = convening.colleagues(session, consent.employee_id)
        last = convening.last_day(session, consent.recording_id)
        name = people.names(session, [consent.employee_id]).get(consent.employee_id, "")
    field = fault.field if isinstance(fault, Invalid) else None
    return render(
        "coaching/sharing/convene.html",
        permit.reason,
        consent_id=consent_id,
        name=name,
        colleagues=colleagues,
        last=last,
        me=actor().person_id,
        typed=request.form,
        chosen=request.form.getlist("scorers"),
        errors=[(field, sentence(fault))] if fault else None,
        fault={field: sentence(fault)} if fault and field else {},
    )


# --- what was agreed, for the page of the criteria ---


@bp.app_context_processor
def agreed() -> dict[str, Any]:
    """Let every page ask for `agreed_interpretations(form_version)`: {item: text in this language}."""
    return {"agreed_interpretations": agreed_interpretations}


def agreed_interpretations(form_version: int) -> dict[int, str]:
    """What coaches agreed about the items of a form version, in the language of this request."""
    with stores().database.read() as session:
        return {item: forms.said(one) for item, one in queries.agreed(session, form_version).items()}
