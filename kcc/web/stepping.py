"""Asking again who somebody is, before what weighs most; what they had typed meanwhile is not lost."""

import json
from datetime import timedelta
from http import HTTPStatus

from flask import current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.errors import N_, KccError
from kcc.people import stepping_up
from kcc.people.factors.passkeys import Site
from kcc.wall.rights import Role
from kcc.web import errors
from kcc.web.i18n import sentence
from kcc.web.identity import stores
from kcc.web.pages import render

Errors = list[tuple[str, str]]
Typed = list[tuple[str, str]]


def stop(actor: Actor) -> ResponseReturnValue | None:
    """The page that asks again, when the last proof is too old for this request.

    A form whose page asked for a proof itself may be sent fifteen minutes longer. What is sent too late is
    kept, in the page that asks, and handed on after it.
    """
    sending = request.method not in ("GET", "HEAD")
    more = stepping_up.TYPING if sending and _page_asked_too() else timedelta()
    with stores().acting(Role.GATE).database.read() as session:
        if stepping_up.fresh(session, actor, more):
            return None
    if errors.wants_json():
        asked = KccError(N_("Prove again that it is you: reload the page."))
        return errors.answer(HTTPStatus.FORBIDDEN, "step_up", sentence(asked))
    here = request.full_path.rstrip("?")
    if not sending:
        return redirect(url_for("entering.again_form", next=here))
    typed = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    return make_response(page(actor, here, typed), HTTPStatus.FORBIDDEN)


def _page_asked_too() -> bool:
    """Whether the page at this same address asks for a proof: then there was one when its form was opened.

    A button on any other page may have stood there for hours.
    """
    here = request.url_rule
    return here is not None and any(
        rule.rule == here.rule and "GET" in (rule.methods or ()) and _asks(rule.endpoint)
        for rule in current_app.url_map.iter_rules()
    )


def _asks(endpoint: str) -> bool:
    return bool(getattr(current_app.view_functions[endpoint], "kcc_step_up", False))


def page(actor: Actor, wanted: str, typed: Typed | None, faults: Errors | None = None) -> str:
    """The page that asks; `wanted` is where one was, `typed` what one was sending there, None if nothing was.

    A button alone sends something too, of which there is nothing typed.
    """
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", actor.person_id))
    with stores().acting(Role.GATE).database.read() as session:
        ways = stepping_up.ways(session, actor, stores().settings.sso)
    return render(
        "people/again.html",
        permit.reason,
        ways=ways,
        site=Site.of(stores().settings.server.public_url),
        next=wanted,
        sent="" if typed is None else json.dumps(typed),
        typed=typed,
        errors=faults or [],
        error=dict(faults or []),
    )


def read_typed(kept: str) -> Typed | None:
    """What a page that asks has kept; None when it kept nothing, or somebody changed it into nonsense."""
    try:
        return [(str(name), str(value)) for name, value in json.loads(kept)]
    except (ValueError, TypeError):
        return None


def may_send_to(path: str) -> bool:
    """Whether a path is one where such a form goes: typed things are handed on to nowhere else."""
    endpoint = _endpoint(path, "POST")
    return endpoint is not None and _asks(endpoint)


def may_open(path: str) -> bool:
    """Whether a path is one of a page, not only of a form that is sent there."""
    return _endpoint(path, "GET") is not None


def _endpoint(path: str, method: str) -> str | None:
    try:
        endpoint, _ = current_app.url_map.bind("").match(path.partition("?")[0], method)
    except HTTPException:
        return None
    return str(endpoint)
