"""The session cookie's flags, and who a request is found to be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_login import current_user
from sqlalchemy import event, select

from kcc.access.actor import system
from kcc.app import create_app
from kcc.clock import Frozen
from kcc.people import passwords, sessions, signin
from kcc.people.model import SigninSession
from kcc.stores import Stores
from kcc.web import identity
from tests.centre import PASSWORD, Centre

BrowserAs = Callable[[str], Any]


def cookie_at_sign_in(app: Flask, centre: Centre, origin: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The session's Set-Cookie line after signing in at an origin."""
    light = passwords.PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", light)
    with centre.stores.database.write() as session:
        signin.set_password(session, system("test"), centre.anna, PASSWORD, min_length=15)
    browser = app.test_client()
    page = browser.get("/signin", base_url=origin).text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    response = browser.post(
        "/signin",
        base_url=origin,
        data={"number": "anna", "password": PASSWORD, "csrf_token": token},
        headers={"Referer": f"{origin}/signin"},
    )
    assert response.status_code == 303
    (line,) = [c for c in response.headers.getlist("Set-Cookie") if c.split("=")[0] in ("kcc", "__Host-kcc")]
    return line


@pytest.mark.rule("SEC-1")
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    app: Flask, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HttpOnly, SameSite, the whole site and no domain; it goes when the browser closes."""
    name, *flags = cookie_at_sign_in(app, centre, "http://localhost", monkeypatch).split("; ")
    assert name.startswith("kcc=")
    assert sorted(flags) == ["HttpOnly", "Path=/", "SameSite=Lax"]


@pytest.mark.rule("SEC-1")
def test_over_tls_the_cookie_demands_tls_and_is_bound_to_the_host(
    stores: Stores, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prefix makes browsers refuse it from any other host, path or an open connection."""
    server = stores.settings.server.model_copy(update={"public_url": "https://localhost"})
    tls = replace(stores, settings=stores.settings.model_copy(update={"server": server}))
    name, *flags = cookie_at_sign_in(create_app(tls), centre, "https://localhost", monkeypatch).split("; ")
    assert name.startswith("__Host-kcc=")
    assert sorted(flags) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


def test_a_request_is_its_persons_with_their_session(
    app: Flask, stores: Stores, centre: Centre, browser_as: BrowserAs
) -> None:
    """The actor carries the session's id, and flask-login's current_user is the same person."""
    secret = browser_as(centre.anna).flask.get_cookie("kcc").value
    with app.test_request_context("/", headers={"Cookie": f"kcc={secret}"}):
        assert identity.actor().person_id == centre.anna
        assert current_user.is_authenticated
        assert current_user.get_id() == centre.anna
        assert identity.stores() is stores
        session_id = identity.actor().session_id
    with stores.database.read() as session:
        assert session_id == session.scalars(select(SigninSession.id)).one()


@pytest.mark.parametrize("cookie", ["", "kcc=", "kcc=nonsense", "kcc=%00", "remember_token=1|x", "session=x"])
@pytest.mark.usefixtures("centre")
def test_any_other_cookie_is_nobody(app: Flask, cookie: str) -> None:
    """Nor does flask-login's own cookie open anything."""
    with app.test_request_context("/", headers={"Cookie": cookie}):
        assert identity.optional_actor() is None
        assert not current_user.is_authenticated


def test_outside_a_request_there_is_nobody(app: Flask) -> None:
    """Jobs have an actor of their own."""
    with app.app_context():
        assert identity.optional_actor() is None


def test_a_signed_in_page_costs_one_query_for_who_it_is(
    app: Flask, stores: Stores, centre: Centre, browser_as: BrowserAs
) -> None:
    """However often the actor is asked for, and without writing within the minute."""
    secret = browser_as(centre.anna).flask.get_cookie("kcc").value
    statements: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(stores.database.engine, "before_cursor_execute", note)
    try:
        with app.test_request_context("/", headers={"Cookie": f"kcc={secret}"}):
            for _ in range(3):
                identity.actor()
                assert current_user.is_authenticated
    finally:
        event.remove(stores.database.engine, "before_cursor_execute", note)
    assert len([s for s in statements if s.startswith(("SELECT", "UPDATE", "INSERT"))]) == 1


@pytest.mark.rule("SEC-1")
def test_use_keeps_a_session_alive_and_silence_ends_it(
    stores: Stores, centre: Centre, browser_as: BrowserAs, now: Frozen
) -> None:
    """Each page counts as use; after 15 minutes without one a page leads to the form, a program gets 401."""
    browser = browser_as(centre.anna)
    for _ in range(3):
        now.move(timedelta(minutes=10))
        assert browser.get("/account").status_code == 200
    with stores.database.read() as session:
        assert session.scalars(select(SigninSession.seen_at)).one() == now.at
    now.move(timedelta(minutes=15))
    assert browser.get("/account").location.startswith("/signin?next=")
    assert browser.get("/account", headers={"Accept": "application/json"}).status_code == 401


def test_a_session_ended_elsewhere_stops_at_the_next_request(
    stores: Stores, centre: Centre, browser_as: BrowserAs
) -> None:
    """Nothing of it is remembered between requests."""
    browser = browser_as(centre.anna)
    assert browser.get("/account").status_code == 200
    with stores.database.write() as session:
        sessions.end_all(session, centre.actor(centre.anna))
    assert browser.get("/account").status_code == 302
