"""Beginning the session of this browser, once all proofs are given; what leads to it lives in entering."""

import flask
from flask import flash, request
from flask_babel import gettext

from kcc.people import browsers, local_signin, sessions
from kcc.people.signin import Known
from kcc.web.identity import optional_actor, stores


def begin(known: Known) -> str:
    """End this browser's session before and begin another, telling whom that ends elsewhere; its secret."""
    before = optional_actor()
    with stores().database.write() as session:
        known = local_signin.admitted(session, known, stores().settings.sso)
        if before:
            sessions.end(session, before)
        secret = sessions.begin(
            session,
            known.actor.person_id,
            known.factors,
            browser=browsers.named(request.user_agent.string),
            limits=stores().settings.signin,
        )
        made_room = sessions.displaced(session, secret)
    flask.session.clear()
    if made_room:
        flash(
            gettext("You were signed in in two other browsers. The oldest of those sessions has ended."),
            "warning",
        )
    return secret
