"""The addresses of single sign-on: to the issuer, back from it, and out of it; no proof is judged here."""

from typing import Any

import flask
from flask import Blueprint, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc.access.actions import Action
from kcc.errors import N_, KccError, NotFound, Unavailable
from kcc.people.sso import accounts
from kcc.stores import Stores
from kcc.web.entering import enter
from kcc.web.i18n import sentence
from kcc.web.identity import stores
from kcc.web.pages import render
from kcc.web.paths import local_path
from kcc.web.routes import needs

bp = Blueprint("sso", __name__)

EXTENSION = "kcc.sso"
ATTEMPTS = "sso"
LONGEST_WANTED = 500
AT_ONCE = 3
"""So many windows of one browser may be on their way to the issuer."""


def connect(stores: Stores) -> Any:
    """What knows the issuer, where there is one; needs the extra `sso`, which nothing else imports."""
    if not stores.settings.sso.on:
        return None
    try:
        from kcc.people.sso.issuer import Issuer
    except ImportError as fault:
        needed = N_('Single sign-on needs the extra "sso" (%(reason)s).')
        raise Unavailable(needed, reason=str(fault)) from fault
    return Issuer(stores.settings.sso)


@bp.app_context_processor
def single_sign_on() -> dict[str, Any]:
    """What the page to sign in offers."""
    settings = stores().settings.sso
    name = settings.label or gettext("your organisation's account")
    return {"sso": settings if settings.on else None, "sso_name": name}


@bp.get("/signin/sso")
@needs(Action.SIGN_IN)
def start() -> ResponseReturnValue:
    """Off to the issuer, to come back with an answer; with `again` it asks anew who somebody is."""
    issuer = _issuer()  # first: without one the extra may not be installed
    from kcc.people.sso.signing_in import Attempt

    wanted = request.args.get("next", "")
    # What is under way lies in a cookie, for which browsers have 4,096 bytes.
    again = request.args.get("again") == "1"
    attempt = Attempt.begin(local_path(wanted, "") if len(wanted) <= LONGEST_WANTED else "", again=again)
    try:
        secrets = attempt.state, attempt.nonce, attempt.verifier
        address = issuer.way_in(_back(), *secrets, again=again)
    except KccError as fault:
        return _not_in(fault, again=again)
    flask.session[ATTEMPTS] = [*_attempts()[-AT_ONCE + 1 :], attempt.as_list()]
    return redirect(address)


@bp.get("/signin/sso/back")
@needs(Action.SIGN_IN)
def back() -> ResponseReturnValue:
    """With the issuer's answer, which leads to a session or to a sentence."""
    issuer, state = _issuer(), request.args.get("state", "")
    from kcc.people.sso import signing_in

    kept = next((kept for kept in _attempts() if kept[0] == state), None)
    flask.session[ATTEMPTS] = [other for other in _attempts() if other[0] != state]
    attempt = signing_in.Attempt.of_list(kept) if kept else None
    try:
        known = signing_in.finish(stores(), issuer, attempt, request.args.to_dict(), _back())
    except accounts.UnknownAccount as refused:
        return make_response(render("sso/unknown.html", detail=sentence(refused)), refused.status)
    except KccError as fault:
        return _not_in(fault, again=bool(attempt and attempt.again))
    return enter(known, attempt.wanted if attempt else "")


@bp.get("/signin/sso/out")
@needs(Action.PUBLIC_VISIT)
def out() -> ResponseReturnValue:
    """Out of the issuer too, for whoever leaves this computer to others."""
    try:
        address = _issuer().way_out(f"{stores().settings.server.public_url}{url_for('people.sign_in')}")
    except KccError as fault:
        return _not_in(fault)
    if address is None:
        flash(gettext("You cannot sign out there from here. Close all windows of this browser."), "warning")
        return redirect(url_for("people.sign_in"))
    return redirect(address)


def _issuer() -> Any:
    found = current_app.extensions[EXTENSION]
    if found is None:
        raise NotFound
    return found


def _not_in(fault: KccError, *, again: bool = False) -> ResponseReturnValue:
    if isinstance(fault, NotFound):
        raise fault
    flash(sentence(fault), "error")
    return redirect(url_for("people.sign_in", again=1 if again else None), 303)


def _attempts() -> list[list[str]]:
    """What this browser has under way; the cookie is signed, so it is as we wrote it."""
    return list(flask.session.get(ATTEMPTS, []))


def _back() -> str:
    return f"{stores().settings.server.public_url}{url_for('sso.back')}"
