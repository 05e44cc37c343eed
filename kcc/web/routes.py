"""Declaring what each route does, and refusing at the door whoever has no function for it; the policy
decides the rest.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from kcc.access import policy
from kcc.access.actions import Action
from kcc.errors import AccessDenied, NotFound
from kcc.web import bearer, identity, monitor, stepping

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = frozenset({Action.PUBLIC_VISIT, Action.SIGN_IN})
BY_TOKEN = frozenset({Action.RECORDING_INTAKE})
BY_PROVISIONING = frozenset({Action.PEOPLE_PROVISION})
BY_SIGNATURE = frozenset({Action.VCON_DELIVER})
"""The body is signed: who sends it is known once it has come, and nothing is done before."""
BY_MONITOR = frozenset({Action.METRICS_READ})
BY_LEASE = frozenset({Action.SOUND_FETCH})
"""The lease itself knows whose it is: no question to the database at every range of sound."""


def needs(action: Action, *, step_up: bool = False, quiet: bool = False) -> Callable[[View], View]:
    """Declare the action of a route; a route without one does not start (ACC-1).

    With `step_up` whoever comes must have proved in the last five minutes who they are (SEC-1). `quiet` is a
    question that a page asks by itself: it keeps no idle session alive.
    """

    def declare(view: View) -> View:
        view.kcc_action = action  # type: ignore[attr-defined]
        view.kcc_step_up = step_up  # type: ignore[attr-defined]
        view.kcc_quiet = quiet  # type: ignore[attr-defined]
        return view

    return declare


def declared(app: Flask) -> dict[str, Action]:
    """The action of each endpoint; raises RuntimeError naming those that have none."""
    actions = {name: getattr(view, "kcc_action", None) for name, view in app.view_functions.items()}
    bare = sorted(name for name, action in actions.items() if action is None)
    if bare:
        raise RuntimeError(f"these routes declare no action: {', '.join(bare)}")
    return {name: action for name, action in actions.items() if action is not None}


def install(app: Flask) -> None:
    """Check every route's declaration and put the guard before each request."""
    actions = declared(app)

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if request.endpoint is None:
            identity.optional_actor()  # what is unknown is answered as what is forbidden: menu, language
            return None
        return _at_the_door(actions[request.endpoint]) or _proved(app.view_functions[request.endpoint])


def _at_the_door(action: Action) -> ResponseReturnValue | None:
    if action in BY_TOKEN:
        bearer.authenticate()
        return None
    if action in BY_PROVISIONING:
        bearer.authenticate_provisioner()
        return None
    if action in BY_MONITOR:
        monitor.authenticate()
        return None
    _refuse_nul()
    if action in PUBLIC | BY_LEASE | BY_SIGNATURE:
        return None
    actor = identity.optional_actor()
    if actor is None:
        if request.method != "GET" or request.accept_mimetypes.best == "application/json":
            abort(401)
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))
    if not policy.may_visit(actor, action):
        subject = policy.Subject("route", str(request.endpoint))
        raise AccessDenied(policy.Refusal(actor, action, None, subject, None), "ACC-1")
    return None


def _proved(view: Callable[..., Any]) -> ResponseReturnValue | None:
    return stepping.stop(identity.actor()) if getattr(view, "kcc_step_up", False) else None


def _refuse_nul() -> None:
    """No database can look for a NUL: an address with one names nothing, a question with one asks nothing."""
    if any("\0" in str(value) for value in (request.view_args or {}).values()):
        raise NotFound
    if any("\0" in value for values in request.args.listvalues() for value in values):
        abort(400)
