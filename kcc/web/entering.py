"""From a first proof of who somebody is to their session: the one end of every way in."""

import flask
from flask import Response, make_response, redirect, url_for

from kcc.people import sessions
from kcc.people.signin import Known
from kcc.web import sessions as cookies
from kcc.web.identity import optional_actor, stores
from kcc.web.paths import local_path


def enter(known: Known, wanted: str) -> Response:
    """Begin the session and go on to `wanted`, if that is a path of this site; the session before it ends."""
    before = optional_actor()
    with stores().database.write() as session:
        if before:
            sessions.end(session, before)
        secret = sessions.begin(session, known.actor.person_id)
    flask.session.clear()
    response = make_response(redirect(local_path(wanted, url_for("people.home")), 303))
    cookies.put(response, secret, secure=stores().settings.server.secure)
    return response
