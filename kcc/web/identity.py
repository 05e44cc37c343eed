"""Who makes this request: found once, from the session cookie, in one query; rights are derived from it by
the policy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, Request, abort, current_app, g, has_request_context, request
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session

from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.db import walled
from kcc.people import farewells, sessions
from kcc.stores import Stores
from kcc.wall.entering import Asker, Walled, nobody
from kcc.wall.rights import Role
from kcc.web import sessions as cookies

STORES = "kcc.stores"
GATE = frozenset({Action.PUBLIC_VISIT, Action.SIGN_IN, Action.ACCOUNT_MANAGE, Action.SECOND_FACTOR_RESET})
"""What is about who somebody is: such a route works in the role of the gate, which reaches sessions and
passwords and nothing that the policy protects.
"""


class SignedInUser(UserMixin):  # type: ignore[misc] # flask-login ships no types
    """What flask-login's current_user holds: the actor, under the id of the person."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """The person's id."""
        return self.actor.person_id


def install(app: Flask, stores: Stores) -> None:
    """Give the app its stores, and flask-login a loader that knows our sessions and none of its own."""
    app.extensions[STORES] = stores
    if isinstance(stores.database, Walled):
        stores.database.asker = _asker
    # flask-login would otherwise look for its own "remember me" cookie first; we have none.
    app.config["REMEMBER_COOKIE_NAME"] = "kcc-never-set"
    # Its template context would ask for the user again, also on the page that says the database is away.
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None
    manager.request_loader(_load)


def stores() -> Stores:
    """The stores of this process."""
    return cast(Stores, current_app.extensions[STORES])


@contextmanager
def seeing(session: Session) -> Iterator[Session]:
    """For a verb that tells of a thing which its reader may not open: which call it was, how it stands.

    Beside a session behind the second wall a reading one of kcc itself; else that session.
    """
    if not walled(session):
        yield session
        return
    with stores().acting(Role.JOBS).database.read() as seen:
        yield seen


def stores_of(app: Flask) -> Stores:
    """The stores of an app that answers nothing yet."""
    return cast(Stores, app.extensions[STORES])


def optional_actor() -> Actor | None:
    """Who makes this request, or None when nobody is signed in."""
    if not has_request_context():
        return None
    if "kcc_actor" not in g:
        user = current_user
        g.kcc_actor = user.actor if user.is_authenticated else None
    return cast(Actor | None, g.kcc_actor)


def actor() -> Actor:
    """Who makes this request; behind a declared, non-public action there is always somebody."""
    found = optional_actor()
    if found is None:
        abort(401)
    return found


def forget() -> None:
    """Let the rest of this request know that nobody is signed in any more."""
    g.kcc_actor = None


def _asker() -> Asker:
    """For whom the database is asked: shown by the cookie, and found out by the database itself."""
    if not has_request_context():
        return nobody()
    shown = cookies.token(request, secure=stores().settings.server.secure)
    view = current_app.view_functions.get(request.endpoint or "")
    gate = getattr(view, "kcc_action", None) in GATE
    return Asker(sessions.digest(shown) if shown else None, gate)


def _load(request: Request) -> SignedInUser | None:
    database, settings = stores().acting(Role.GATE).database, stores().settings
    token = cookies.token(request, secure=settings.server.secure)
    if token is None:
        return None
    with database.read() as session:
        found = sessions.look_up(session, token, settings.signin)
    if found is None:
        _see_off(token)
        return None
    if found.stale and not _quiet(request):
        with database.write() as session:
            sessions.touch(session, str(found.actor.session_id))
    g.kcc_language = found.language
    return SignedInUser(found.actor)


def _quiet(request: Request) -> bool:
    """Whether a page asks this by itself, which is no sign of its reader (SEC-1)."""
    return bool(getattr(current_app.view_functions.get(request.endpoint or ""), "kcc_quiet", False))


def _see_off(token: str) -> None:
    """A session that its person's changed functions ended is over for good; others are over already."""
    database = stores().acting(Role.GATE).database
    with database.read() as session:
        changed = farewells.changed_functions(session, token, stores().settings.signin)
    if changed:
        with database.write() as session:
            farewells.note_changed_functions(session, token, stores().settings.signin)
