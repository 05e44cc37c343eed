"""kcc.web.routes and kcc.web.bearer: no route starts undeclared, and who is let in at the door."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.app import create_app
from kcc.clock import Frozen
from kcc.people import tokens
from kcc.people.model import FunctionPeriod, ServiceToken
from kcc.stores import Stores
from kcc.web import routes
from tests.audit.lines import Watch
from tests.centre import Centre
from tests.conftest import Client

BARE = "these routes declare no action: bare, worse"


@pytest.mark.rule("ACC-1")
def test_a_route_without_an_action_does_not_start() -> None:
    """All of them are named at once."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/assets", "declared", routes.needs(Action.PUBLIC_VISIT)(lambda: "x"))
    app.add_url_rule("/worse", "worse", lambda: "x")
    app.add_url_rule("/bare", "bare", lambda: "x")
    with pytest.raises(RuntimeError) as refused:
        routes.install(app)
    assert BARE in str(refused.value)


def test_flasks_own_static_route_is_one_of_those(stores: Stores) -> None:
    """The application has none: every address is declared by us."""
    app = create_app(stores)
    assert "static" not in app.view_functions
    assert set(routes.declared(app)) == set(app.view_functions)


@pytest.mark.rule("ACC-1")
def test_a_route_added_behind_the_guards_back_answers_nothing(app: Flask, client: Client) -> None:
    """Fail closed: what was not there at the start is not let through."""
    app.add_url_rule("/late", "late", lambda: "secret")
    answer = client.get("/late")
    assert answer.status_code == 500
    assert "secret" not in answer.text


@pytest.mark.rule("ACC-1", "ACC-4")
def test_declaring_keeps_the_view_as_it_is() -> None:
    """The declaration is read, not wrapped."""

    def view() -> str:
        return "x"

    assert routes.needs(Action.HOME_VISIT)(view) is view


@pytest.mark.rule("ACC-1")
def test_a_function_that_ended_yesterday_is_over_at_the_next_request(
    client: Client, centre: Centre, stores: Stores
) -> None:
    """Rights are derived at each request; the same open browser is another actor a day later."""
    client.sign_in(centre.administrator)
    assert client.get("/status").status_code == 200
    with stores.database.write() as session:
        session.execute(
            update(FunctionPeriod)
            .where(FunctionPeriod.person_id == centre.administrator)
            .values(ends=clock.today())
        )
    assert client.get("/status").status_code == 302
    assert client.get("/status").headers["Location"].startswith("/signin")


@pytest.fixture
def token(stores: Stores) -> str:
    """The token of a recorder."""
    with stores.database.write() as session:
        return tokens.create(session, system("test"), "exchange")


@pytest.mark.rule("ACC-1", "ACC-4")
def test_a_recorder_needs_its_token(client: Client, token: str, stores: Stores) -> None:
    """None, another scheme, a wrong one, one that is almost right, a revoked one: all answered alike."""
    url = "/api/v1/recordings/call-1"
    wrong = [
        None,
        "",
        token,
        f"Basic {token}",
        "Bearer",
        "Bearer ",
        "Bearer kcc_",
        f"Bearer {token}x",
        f"Bearer {token[:-1]}",
        f"Bearer {token.upper()}",
        "Bearer kcc_\xff",
    ]
    bodies = set()
    for value in wrong:
        answer = client.flask.put(url, headers={} if value is None else {"Authorization": value})
        assert answer.status_code == 401, value
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        bodies.add(answer.data)
    for right in (f"Bearer {token}", f"bearer {token}", f"BEARER  {token} "):
        assert client.flask.put(url, data=b"x", headers={"Authorization": right}).status_code == 422
    with stores.database.write() as session:
        (row,) = session.query(ServiceToken)
        tokens.revoke(session, system("test"), row.id)
    answer = client.flask.put(url, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert {*bodies, answer.data} == {answer.data}


@pytest.mark.rule("ACC-1")
def test_a_token_opens_no_page_and_a_session_delivers_nothing(
    client: Client, token: str, centre: Centre, stores: Stores
) -> None:
    """Two doors, two keys."""
    bearer = {"Authorization": f"Bearer {token}"}
    for address in ("/", "/calls", "/status", "/samples", "/account"):
        assert client.get(address, headers=bearer).headers["Location"].startswith("/signin")
    watch = Watch(stores)
    client.sign_in(centre.administrator)
    watch.new()
    assert client.flask.put("/api/v1/recordings/call-1").status_code == 401
    assert watch.new() == []


def test_a_session_that_ended_is_sent_back_to_where_it_was(
    client: Client, centre: Centre, now: Frozen
) -> None:
    """After the idle time, and only a GET: nothing that changed something is ever repeated by itself."""
    client.sign_in(centre.anna)
    assert client.get("/calls").status_code == 200
    now.move(timedelta(minutes=16))
    assert client.get("/calls").headers["Location"] == "/signin?next=/calls"
    assert client.flask.head("/calls").status_code == 401
