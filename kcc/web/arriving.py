"""Beginning the session of this browser, once all proofs are given; what leads to it lives in entering."""

from flask import flash, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from kcc.people import browsers, sessions
from kcc.people.signin import Known
from kcc.web.identity import optional_actor, stores


def begin(session: Session, known: Known) -> tuple[str, bool]:
    """End this browser's session and begin another; its secret, and whether an older one had to end."""
    if before := optional_actor():
        sessions.end(session, before)
    secret = sessions.begin(
        session,
        known.actor.person_id,
        known.factors,
        browser=browsers.named(request.user_agent.string),
        limits=stores().settings.signin,
    )
    return secret, sessions.displaced(session, secret) > 0


def tell(made_room: bool) -> None:
    """Say on the next page that an older session had to end."""
    if made_room:
        flash(
            gettext("You were signed in in two other browsers. The oldest of those sessions has ended."),
            "warning",
        )
