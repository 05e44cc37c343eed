"""The pages of a joint session: opening one, joining it, sitting beside each other, ending it."""

from typing import Any

from flask import Blueprint, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Subject
from kcc.errors import N_, Invalid, KccError, NotFound, Refused
from kcc.people.factors import proving
from kcc.people.factors.proving import WrongCode
from kcc.people.throttle import TryLater
from kcc.threat.joint_listening import ending, presence, queries, reading, sessions
from kcc.threat.joint_listening.rules import LONGEST, Why
from kcc.threat.rules import KINDS
from kcc.wall.rights import Role
from kcc.web.i18n import sentence
from kcc.web.identity import actor, optional_actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("joint", __name__)

OVER = {
    Why.BY_HAND: N_("One of you has ended the session."),
    Why.TIME: N_("The hour of this session is over."),
    Why.INCIDENT: N_("The report of the threat was withdrawn or settled."),
    Why.LEAD: N_("The team lead who joined no longer leads the employee's team."),
    Why.EMPLOYEE: N_("The employee's function has ended."),
}
Errors = list[tuple[str, str]]


@bp.get("/calls/<recording_id>/together")
@needs(Action.JOINT_OPEN)
def open_form(recording_id: str) -> ResponseReturnValue:
    """What listening together is, and the button that opens a session."""
    return _open_page(recording_id)


@bp.post("/calls/<recording_id>/together")
@needs(Action.JOINT_OPEN)
def open_session(recording_id: str) -> ResponseReturnValue:
    """Open a session about one of the actor's own reported calls."""
    try:
        with stores().database.write() as session:
            joint = sessions.open_on(session, actor(), recording_id)
            presence.sit_down(session, joint.id, actor().person_id, actor().session_id or "")
    except Refused as fault:
        return _open_page(recording_id, [("open", sentence(fault))]), 409
    return redirect(url_for("joint.show", joint_id=joint.id), 303)


@bp.get("/together/<joint_id>")
@needs(Action.JOINT_READ)
def show(joint_id: str) -> ResponseReturnValue:
    """The session for one of both: who is there, the sound, what was marked."""
    return _page(joint_id)


@bp.post("/together/<joint_id>/join")
@needs(Action.JOINT_JOIN, step_up=True)
def join(joint_id: str) -> ResponseReturnValue:
    """The team lead joins in this browser, having proved again who they are."""
    with stores().database.write() as session:
        sessions.join(session, actor(), joint_id, actor().session_id or "")
    return redirect(url_for("joint.show", joint_id=joint_id), 303)


@bp.post("/together/<joint_id>/beside")
@needs(Action.JOINT_STEER)
def beside(joint_id: str) -> ResponseReturnValue:
    """The team lead proves at the employee's screen that they sit there, with number and code."""
    _asked_by_the_employee(joint_id)
    number, code = request.form.get("number", ""), request.form.get("code", "")
    key = current_app.config["SECRET_KEY"]
    try:
        _filled_in(number, code)
        lead = proving.beside(stores().acting(Role.GATE), number, code, key=key)
        with stores().acting(Role.JOBS).database.write() as session:
            sessions.join(session, lead, joint_id, actor().session_id or "", beside=True)
    except Invalid as fault:
        return _page(joint_id, [(fault.field, sentence(fault))], 422)
    except (WrongCode, TryLater) as fault:
        return _page(joint_id, [("code", sentence(fault))], fault.status)
    flash(gettext("%(name)s is here now.", name=lead.name))
    return redirect(url_for("joint.show", joint_id=joint_id), 303)


@bp.post("/together/<joint_id>/apart")
@needs(Action.JOINT_STEER)
def apart(joint_id: str) -> ResponseReturnValue:
    """Whoever sat beside the actor has gone."""
    with stores().database.write() as session:
        facts = queries.facts(session, joint_id, clock.now())
        policy.permit(actor(), Action.JOINT_STEER, Subject("joint", joint_id), facts)
        presence.stand_up(session, actor(), joint_id)
    return redirect(url_for("joint.show", joint_id=joint_id), 303)


@bp.post("/together/<joint_id>/end")
@needs(Action.JOINT_STEER)
def end(joint_id: str) -> ResponseReturnValue:
    """End the session for both."""
    with stores().database.write() as session:
        sessions.end(session, actor(), joint_id)
    flash(gettext("The session has ended. Both your names stand with the call under who has listened."))
    return redirect(url_for("joint.show", joint_id=joint_id), 303)


@bp.app_context_processor
def offered() -> dict[str, Any]:
    """Let the page of a report and the team's page ask which sessions there are to go to."""
    return {"joint_waiting": joint_waiting, "joint_may_open": joint_may_open}


def joint_waiting() -> list[queries.Waiting]:
    """The sessions that whoever asks may join as team lead."""
    me = optional_actor()
    if me is None or not me.teams_led:
        return []
    with stores().database.read() as session:
        return queries.waiting_for(session, me.person_id, me.teams_led, clock.now())


def joint_may_open(recording_id: str) -> bool:
    """Whether whoever asks may open a session about this call."""
    me = optional_actor()
    if me is None:
        return False
    with stores().database.read() as session:
        try:
            facts = queries.call_facts(session, recording_id, clock.now())
            policy.permit(me, Action.JOINT_OPEN, Subject("recording", recording_id), facts)
        except KccError:
            return False
    return True


def _asked_by_the_employee(joint_id: str) -> None:
    """Sitting beside is at the employee's screen: a team lead has one of their own, or joins from it."""
    with stores().database.read() as session:
        facts = queries.facts(session, joint_id, clock.now())
        policy.permit(actor(), Action.JOINT_STEER, Subject("joint", joint_id), facts)
        if facts.recording.owner_id != actor().person_id:
            raise NotFound


def _filled_in(number: str, code: str) -> None:
    if not number.strip():
        raise Invalid("number", N_("Fill in your personnel number."))
    if not code.strip():
        raise Invalid("code", N_("Type the code that the app shows now, or a recovery code."))


def _open_page(recording_id: str, errors: Errors | None = None) -> str:
    with stores().database.read() as session:
        facts = queries.call_facts(session, recording_id, clock.now())
        subject = Subject("recording", recording_id)
        permit = policy.permit(actor(), Action.JOINT_OPEN, subject, facts)
        going = queries.going_on(session, recording_id, clock.now())
    return render(
        "threat/joint_open.html",
        permit.reason,
        recording_id=recording_id,
        going=going,
        minutes=LONGEST.seconds // 60,
        errors=errors,
    )


def _page(joint_id: str, errors: Errors | None = None, status: int = 200) -> ResponseReturnValue:
    ending.close_if_over(stores().acting(Role.JOBS), joint_id)
    with stores().database.write() as session:
        seen = reading.page(session, stores().keys, actor(), joint_id)
        reported = reading.reported(stores(), session, seen, actor())
    mine = seen.joint.employee_id == actor().person_id
    page = render(
        "threat/joint_show.html",
        seen.permit.reason,
        seen=seen,
        reported=reported,
        kinds=KINDS,
        mine=mine,
        me=actor().person_id,
        over=gettext(OVER[seen.over]) if seen.over else None,
        typed=request.form,
        errors=errors,
        fault=dict(errors or []),
    )
    return make_response(page, status)
