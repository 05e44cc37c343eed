"""The pages of the coach who gives a second opinion: which ones wait, taking one, and the sheet, scored
without anything of the first (REP-8).
"""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access.actions import Action
from kcc.coaching import assessment
from kcc.coaching import forms as coaching_forms
from kcc.coaching.draft import Draft, Incomplete
from kcc.coaching.opinions import forms, listening, scoring, taking
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.opinions.scoring import OpinionSheet
from kcc.errors import N_, Invalid
from kcc.people import queries as people
from kcc.recordings.model import PlaybackLease
from kcc.web.errors import problem, wants_json
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("giving", __name__)


@bp.get("/opinions")
@needs(Action.OPINION_LIST)
def show_all() -> ResponseReturnValue:
    """Which second opinions wait for a coach, without names, and those that one has taken."""
    with stores().database.write() as session:
        found = taking.look(session, actor())
        names = people.names(session, [mine.employee_id for mine in found.mine])
    return render("coaching/opinions/list.html", found.permit.reason, found=found, names=names)


@bp.post("/opinions/<opinion_id>/take")
@needs(Action.OPINION_TAKE)
def take(opinion_id: str) -> ResponseReturnValue:
    """Take a second opinion that waits; of two at the same moment the first has it."""
    with stores().database.write() as session:
        taking.take(session, actor(), opinion_id)
    return redirect(url_for("giving.sheet", opinion_id=opinion_id), 303)


@bp.get("/opinions/<opinion_id>")
@needs(Action.OPINION_SCORE)
def sheet(opinion_id: str) -> ResponseReturnValue:
    """The player beside the second coach's form; once it is finished, both side by side instead."""
    with stores().database.read() as session:
        done = scoring.scored(session, actor(), opinion_id)
    if done:
        return redirect(url_for("opinions.compare", opinion_id=opinion_id), 303)
    found = _sheet(opinion_id)
    return _scoring_page(found, found.draft)


@bp.post("/opinions/<opinion_id>")
@needs(Action.OPINION_SCORE)
def save(opinion_id: str) -> ResponseReturnValue:
    """Save the form as a page without script sends it, and go on to finishing where that was asked."""
    changes = coaching_forms.changes(request.form)
    try:
        _save(opinion_id, coaching_forms.revision(request.form), changes)
    except assessment.ChangedElsewhere as other:
        elsewhere = coaching_forms.differing(changes, other.kept)
        typed = {**other.kept, **changes}
        return _scoring_page(_sheet(opinion_id), typed, [(None, sentence(other))], elsewhere), 409
    except Invalid as fault:
        found = _sheet(opinion_id)
        return _scoring_page(found, {**found.draft, **changes}, [(fault.field, sentence(fault))]), 422
    if "finish" in request.form:
        return redirect(url_for("giving.finish_form", opinion_id=opinion_id), 303)
    flash(gettext("Your answers are saved."))
    return redirect(url_for("giving.sheet", opinion_id=opinion_id), 303)


@bp.post("/opinions/<opinion_id>/autosave")
@needs(Action.OPINION_SCORE)
def autosave(opinion_id: str) -> ResponseReturnValue:
    """Save some fields while the coach works: {"revision": 3, "changes": {"answer-3": "yes"}}."""
    body = request.get_json()
    if not isinstance(body, dict) or not isinstance(body.get("changes"), dict):
        raise Invalid("changes", N_("The request could not be understood."))
    try:
        saved = _save(opinion_id, coaching_forms.revision(body), body["changes"])
    except assessment.ChangedElsewhere as other:
        return _elsewhere(other)
    at = saved.saved_at or clock.now()
    return {"revision": saved.revision, "saved_at": coaching_forms.time_of_day(at)}


@bp.post("/opinions/<opinion_id>/listen")
@needs(Action.OPINION_PLAY)
def listen(opinion_id: str) -> ResponseReturnValue:
    """Open the call for listening, to give a second opinion."""
    minutes = stores().settings.playback.lease_minutes
    with stores().database.write() as session:
        lease = listening.open_call(session, actor(), opinion_id, minutes)
    if wants_json():
        return redirect(url_for("recordings.addresses", lease_id=lease.id), 303)
    return redirect(url_for("giving.sheet", opinion_id=opinion_id, lease=lease.id), 303)


@bp.get("/opinions/<opinion_id>/finish")
@needs(Action.OPINION_SCORE, step_up=True)
def finish_form(opinion_id: str) -> ResponseReturnValue:
    """What finishing means, and what is still missing."""
    return _finish_page(_sheet(opinion_id))


@bp.post("/opinions/<opinion_id>/finish")
@needs(Action.OPINION_SCORE, step_up=True)
def finish(opinion_id: str) -> ResponseReturnValue:
    """Finish the sheet: from now on all three read both scores."""
    try:
        revision = coaching_forms.revision(request.form)
        with stores().database.write() as session:
            scoring.finish(session, stores().keys, actor(), opinion_id, revision)
    except assessment.ChangedElsewhere as other:
        return _finish_page(_sheet(opinion_id), sentence(other)), 409
    except Incomplete as fault:
        return _finish_page(_sheet(opinion_id), sentence(fault)), 422
    flash(gettext("Your second opinion is finished. Both scores now stand side by side."))
    return redirect(url_for("opinions.compare", opinion_id=opinion_id), 303)


# --- pages ---


def _save(opinion_id: str, revision: int, changes: dict[str, str]) -> SecondOpinion:
    with stores().database.write() as session:
        return scoring.save(session, stores().keys, actor(), opinion_id, revision, changes)


def _sheet(opinion_id: str) -> OpinionSheet:
    with stores().database.write() as session:
        return scoring.read(session, stores().keys, actor(), opinion_id)


def _scoring_page(
    found: OpinionSheet,
    draft: Draft,
    errors: coaching_forms.Errors | None = None,
    elsewhere: dict[str, str] | None = None,
) -> str:
    context = forms.scoring(found, draft, errors or [], elsewhere or {})
    name, lease = _name(found.employee_id), _lease(found.id)
    return render("coaching/opinions/score.html", found.permit.reason, name=name, lease=lease, **context)


def _finish_page(found: OpinionSheet, fault: str | None = None) -> str:
    context = forms.finishing(found, fault)
    name = _name(found.employee_id)
    return render("coaching/opinions/finish.html", found.permit.reason, name=name, **context)


def _elsewhere(other: assessment.ChangedElsewhere) -> Response:
    now = {"revision": other.revision, "saved_at": coaching_forms.time_of_day(other.saved_at)}
    return problem(other.status, other.code, sentence(other), **now, kept=dict(other.kept))


def _lease(opinion_id: str) -> dict[str, str] | None:
    """The lease that a browser without script carries in the page's address, if it is this session's."""
    lease_id = request.args.get("lease")
    if lease_id is None:
        return None
    with stores().database.read() as session:
        lease = session.get(PlaybackLease, lease_id)
    if lease is None or lease.subject != f"opinion:{opinion_id}" or lease.session_id != actor().session_id:
        return None
    return {"sound_url": url_for("recordings.sound", lease_id=lease_id)}


def _name(person_id: str) -> str:
    with stores().database.read() as session:
        return people.names(session, [person_id])[person_id]
