"""From a first proof of who somebody is to their session: the one end of every way in."""

from flask import Response, make_response, redirect, url_for

from kcc.people.signin import Known
from kcc.web import arriving
from kcc.web import sessions as cookies
from kcc.web.identity import stores
from kcc.web.paths import local_path


def enter(known: Known, wanted: str) -> Response:
    """Begin the session and go on to `wanted`, if that is a path of this site; the session before it ends."""
    secret = arriving.begin(known)
    response = make_response(redirect(local_path(wanted, url_for("people.home")), 303))
    cookies.put(response, secret, secure=stores().settings.server.secure)
    return response
