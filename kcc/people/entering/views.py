"""The pages between a password and a session: the code, enrolling at the first sign-in, passkeys, and proving
oneself again.
"""

from flask import Blueprint, Response, abort, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc.access.actions import Action
from kcc.errors import KccError
from kcc.people import queries as people
from kcc.people import sessions, signin, stepping_up, throttle
from kcc.people.entering.forms import EnrolForm, Errors, ProofForm
from kcc.people.factors import passkeys, proving, queries
from kcc.people.factors.forms import DEVICE, PHONE, Adding, codes_page, taken_up
from kcc.people.factors.halfway import Half
from kcc.people.factors.passkeys import PasskeyRefused, Site
from kcc.people.signin import Known
from kcc.web import entering, stepping
from kcc.web import sessions as cookies
from kcc.web.i18n import sentence
from kcc.web.identity import actor, optional_actor, stores
from kcc.web.pages import render
from kcc.web.paths import local_path
from kcc.web.routes import needs

bp = Blueprint("entering", __name__)


@bp.get("/signin/code")
@needs(Action.SIGN_IN)
def code_form() -> ResponseReturnValue:
    """Asks for the second factor."""
    half = entering.half_of("code")
    return _code_page(half, ProofForm.read(request.args), []) if half else _back()


@bp.post("/signin/code")
@needs(Action.SIGN_IN)
def give_code() -> ResponseReturnValue:
    """A code of an app, or of recovery."""
    half, form = entering.half_of("code"), ProofForm.read(request.form)
    if half is None:
        return _back()
    if errors := form.missing():
        return _code_page(half, form, errors, 422)
    try:
        factor = proving.by_code(stores(), half.actor, form.code)
    except (proving.WrongCode, throttle.TryLater) as refused:
        return _later(_code_page(half, form, [("code", sentence(refused))], refused.status), refused)
    response = entering.enter(Known(half.actor, half.factors | {factor}), form.next)
    if factor == "recovery":
        _tell_codes_left(half.actor.person_id)
    return response


@bp.get("/signin/enrol")
@needs(Action.SIGN_IN)
def enrol_form() -> ResponseReturnValue:
    """Choosing a second factor before the first session."""
    half = entering.half_of("enrol")
    return _enrol_page(half, EnrolForm.read(request.args), []) if half else _back()


@bp.post("/signin/enrol")
@needs(Action.SIGN_IN)
def enrol() -> ResponseReturnValue:
    """The first factor, then recovery codes and the session."""
    half, form = entering.half_of("enrol"), EnrolForm.read(request.form)
    if half is None:
        return _back()
    adding = Adding(stores(), half.actor, half.id)
    taken = taken_up(adding, form.name, form.code, form.ticket, form.credential)
    if taken.errors:
        return _enrol_page(half, form, taken.errors, 422)
    response = entering.enter(Known(half.actor, half.factors | {taken.factor}), form.next)
    return codes_page(taken.codes, onward=response.location or "/", response=response)


@bp.post("/signin/enrol/options")
@needs(Action.SIGN_IN)
def enrol_options() -> ResponseReturnValue:
    """What the browser needs to make the first passkey."""
    half, site = entering.half_of("enrol"), _site()
    if half is None or site is None:
        abort(401)
    with stores().database.write() as session:
        return _json(passkeys.creation(session, site, half.actor, half.id))


@bp.post("/signin/passkey/options")
@needs(Action.SIGN_IN)
def passkey_options() -> ResponseReturnValue:
    """What the browser needs to ask whoever sits there for a passkey."""
    with stores().database.write() as session:
        return _json(passkeys.asking(session, _site() or abort(404)))


@bp.post("/signin/passkey")
@needs(Action.SIGN_IN)
def give_passkey() -> ResponseReturnValue:
    """Sign in with a passkey alone: the device has verified the person."""
    form = ProofForm.read(request.form)
    site = _site() or abort(404)
    try:
        known = Known(passkeys.prove(stores(), site, form.credential), frozenset({"passkey"}))
    except PasskeyRefused as refused:
        flash(sentence(refused), "error")
        return redirect(url_for("people.sign_in", next=local_path(form.next, "") or None), 303)
    return entering.enter(known, form.next)


@bp.get("/signin/again")
@needs(Action.ACCOUNT_MANAGE)
def again_form() -> ResponseReturnValue:
    """Asks again who one is, before something that weighs much."""
    return stepping.page(actor(), local_path(request.args.get("next"), url_for("people.home")), None)


@bp.post("/signin/again/options")
@needs(Action.ACCOUNT_MANAGE)
def again_options() -> ResponseReturnValue:
    """What the browser needs to ask this person for a passkey."""
    with stores().database.write() as session:
        site = _site() or abort(404)
        return _json(passkeys.asking(session, site, actor().session_id or ""))


@bp.post("/signin/again")
@needs(Action.ACCOUNT_MANAGE)
def again() -> ResponseReturnValue:
    """The proof; then on to where one was, with what one had typed."""
    form, me = ProofForm.read(request.form), actor()
    wanted, typed = local_path(form.next, url_for("people.home")), stepping.read_typed(form.typed)
    if errors := form.missing():
        return stepping.page(me, wanted, typed, errors), 422
    try:
        factor = _proof(form)
    except (KccError, signin.WrongSignin) as refused:
        field = "password" if form.password else "code"
        return _later(
            make_response(stepping.page(me, wanted, typed, [(field, sentence(refused))]), 422), refused
        )
    with stores().database.write() as session:
        stepping_up.renew(session, me, factor)
    if typed is not None and stepping.may_send_to(wanted):
        return render("people/go_on.html", to=wanted, typed=typed)
    return redirect(wanted, 303)


@bp.post("/signin/anew")
@needs(Action.ACCOUNT_MANAGE)
def anew() -> ResponseReturnValue:
    """Sign out and in again, for whoever came by single sign-on and has no proof of their own here.

    What only a form can be sent to is no page to go on to. The way to the issuer is a link on the page to
    sign in: a form may lead to no other site, also not by a redirect (form-action).
    """
    wanted = local_path(request.form.get("next"), "")
    wanted = wanted if stepping.may_open(wanted) else ""
    with stores().database.write() as session:
        sessions.end(session, actor())
    again = 1 if stores().settings.sso.on else None
    onward = url_for("people.sign_in", again=again, next=wanted or None)
    response = make_response(redirect(onward, 303))
    cookies.drop(response, secure=stores().settings.server.secure)
    return response


def _proof(form: ProofForm) -> str:
    """Which factor proves that it is still the same person."""
    me = actor()
    if form.credential:
        site = _site() or abort(404)
        if passkeys.prove(stores(), site, form.credential, me.session_id or "").person_id != me.person_id:
            raise passkeys.refused()
        return "passkey"
    if form.code:
        return proving.by_code(stores(), me, form.code)
    with stores().database.read() as session:
        if "password" not in stepping_up.ways(session, me, stores().settings.sso):
            raise passkeys.refused()
        number = people.number_of(session, me.person_id)
    key = current_app.secret_key
    secret = key if isinstance(key, bytes) else str(key).encode()
    signin.check_password(stores(), number, form.password, key=secret)
    return "password"


def _code_page(half: Half, form: ProofForm, errors: Errors, status: int = 200) -> Response:
    with stores().database.read() as session:
        kinds = {held.kind for held in queries.held(session, half.actor.person_id)}
    page = render(
        "people/code.html",
        name=half.actor.name,
        form=form,
        kinds=kinds,
        site=_site(),
        errors=errors,
        error=dict(errors),
    )
    return make_response(page, status)


def _enrol_page(half: Half, form: EnrolForm, errors: Errors, status: int = 200) -> Response:
    adding = Adding(stores(), half.actor, half.id)
    page = render(
        "people/enrol.html",
        name=half.actor.name,
        form=form,
        offer=adding.offered(form.ticket),
        suggested=gettext(PHONE),
        suggested_passkey=gettext(DEVICE),
        site=_site(),
        errors=errors,
        error=dict(errors),
    )
    return make_response(page, status)


def _tell_codes_left(person_id: str) -> None:
    with stores().database.read() as session:
        left = queries.codes_left(session, person_id)
    flash(
        gettext(
            "You used a recovery code. Codes left: %(count)d. You make new ones under “Your account”.",
            count=left,
        ),
        "warning",
    )


def _later(response: Response, refused: KccError) -> Response:
    if isinstance(refused, throttle.TryLater):
        response.headers["Retry-After"] = str(refused.params["seconds"])
        response.status_code = refused.status
    return response


def _back() -> ResponseReturnValue:
    """To the beginning: the half session is over, or never was; whoever is signed in is led on from there."""
    wanted = local_path(request.values.get("next"), "")
    if optional_actor() is None:
        flash(gettext("That took too long. Sign in again."), "warning")
    return redirect(url_for("people.sign_in", next=wanted or None), 302 if request.method == "GET" else 303)


def _site() -> Site | None:
    return Site.of(stores().settings.server.public_url)


def _json(text: str) -> Response:
    return current_app.response_class(text, mimetype="application/json")
