"""Signing in and out, the start page, one's own account and preferences; other people's pages come later."""

from typing import Any

import flask
from flask import Blueprint, Response, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.errors import N_, Invalid
from kcc.people import account as own
from kcc.people import farewells, queries, sessions, signin, throttle, ways
from kcc.people.factors.passkeys import Site
from kcc.people.forms import Errors, PasswordForm, SignInForm
from kcc.people.strength import ENOUGH
from kcc.web import identity, pace, pages
from kcc.web import sessions as cookies
from kcc.web.entering import enter as _enter
from kcc.web.i18n import COOKIE, LANGUAGES, sentence
from kcc.web.identity import actor, optional_actor, stores
from kcc.web.pace import TooOften
from kcc.web.pages import render
from kcc.web.paths import local_path
from kcc.web.routes import needs

bp = Blueprint("people", __name__)

THEMES = ("light", "dark")
STRENGTHS_PER_MINUTE = 60
A_YEAR = 365 * 24 * 3600


@bp.app_context_processor
def own_links() -> dict[str, str]:
    """Where the own menu leads to."""
    return {"account_url": url_for("people.account")}


@bp.get("/")
@needs(Action.HOME_VISIT)
def home() -> ResponseReturnValue:
    """On to the first thing this person is here for."""
    me, tasks = actor(), current_app.extensions["kcc.tasks"]
    first = (task.endpoint for task in tasks if policy.may_visit(me, task.action))
    return redirect(url_for(next(first, "people.account")))


@bp.get("/signin")
@needs(Action.SIGN_IN)
def sign_in() -> ResponseReturnValue:
    """The form to sign in."""
    wanted = local_path(request.args.get("next"), "")
    if optional_actor():
        return redirect(wanted or url_for("people.home"))
    return _sign_in_page(SignInForm("", "", wanted), [], ended=_farewell())


@bp.post("/signin")
@needs(Action.SIGN_IN)
def sign_in_with_password() -> ResponseReturnValue:
    """Sign in; a second factor, when there is one, comes between the password and the session."""
    form = SignInForm.read(request.form)
    if errors := form.missing():
        return _sign_in_page(form, errors, 422)
    try:
        known = signin.check_password(stores(), form.number, form.password, key=_key())
    except throttle.TryLater as refused:
        response = _sign_in_page(form, [("number", sentence(refused))], refused.status)
        response.headers["Retry-After"] = str(refused.params["seconds"])
        return response
    except signin.WrongSignin as refused:
        # Not 401, which asks for a challenge that a form does not have.
        return _sign_in_page(form, [("number", sentence(refused))], 422)
    return _enter(known, form.next)


@bp.post("/signout")
@needs(Action.PUBLIC_VISIT)
def sign_out() -> ResponseReturnValue:
    """Sign out, here or everywhere; harmless when the session is over already."""
    came_by_sso = False
    if me := optional_actor():
        with stores().database.write() as session:
            came_by_sso = ways.way_of(session, me) == "sso"
            (sessions.end_all if request.form.get("everywhere") else sessions.end)(session, me)
    identity.forget()
    flask.session.clear()
    flash(gettext("You are signed out."))
    response = _see_other(url_for("people.sign_in", left="sso" if came_by_sso else None))
    cookies.drop(response, secure=_secure())
    return response


@bp.post("/account/sessions/<session_id>/end")
@needs(Action.ACCOUNT_MANAGE)
def end_session(session_id: str) -> ResponseReturnValue:
    """Sign out in another browser of one's own."""
    with stores().database.write() as session:
        sessions.end_one(session, actor(), session_id)
    flash(gettext("That session has ended."))
    return _see_other(url_for("people.account"))


@bp.get("/account")
@needs(Action.ACCOUNT_MANAGE)
def account() -> ResponseReturnValue:
    """The actor's own functions, sessions and choices."""
    return _account_page([])


@bp.get("/account/password")
@needs(Action.ACCOUNT_MANAGE)
def password_form() -> ResponseReturnValue:
    """The form stands on the account page; whoever reloads or changes language after a fault comes here."""
    return redirect(url_for("people.account"))


@bp.post("/account/password/strength")
@needs(Action.ACCOUNT_MANAGE)
def password_strength() -> ResponseReturnValue:
    """How strong a new password would be, for the script that asks while it is typed; kept nowhere."""
    me, typed = actor(), request.form.get("password", "")
    if pace.wait("typist", str(me.session_id), STRENGTHS_PER_MINUTE):
        raise TooOften(N_("That was too often. Wait a moment and try again."))
    with stores().database.read() as session:
        try:
            level = signin.check_new(session, me.person_id, typed, stores().settings.signin)
        except Invalid as fault:
            return {"level": 1, "sentence": sentence(fault)}
    strong = gettext("This password is strong."), gettext("This password is good.")
    return {"level": level, "sentence": strong[level == ENOUGH]}


@bp.post("/account/password")
@needs(Action.ACCOUNT_MANAGE)
def change_password() -> ResponseReturnValue:
    """Another password for the actor; they stay signed in here and nowhere else."""
    form = PasswordForm.read(request.form)
    if errors := form.missing():
        return _account_page(errors), 422
    try:
        signin.change_password(stores(), actor(), form.current, form.new, key=_key())
    except Invalid as fault:
        return _account_page([(fault.field, sentence(fault))]), fault.status
    except (signin.WrongSignin, throttle.TryLater) as refused:
        return _account_page([("current", sentence(refused))]), 422
    flash(gettext("Your password has been changed. You are signed out on all other computers."))
    return _see_other(url_for("people.account"))


@bp.post("/preferences")
@needs(Action.PUBLIC_VISIT)
def preferences() -> ResponseReturnValue:
    """Language and appearance, for this browser and, the language, for the person."""
    response = _see_other(local_path(request.form.get("next"), url_for("people.home")))
    if (language := request.form.get("language")) is not None:
        if language not in LANGUAGES:
            raise Invalid("language", N_("kcc speaks Dutch and English."))
        if me := optional_actor():
            with stores().database.write() as session:
                own.choose_language(session, me, language)
        _remember(response, COOKIE, language)
    if (theme := request.form.get("theme")) is not None:
        _remember(response, pages.THEME, theme if theme in THEMES else "")
    return response


def _sign_in_page(form: SignInForm, errors: Errors, status: int = 200, *, ended: str = "") -> Response:
    shown: dict[str, Any] = {
        "form": form,
        "errors": errors,
        "error": dict(errors),
        "ended": ended,
        "left_sso": request.args.get("left") == "sso",
        "site": Site.of(stores().settings.server.public_url),
    }
    page = render("people/sign_in.html", **shown)
    return make_response(page, status)


def _farewell() -> str:
    """Why the session of this browser is over, if it had one."""
    token = _token()
    if token is None:
        return ""
    with stores().database.read() as session:
        return str(gettext(farewells.of(session, token, stores().settings.signin)))


def _account_page(errors: Errors) -> str:
    me, limits = actor(), stores().settings.signin
    permit = policy.permit(me, Action.ACCOUNT_MANAGE, policy.Subject("person", me.person_id))
    with stores().database.read() as session:
        number = queries.number_of(session, me.person_id)
        held = queries.holdings(session, me.person_id, clock.today())
        open_sessions = sessions.open_sessions(session, me.person_id, limits)
    return render(
        "people/account.html",
        why=permit.reason,
        errors=errors,
        error=dict(errors),
        number=number,
        held=[(gettext(pages.FUNCTIONS[holding.function]), holding) for holding in held],
        open_sessions=open_sessions,
        here=me.session_id,
        limits=limits,
        own_password=signin.may_use_password(number, stores().settings.sso),
    )


def _see_other(path: str) -> Response:
    return make_response(redirect(path, 303))


def _remember(response: Response, plain: str, value: str) -> None:
    name = cookies.name(secure=_secure(), of=plain)
    if value:
        response.set_cookie(
            name, value, max_age=A_YEAR, path="/", secure=_secure(), httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(name, path="/", secure=_secure(), httponly=True, samesite="Lax")


def _token() -> str | None:
    return cookies.token(request, secure=_secure())


def _secure() -> bool:
    return stores().settings.server.secure


def _key() -> bytes:
    key = current_app.secret_key
    return key if isinstance(key, bytes) else str(key).encode()
