"""One's own second factors: the list, adding, removing, recovery codes; and the administrator's reset."""

from flask import Blueprint, Response, abort, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.facts import PersonFacts
from kcc.errors import Invalid, NotFound, Refused
from kcc.people import queries as people
from kcc.people.factors import passkeys, queries, recovery, removing
from kcc.people.factors.forms import DEVICE, PHONE, Adding, Errors, Taken, codes_page, taken_up
from kcc.people.factors.passkeys import Site
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("factors", __name__)


@bp.get("/account/second-factor")
@needs(Action.ACCOUNT_MANAGE)
def show() -> ResponseReturnValue:
    """With what the actor proves who they are, and how many recovery codes are left."""
    with stores().database.read() as session:
        held = queries.held(session, actor().person_id)
        left = queries.codes_left(session, actor().person_id)
    return render(
        "people/second_factor.html",
        _why(),
        held=held,
        left=left,
        required=stores().settings.signin.second_factor == "required",
        site=_site(),
    )


@bp.get("/account/second-factor/app")
@needs(Action.ACCOUNT_MANAGE, step_up=True)
def app_form() -> ResponseReturnValue:
    """A QR code for one more app."""
    return _app_page("", "", [])


@bp.post("/account/second-factor/app")
@needs(Action.ACCOUNT_MANAGE, step_up=True)
def add_app() -> ResponseReturnValue:
    """One more app, proved by its code."""
    name, code, ticket = (request.form.get(one, "") for one in ("name", "code", "ticket"))
    taken = taken_up(_adding(), name, code, ticket, "")
    return _app_page(name, ticket, taken.errors) if taken.errors else _added(taken)


@bp.get("/account/second-factor/passkey")
@needs(Action.ACCOUNT_MANAGE, step_up=True)
def passkey_form() -> ResponseReturnValue:
    """A name for one more passkey, and the button that makes it."""
    return _passkey_page("", [])


@bp.post("/account/second-factor/passkey/options")
@needs(Action.ACCOUNT_MANAGE, step_up=True)
def passkey_options() -> ResponseReturnValue:
    """What the browser needs to make it."""
    site = _site() or abort(404)
    with stores().database.write() as session:
        text = passkeys.creation(session, site, actor(), actor().session_id or "")
    return current_app.response_class(text, mimetype="application/json")


@bp.post("/account/second-factor/passkey")
@needs(Action.ACCOUNT_MANAGE, step_up=True)
def add_passkey() -> ResponseReturnValue:
    """One more passkey."""
    name, credential = request.form.get("name", ""), request.form.get("credential", "")
    taken = taken_up(_adding(), name, "", "", credential or "{}")
    return _passkey_page(name, taken.errors) if taken.errors else _added(taken)


@bp.post("/account/second-factor/<factor_id>/remove")
@needs(Action.ACCOUNT_MANAGE, step_up=True)
def remove(factor_id: str) -> ResponseReturnValue:
    """One less; never the last where one is required."""
    try:
        with stores().database.write() as session:
            name = removing.remove(session, stores().settings.signin, actor(), factor_id)
    except Refused as fault:
        flash(sentence(fault), "error")
    else:
        flash(gettext("“%(name)s” no longer works for signing in.", name=name))
    return redirect(url_for("factors.show"), 303)


@bp.get("/account/second-factor/recovery-codes")
@needs(Action.ACCOUNT_MANAGE)
def codes_form() -> ResponseReturnValue:
    """The codes were shown once; whoever reloads comes back to the list."""
    return redirect(url_for("factors.show"))


@bp.post("/account/second-factor/recovery-codes")
@needs(Action.ACCOUNT_MANAGE, step_up=True)
def renew_codes() -> ResponseReturnValue:
    """Ten new recovery codes, shown this once."""
    with stores().database.write() as session:
        if not queries.held(session, actor().person_id):
            raise NotFound
        codes = recovery.renew(session, stores().settings.signin, actor())
    return codes_page(codes, onward=url_for("factors.show"))


@bp.post("/account/second-factor/recovery-codes/file")
@needs(Action.ACCOUNT_MANAGE)
def codes_file() -> ResponseReturnValue:
    """The codes that the page just showed, as a file: they come from the page, nothing else has them."""
    codes = request.form.getlist("recovery_code")
    if not recovery.readable(codes):
        abort(400)
    text = "\n".join((gettext("Recovery codes for kcc; each works once."), "", *codes, ""))
    response = current_app.response_class(text, mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="kcc.txt"'
    return response


@bp.get("/people/<person_id>/second-factor/reset")
@needs(Action.SECOND_FACTOR_RESET, step_up=True)
def reset_form(person_id: str) -> ResponseReturnValue:
    """What a reset does, and why it is done."""
    return _reset_page(person_id, "", [])


@bp.post("/people/<person_id>/second-factor/reset")
@needs(Action.SECOND_FACTOR_RESET, step_up=True)
def reset(person_id: str) -> ResponseReturnValue:
    """Somebody who lost them may choose new ones."""
    reason = request.form.get("reason", "")
    try:
        with stores().database.write() as session:
            removing.reset(session, actor(), person_id, reason)
    except Invalid as fault:
        return _reset_page(person_id, reason, [(fault.field, sentence(fault))])
    flash(gettext("Done. At the next sign-in they choose a new second factor; they have been told."))
    return redirect(url_for("staff.person", person_id=person_id), 303)


def _adding() -> Adding:
    return Adding(stores(), actor(), actor().session_id or "")


def _added(taken: Taken) -> ResponseReturnValue:
    if taken.codes:
        return codes_page(taken.codes, onward=url_for("factors.show"))
    flash(gettext("Done: from now on you can also use it to sign in."))
    return redirect(url_for("factors.show"), 303)


def _app_page(name: str, ticket: str, errors: Errors) -> Response:
    page = render(
        "people/second_factor_app.html",
        _why(),
        name=name,
        offer=_adding().offered(ticket),
        suggested=gettext(PHONE),
        errors=errors,
        error=dict(errors),
    )
    return make_response(page, 422 if errors else 200)


def _passkey_page(name: str, errors: Errors) -> Response:
    page = render(
        "people/second_factor_passkey.html",
        _why(),
        name=name,
        suggested=gettext(DEVICE),
        site=_site(),
        errors=errors,
        error=dict(errors),
    )
    return make_response(page, 422 if errors else 200)


def _reset_page(person_id: str, reason: str, errors: Errors) -> Response:
    permit = policy.permit(
        actor(), Action.SECOND_FACTOR_RESET, policy.Subject("person", person_id), PersonFacts(person_id)
    )
    with stores().database.read() as session:
        name = people.names(session, [person_id]).get(person_id)
        held = queries.held(session, person_id)
    if name is None:
        raise NotFound
    page = render(
        "people/second_factor_reset.html",
        permit.reason,
        name=name,
        person_id=person_id,
        number=len(held),
        longest=removing.LONGEST_REASON,
        reason=reason,
        errors=errors,
        error=dict(errors),
    )
    return make_response(page, 422 if errors else 200)


def _why() -> str:
    me = actor()
    return policy.permit(me, Action.ACCOUNT_MANAGE, policy.Subject("person", me.person_id)).reason


def _site() -> Site | None:
    return Site.of(stores().settings.server.public_url)
