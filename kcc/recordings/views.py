"""The employee's pages about their own calls, and the sound of an opened lease for whoever holds it."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.purposes import SENTENCES, Purpose
from kcc.audit import record
from kcc.errors import KccError
from kcc.recordings import forms, holds, listening, playback, queries
from kcc.recordings.model import Hold, Line, PlaybackLease
from kcc.recordings.rendition import MEDIA_TYPE
from kcc.recordings.sounding import Sounding
from kcc.web import pages
from kcc.web import sessions as cookies
from kcc.web.errors import wants_json
from kcc.web.identity import actor, optional_actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs
from kcc.web.streaming import ranged

bp = Blueprint("recordings", __name__)


@bp.app_template_filter("days_left")
def days_left(due_at: datetime) -> int:
    """Whole days of the centre until an instant: 0 is today."""
    return (clock.local_day(due_at) - clock.today()).days


@bp.get("/calls")
@needs(Action.RECORDING_LIST)
def my_calls() -> ResponseReturnValue:
    """The actor's own calls, newest first."""
    me = actor()
    permit = policy.permit(me, Action.RECORDING_LIST, policy.Subject("recording"))
    errors: forms.Faults = []
    wanted = forms.filter_of(request.args, errors)
    before, after = forms.key_of(request.args, "before"), forms.key_of(request.args, "after")
    page = None
    if not errors:
        with stores().database.write() as session:
            record.act(session, permit)
            page = queries.own_calls(session, me.person_id, clock.now(), wanted, before, after)
    shown = render(
        "recordings/my_calls.html",
        permit.reason,
        page=page,
        wanted=request.args,
        errors=errors,
        filtered=any(request.args.get(name) for name in forms.FILTERS),
        paged=before is not None or after is not None,
        directions=[(code, gettext(words)) for code, words in forms.DIRECTIONS.items()],
        term_days=stores().settings.limits.recording_days,
        older_url=_list_url("before", page.older if page else None),
        newer_url=_list_url("after", page.newer if page else None),
    )
    return shown, 422 if errors else 200


@bp.get("/calls/<recording_id>")
@needs(Action.RECORDING_READ)
def my_call(recording_id: str) -> ResponseReturnValue:
    """One of the actor's own calls: player, deadline, who listened, what can be done."""
    me = actor()
    with stores().database.write() as session:
        call = listening.read_own(session, me, recording_id)
        lease = _own_lease(session, recording_id)
        line = session.get(Line, call.recording.line)
        reported_at = _reported_at(session, recording_id)
    return render(
        "recordings/my_call.html",
        call.permit.reason,
        call=call,
        listeners=[_in_words(seen) for seen in call.listeners],
        direction=gettext(forms.DIRECTIONS[call.recording.direction]),
        line=line.name if line else call.recording.line,
        lease=lease,
        reported_at=reported_at,
        term_days=stores().settings.limits.recording_days,
    )


@bp.post("/calls/<recording_id>/listen")
@needs(Action.RECORDING_PLAY)
def listen(recording_id: str) -> ResponseReturnValue:
    """Open one of the actor's own calls for listening."""
    with stores().database.write() as session:
        lease = listening.open_own(session, actor(), recording_id, stores().settings.playback.lease_minutes)
    if wants_json():
        return redirect(url_for("recordings.addresses", lease_id=lease.id), 303)
    return redirect(url_for("recordings.my_call", recording_id=recording_id, lease=lease.id), 303)


# The routes below serve every lease, whoever holds it: which function may have one is decided where it is
# opened, and asked again by the player while it is used.


@bp.get("/listening/<lease_id>/addresses")
@needs(Action.SOUND_FETCH)
def addresses(lease_id: str) -> ResponseReturnValue:
    """What the player needs to know of a lease of this session, and where its sound is."""
    sounding = _fetched(lease_id)
    names = ["sound", "state", "waveform", "progress", "close"] + ["conversation"] * sounding.described
    return {f"{name}_url": url_for(f"recordings.{name}", lease_id=lease_id) for name in names} | {
        "duration_ms": sounding.sound.duration_ms,
        "channels": sounding.sound.channels,
        "rate": sounding.sound.rate,
        "bytes": sounding.rendition.size,
        "employee_channel": sounding.employee_channel,
        "made": sounding.progress(),
    }


@bp.get("/listening/<lease_id>/sound")
@needs(Action.SOUND_FETCH)
def sound(lease_id: str) -> Response:
    """The sound of a lease of this session, whole or in ranges."""
    sounding = _fetched(lease_id)
    player().heard(sounding)
    rendition = sounding.rendition
    return ranged(rendition.size, sounding.play, MEDIA_TYPE, rendition.border)


@bp.get("/listening/<lease_id>")
@needs(Action.SOUND_FETCH)
def state(lease_id: str) -> ResponseReturnValue:
    """204 while the lease stands; otherwise why not. Asking keeps no session alive (SEC-1)."""
    player().keep_up(_fetched(lease_id))
    return "", 204


@bp.get("/listening/<lease_id>/waveform")
@needs(Action.SOUND_FETCH)
def waveform(lease_id: str) -> ResponseReturnValue:
    """The waveform of a lease's sound."""
    return dict(_fetched(lease_id).peaks())


@bp.get("/listening/<lease_id>/conversation")
@needs(Action.SOUND_FETCH)
def conversation(lease_id: str) -> ResponseReturnValue:
    """Who is heard when, by signal measures alone: for whoever listens, and kept nowhere (GOV-4)."""
    return dict(_fetched(lease_id).timeline())


@bp.get("/listening/<lease_id>/progress")
@needs(Action.SOUND_FETCH)
def progress(lease_id: str) -> ResponseReturnValue:
    """How much of a sound that is still being decoded can be played."""
    return {"made": _fetched(lease_id).progress()}


@bp.post("/listening/<lease_id>/close")
@needs(Action.SOUND_FETCH)
def close(lease_id: str) -> ResponseReturnValue:
    """End a lease before its time."""
    player().close(lease_id, player().session_of(_secret()))
    return "", 204


def _fetched(lease_id: str) -> Sounding:
    try:
        return player().fetch(lease_id, _secret())
    except KccError:
        optional_actor()  # so that the refusal is in the person's language
        raise


def _secret() -> str:
    secret = cookies.token(request, secure=stores().settings.server.secure)
    if secret is None:
        abort(401)
    return secret


def player() -> playback.Player:
    """The leases of this process."""
    found: playback.Player = current_app.extensions["kcc.player"]
    return found


def _list_url(name: str, key: forms.Key | None) -> str | None:
    query = forms.address_of(request.args, name, key)
    return url_for("recordings.my_calls", **query) if query else None


def _own_lease(session: Session, recording_id: str) -> dict[str, str] | None:
    """The lease in the page's address, for a browser without script, if it is this session's and stands."""
    lease_id = request.args.get("lease", "")
    lease = session.get(PlaybackLease, lease_id) if forms.ID.fullmatch(lease_id) else None
    if lease is None or lease.recording_id != recording_id or lease.session_id != actor().session_id:
        return None
    if lease.closed_at is not None or clock.now() >= lease.ends_at:
        return None
    return {"sound_url": url_for("recordings.sound", lease_id=lease.id)}


def _reported_at(session: Session, recording_id: str) -> datetime | None:
    """When the actor reported this call as a threat, if they did and that stands."""
    query = select(func.min(Hold.placed_at)).where(
        Hold.recording_id == recording_id, Hold.kind == holds.THREAT, Hold.lifted_at.is_(None)
    )
    return session.scalar(query)


def _in_words(heard: listening.Heard) -> dict[str, Any]:
    """Who listened, as what, what for and how much, in the words of this language."""
    seen = heard.seen
    purpose = gettext(SENTENCES[Purpose(seen.purpose)]) if seen.purpose else None
    function = pages.functions_said(seen.function)
    return {
        "name": seen.name,
        "function": function,
        "purpose": purpose,
        "at": seen.at,
        "played": heard.played,
    }
