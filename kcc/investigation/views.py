"""The pages of cases: those one decides about, listens for or watches over; one of them, its calls, and the
counts of quarters. Signing is signing's, what the employee sees own's.
"""

from datetime import date

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.errors import NotFound
from kcc.investigation import forms, listening, queries, reading
from kcc.investigation.model import CaseCall
from kcc.people import queries as people
from kcc.recordings.model import PlaybackLease
from kcc.stores import Stores
from kcc.wall.rights import Role
from kcc.web.errors import wants_json
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("cases", __name__)
MONITORED = "kcc.investigation.monitored"
"""Under which the app keeps the question which recordings were drawn for monitoring; coaching answers it."""


def itself() -> Stores:
    """The stores as kcc itself: what a case is about is in no list of anybody's, and the policy was asked."""
    return stores().acting(Role.JOBS)


@bp.get("/cases")
@needs(Action.CASE_LIST)
def show_all() -> ResponseReturnValue:
    """The cases that the actor decides about, listens for or watches over."""
    me = actor()
    permit = policy.permit(me, Action.CASE_LIST, Subject("case"))
    with itself().database.write() as session:
        record.act(session, permit)
        now = clock.now()
        found = [(one, queries.state(one, now)) for one in queries.of_actor(session, me, now)]
        names = people.names(session, {one.employee_id for one, _ in found})
    return render(
        "investigation/list.html",
        permit.reason,
        cases=found,
        names=names,
        states=forms.STATES,
        proposes=policy.may_visit(me, Action.CASE_PROPOSE),
        counts=policy.may_visit(me, Action.CASE_COUNT),
    )


@bp.get("/cases/<case_id>")
@needs(Action.CASE_READ)
def show(case_id: str) -> ResponseReturnValue:
    """One case: what two decided, who signed, its calls, and what can be done now."""
    with itself().database.write() as session:
        found = reading.read(itself(), session, actor(), case_id)
    return render(
        "investigation/case.html",
        found.permit.reason,
        found=found,
        states=forms.STATES,
        kinds=forms.KINDS,
        grounds=forms.GROUNDS,
        seats=forms.SEATS,
        hows=forms.HOWS,
        day=date.fromisoformat,
    )


@bp.get("/cases/<case_id>/calls/<call_id>")
@needs(Action.CASE_READ)
def call(case_id: str, call_id: str) -> ResponseReturnValue:
    """One call of a case, for its listener."""
    with itself().database.write() as session:
        found = reading.read(itself(), session, actor(), case_id)
        one = next((call for call in found.calls if call.id == call_id), None)
        lease = _lease(session.get(PlaybackLease, request.args.get("lease", "")), call_id)
    if one is None or not found.listens:
        raise NotFound
    return render("investigation/call.html", found.permit.reason, found=found, call=one, lease=lease)


@bp.post("/case-calls/<call_id>/listen")
@needs(Action.CASE_PLAY)
def listen(call_id: str) -> ResponseReturnValue:
    """Open a call of a case for listening."""
    minutes = stores().settings.playback.lease_minutes
    with stores().database.write() as session:
        lease = listening.open_call(session, actor(), call_id, minutes)
        case_id = session.get_one(CaseCall, call_id).case_id
    if wants_json():
        return redirect(url_for("recordings.addresses", lease_id=lease.id), 303)
    return redirect(url_for("cases.call", case_id=case_id, call_id=call_id, lease=lease.id), 303)


@bp.get("/cases/counts")
@needs(Action.CASE_COUNT)
def counts() -> ResponseReturnValue:
    """How many cases there were in each quarter that is over; nothing below 5."""
    permit = policy.permit(actor(), Action.CASE_COUNT, Subject("case"))
    with itself().database.write() as session:
        record.act(session, permit, act="counts")
        found = queries.counts(session, clock.today())
    columns = {what: gettext(words) for what, words in forms.COUNTED.items()}
    return render("investigation/counts.html", permit.reason, quarters=found, columns_by=columns)


def _lease(found: PlaybackLease | None, call_id: str) -> dict[str, str] | None:
    mine = found is not None and found.session_id == actor().session_id
    if found is None or not mine or found.subject != f"case_call:{call_id}":
        return None
    return {"sound_url": url_for("recordings.sound", lease_id=found.id)}
