"""What a joint session's page asks and says by itself, as JSON: a sign each second, the transport, marks."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Subject
from kcc.errors import N_, Invalid
from kcc.threat.joint_listening import ending, listening, presence, queries, reading, transport
from kcc.threat.joint_listening.views import OVER
from kcc.wall.rights import Role
from kcc.web.identity import actor, stores
from kcc.web.routes import needs

bp = Blueprint("joint_live", __name__)


@bp.post("/together/<joint_id>/here")
@needs(Action.JOINT_READ, quiet=True)
def here(joint_id: str) -> ResponseReturnValue:
    """This browser is there, and asks how things stand: {"listening": true}. Keeps no session alive."""
    me, keys = actor(), stores().keys
    heard = _body(Action.JOINT_READ, joint_id).get("listening") is True
    with stores().database.read() as session:
        seen = reading.look(session, keys, me, joint_id)
        due = seen.over is None and presence.worth_keeping(session, me, joint_id, listening=heard)
        still = seen.moment.playing and not seen.playing
    if due or still:
        with stores().database.write() as session:
            queries.locked(session, joint_id)
            if due:
                presence.keep(session, me, joint_id, listening=heard)
            seen = reading.look(session, keys, me, joint_id)
            if seen.over is None and seen.moment.playing and not seen.playing:
                transport.hold_still(session, seen.joint)
                seen = reading.look(session, keys, me, joint_id)
    if seen.over is not None and seen.joint.closed_at is None:
        ending.close_if_over(stores().acting(Role.JOBS), joint_id)
    return _told(seen)


@bp.post("/together/<joint_id>/steer")
@needs(Action.JOINT_STEER)
def steer(joint_id: str) -> ResponseReturnValue:
    """Play, pause or go to a place, for both: {"revision": 3, "playing": true, "place_ms": 12000}."""
    body = _body(Action.JOINT_STEER, joint_id)
    revision, place = _whole(body, "revision"), _whole(body, "place_ms")
    playing = body.get("playing") is True
    with stores().database.write() as session:
        moved = transport.steer(session, actor(), joint_id, revision, playing=playing, place_ms=place)
        seen = reading.look(session, stores().keys, actor(), joint_id)
    return _told(seen) | {"overtook": moved.overtook}


@bp.post("/together/<joint_id>/mark")
@needs(Action.JOINT_STEER)
def mark(joint_id: str) -> ResponseReturnValue:
    """Mark a moment for both: {"place_ms": 12000}."""
    place = _whole(_body(Action.JOINT_STEER, joint_id), "place_ms")
    with stores().database.write() as session:
        transport.mark(session, stores().keys, actor(), joint_id, place)
        seen = reading.look(session, stores().keys, actor(), joint_id)
    return _told(seen)


@bp.post("/together/<joint_id>/listen")
@needs(Action.JOINT_PLAY)
def listen(joint_id: str) -> ResponseReturnValue:
    """Open the sound for this browser, while both are there; without script there is none."""
    minutes = stores().settings.playback.lease_minutes
    with stores().database.write() as session:
        lease = listening.open_together(session, actor(), joint_id, minutes)
    return redirect(url_for("recordings.addresses", lease_id=lease.id), 303)


@bp.post("/together/<joint_id>/leave")
@needs(Action.JOINT_READ)
def leave(joint_id: str) -> ResponseReturnValue:
    """The page was closed: nobody sits at this browser, and the sound stops for both."""
    with stores().database.write() as session:
        facts = queries.facts(session, joint_id, clock.now())
        policy.permit(actor(), Action.JOINT_READ, Subject("joint", joint_id), facts)
        presence.leave(session, actor(), joint_id)
        transport.hold_still(session, queries.by_id(session, joint_id))
    return "", 204


def _body(action: Action, joint_id: str) -> dict[str, Any]:
    """What the page sent, once it is settled that its sender may; Invalid if it is nothing of ours."""
    with stores().database.read() as session:
        facts = queries.facts(session, joint_id, clock.now())
        policy.permit(actor(), action, Subject("joint", joint_id), facts)
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Invalid("body", N_("The request could not be understood."))
    return found


def _whole(body: dict[str, Any], name: str) -> int:
    found = body.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 10**9:
        raise Invalid(name, N_("The request could not be understood."))
    return found


def _told(seen: reading.Seen) -> dict[str, Any]:
    """How things stand, as the page of one of both shows it."""
    me = actor().person_id
    by = seen.moment.moved_by_id
    return {
        "over": gettext(OVER[seen.over]) if seen.over else None,
        "left_ms": max(0, int((seen.joint.ends_at - clock.now()).total_seconds() * 1000)),
        "seated": seen.seated,
        "joined": seen.other_id is not None,
        "other": seen.other_id in seen.here_ids if seen.other_id else False,
        "other_listens": seen.other_id in seen.listening if seen.other_id else False,
        "both": seen.both,
        "revision": seen.moment.revision,
        "playing": seen.playing,
        "place_ms": seen.place_ms,
        "by": None if by is None else "me" if by == me else "other",
        "marks": [{"id": one.id, "ms": one.ms, "mine": one.by_id == me} for one in seen.marks],
    }
