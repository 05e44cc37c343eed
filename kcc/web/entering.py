"""From a first proof of who somebody is, over a second factor where one is due, to their session: the one end
of every way in.
"""

import flask
from flask import Response, make_response, redirect, request, url_for

from kcc.people import local_signin
from kcc.people.factors import halfway, queries
from kcc.people.factors.halfway import Half
from kcc.people.factors.queries import Due
from kcc.people.signin import Known
from kcc.web import arriving
from kcc.web import sessions as cookies
from kcc.web.identity import stores
from kcc.web.paths import local_path

PAGES: dict[Due, str] = {"code": "entering.code_form", "enrol": "entering.enrol_form"}


def enter(known: Known, wanted: str) -> Response:
    """Begin the session and go on to `wanted`, if that is a path of this site; the session before it ends.

    While a second factor is due only a half session begins, and the way leads to the page that asks for it.
    """
    with stores().database.write() as session:
        known = local_signin.admitted(session, known, stores().settings.sso)
        person_id = known.actor.person_id
        due = queries.due(session, person_id, known.factors, stores().settings.signin)
        if due:
            return _halfway(due, halfway.begin(session, person_id, known.factors), wanted)
        if token := _half_token():
            halfway.end(session, token)
        secret, made_room = arriving.begin(session, known)
    flask.session.clear()
    arriving.tell(made_room)
    response = make_response(redirect(local_path(wanted, url_for("people.home")), 303))
    cookies.drop(response, secure=_secure(), of=cookies.HALF)
    cookies.put(response, secret, secure=_secure())
    return response


def half_of(due: Due) -> Half | None:
    """Who stands halfway and owes just this now; None sends them back to the beginning.

    What is due is asked anew: whoever knows a password alone must not enrol beside somebody's own factor.
    """
    token = _half_token()
    if token is None:
        return None
    with stores().database.read() as session:
        half = halfway.look_up(session, token)
        if half is None:
            return None
        owed = queries.due(session, half.actor.person_id, half.factors, stores().settings.signin)
    return half if owed == due else None


def _halfway(due: Due, token: str, wanted: str) -> Response:
    onward = local_path(wanted, "")
    response = make_response(redirect(url_for(PAGES[due], next=onward or None), 303))
    cookies.put(response, token, secure=_secure(), of=cookies.HALF)
    return response


def _half_token() -> str | None:
    return cookies.token(request, secure=_secure(), of=cookies.HALF)


def _secure() -> bool:
    return stores().settings.server.secure
