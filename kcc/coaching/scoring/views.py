"""The pages on which a coach scores a drawn call: the scoring page, finishing, and leaving a call out."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc.access.actions import Action
from kcc.coaching import assessment, listening, replacing, sheets
from kcc.coaching import forms as words
from kcc.coaching.draft import Draft, Incomplete
from kcc.coaching.forms import Errors
from kcc.coaching.model import Report
from kcc.coaching.reports import Written
from kcc.coaching.scoring import forms
from kcc.coaching.sheets import Sheet
from kcc.errors import N_, Invalid
from kcc.people import queries as people
from kcc.recordings.model import PlaybackLease
from kcc.web import unsent
from kcc.web.errors import problem, wants_json
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("scoring", __name__)


@bp.app_context_processor
def for_templates() -> dict[str, Any]:
    """Let pages seal what they have not sent yet, and show a report's remarks in the call."""
    return {"unsent_key": unsent_key, "remarks_in_call": remarks_in_call}


def unsent_key(thing_id: str) -> str:
    """The key under which this person's browser keeps what they typed about a thing and could not send."""
    return unsent.key(current_app.config["SECRET_KEY"], actor().person_id, thing_id)


def remarks_in_call(report: Written) -> list[forms.Remark]:
    """The remarks of a report that somebody reads, in time order, with a way to hear the call there."""
    call_url = None
    if any(name.startswith("at-") for name in report.draft) and actor().person_id == report.employee_id:
        call_id = sheets.call_of(stores(), report.sample_id)
        call_url = url_for("recordings.my_call", recording_id=call_id)
    return forms.remarks(report.draft, report.form, call_url)


@bp.get("/samples/<sample_id>")
@needs(Action.SAMPLE_READ)
def sample(sample_id: str) -> ResponseReturnValue:
    """The scoring page: the player beside the form; a finished report instead, when it is one."""
    sheet = _sheet(sample_id)
    if sheet.finished:
        return redirect(url_for("coaching.report", report_id=sheet.report_id), 303)
    return _scoring_page(sheet, sheet.draft)


@bp.post("/samples/<sample_id>")
@needs(Action.REPORT_SCORE)
def save(sample_id: str) -> ResponseReturnValue:
    """Save the form as a page without script sends it, and go on to finishing where that was asked."""
    changes = words.changes(request.form)
    try:
        _save(sample_id, words.revision(request.form), changes)
    except assessment.ChangedElsewhere as other:
        sheet = _sheet(sample_id)
        elsewhere = words.differing(changes, other.kept)
        typed = {**other.kept, **changes}
        return _scoring_page(sheet, typed, [(None, sentence(other))], elsewhere), 409
    except Invalid as fault:
        sheet = _sheet(sample_id)
        return _scoring_page(sheet, {**sheet.draft, **changes}, [(fault.field, sentence(fault))]), 422
    if "finish" in request.form:
        return redirect(url_for("scoring.finish_form", sample_id=sample_id), 303)
    flash(gettext("Your answers are saved."))
    return redirect(url_for("scoring.sample", sample_id=sample_id), 303)


@bp.post("/samples/<sample_id>/autosave")
@needs(Action.REPORT_SCORE)
def autosave(sample_id: str) -> ResponseReturnValue:
    """Save some fields while the coach works: {"revision": 3, "changes": {"answer-3": "yes"}}."""
    body = request.get_json()
    if not isinstance(body, dict) or not isinstance(body.get("changes"), dict):
        raise Invalid("changes", N_("The request could not be understood."))
    try:
        saved = _save(sample_id, words.revision(body), body["changes"])
    except assessment.ChangedElsewhere as other:
        return _elsewhere(other)
    return {"revision": saved.revision, "saved_at": words.time_of_day(saved.saved_at)}


@bp.post("/samples/<sample_id>/listen")
@needs(Action.SAMPLE_PLAY)
def listen(sample_id: str) -> ResponseReturnValue:
    """Open a drawn call for listening, to monitor its quality."""
    minutes = stores().settings.playback.lease_minutes
    with stores().database.write() as session:
        lease = listening.open_drawn(session, actor(), sample_id, minutes)
    if wants_json():
        return redirect(url_for("recordings.addresses", lease_id=lease.id), 303)
    return redirect(url_for("scoring.sample", sample_id=sample_id, lease=lease.id), 303)


@bp.get("/samples/<sample_id>/finish")
@needs(Action.REPORT_FINISH, step_up=True)
def finish_form(sample_id: str) -> ResponseReturnValue:
    """What finishing means, and what is still missing."""
    return _finish_page(_sheet(sample_id))


@bp.post("/samples/<sample_id>/finish")
@needs(Action.REPORT_FINISH, step_up=True)
def finish(sample_id: str) -> ResponseReturnValue:
    """Finish the report: from now on the employee can read it."""
    try:
        revision, report = words.revision(request.form), _begun(sample_id)
        with stores().database.write() as session:
            assessment.finish(session, stores().keys, actor(), report.id, revision)
            name = people.names(session, [report.employee_id])[report.employee_id]
    except assessment.ChangedElsewhere as other:
        return _finish_page(_sheet(sample_id), sentence(other)), 409
    except Incomplete as fault:
        return _finish_page(_sheet(sample_id), sentence(fault)), 422
    flash(gettext("The report is finished. %(name)s can read it now.", name=name))
    return redirect(url_for("coaching.report", report_id=report.id), 303)


@bp.get("/samples/<sample_id>/not-representative")
@needs(Action.SAMPLE_REJECT)
def reject_form(sample_id: str) -> ResponseReturnValue:
    """Why a call can be left out, and what happens then."""
    return _reject_page(sample_id)


@bp.post("/samples/<sample_id>/not-representative")
@needs(Action.SAMPLE_REJECT)
def reject(sample_id: str) -> ResponseReturnValue:
    """Leave a call out because it is no business call (SAM-5)."""
    try:
        replaced = replacing.reject(stores(), actor(), sample_id, request.form.get("reason", ""))
    except Invalid as fault:
        return _reject_page(sample_id, sentence(fault)), 422
    flash(
        gettext("The call has left the sample, and the system has drawn another.")
        if replaced
        else gettext("The call has left the sample. There is no other call to draw in its place.")
    )
    return redirect(url_for("coaching.board"), 303)


def _save(sample_id: str, revision: int, changes: dict[str, str]) -> Any:
    report = _begun(sample_id)
    with stores().database.write() as session:
        return assessment.save(session, stores().keys, actor(), report.id, revision, changes)


def _begun(sample_id: str) -> Report:
    """The draft, committed by itself: what is wrong with a later change takes back neither it nor its key."""
    with stores().database.write() as session:
        return assessment.open_report(session, stores().keys, actor(), sample_id)


def _sheet(sample_id: str) -> Sheet:
    with stores().database.write() as session:
        return sheets.read(session, stores().keys, actor(), sample_id)


def _scoring_page(
    sheet: Sheet,
    draft: Draft,
    errors: Errors | None = None,
    elsewhere: dict[str, str] | None = None,
) -> str:
    context = forms.scoring(sheet, draft, errors or [], elsewhere or {})
    name, lease = _name(sheet.employee_id), _lease(sheet)
    return render("coaching/score.html", sheet.permit.reason, name=name, lease=lease, **context)


def _finish_page(sheet: Sheet, fault: str | None = None) -> str:
    context = forms.finishing(sheet, fault)
    return render("coaching/finish.html", sheet.permit.reason, name=_name(sheet.employee_id), **context)


def _reject_page(sample_id: str, fault: str | None = None) -> str:
    sheet = _sheet(sample_id)
    context = forms.rejecting(sheet, fault)
    return render("coaching/reject.html", sheet.permit.reason, name=_name(sheet.employee_id), **context)


def _elsewhere(other: assessment.ChangedElsewhere) -> Response:
    now = {"revision": other.revision, "saved_at": words.time_of_day(other.saved_at)}
    return problem(other.status, other.code, sentence(other), **now, kept=dict(other.kept))


def _lease(sheet: Sheet) -> dict[str, str] | None:
    """The lease that a browser without script carries in the page's address, if it is this session's."""
    lease_id = request.args.get("lease")
    if lease_id is None:
        return None
    with stores().database.read() as session:
        lease = session.get(PlaybackLease, lease_id)
    if (
        lease is None
        or lease.subject != f"sample:{sheet.sample_id}"
        or lease.session_id != actor().session_id
    ):
        return None
    return {"sound_url": url_for("recordings.sound", lease_id=lease_id)}


def _name(person_id: str) -> str:
    with stores().database.read() as session:
        return people.names(session, [person_id])[person_id]
