"""From the password over the second factor to the session, as people meet it, where one is required."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from kcc.clock import Frozen
from kcc.people.factors import queries, removing
from kcc.stores import Stores
from tests.conftest import Client
from tests.people.centre import PASSWORD, Centre

from .browsing import Browser, codes_on, enrol, field, give_password, secret_on
from .hands import actor, add_app, code_of, recovery_codes, told

# The pages; what they do in the database is tried on both engines beside this, and in tests/access.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture
def browser(client: Client, centre: Centre) -> Browser:
    """Nobody has signed in yet."""
    assert centre.id("1001")
    return client


def test_the_first_sign_in_leads_to_enrolling_and_on(browser: Browser, centre: Centre) -> None:
    """Password, QR code, recovery codes once, and then where one wanted to be; with a new session."""
    response = give_password(browser, wanted="/account?x=1")
    assert (response.status_code, response.location) == (303, "/signin/enrol?next=/account?x%3D1")
    assert browser.flask.get_cookie("kcc") is None
    page = browser.get(response.location)
    assert "<svg" in page.text
    assert "Anna de Vries" in page.text
    secret = secret_on(page.text)
    form = {"ticket": field(page.text, "ticket"), "code": code_of(secret), "next": "/account?x=1"}
    shown = browser.post("/signin/enrol", form)
    assert shown.status_code == 200
    assert len(codes_on(shown.text)) == 10
    assert 'href="/account?x=1"' in shown.text
    assert browser.flask.get_cookie("kcc_half") is None
    assert "Anna de Vries" in browser.get("/account?x=1").text
    with browser._stores.database.read() as session:
        (held,) = queries.held(session, centre.id("1001"))
        assert (held.kind, held.name) == ("totp", "Mijn telefoon")


@pytest.mark.rule("SEC-1")
def test_the_second_sign_in_asks_for_the_code(browser: Browser, now: Frozen) -> None:
    """The password alone opens nothing; the code then does, once."""
    secret, _ = enrol(browser)
    browser.post("/signout")
    now.move(HALF_MINUTE)
    response = give_password(browser)
    assert response.location == "/signin/code"
    assert browser.get("/account").location.startswith("/signin?next=")
    code = code_of(secret)
    assert browser.post("/signin/code", {"code": code}).location == "/"
    assert browser.get("/account").status_code == 200
    browser.post("/signout")
    give_password(browser)
    again = browser.post("/signin/code", {"code": code})
    assert again.status_code == 422
    assert again.text.count("Deze code is al gebruikt.") == 2


@pytest.mark.rule("SEC-1")
def test_a_recovery_code_opens_once_and_says_how_many_are_left(browser: Browser, now: Frozen) -> None:
    _, codes = enrol(browser)
    browser.post("/signout")
    give_password(browser)
    assert browser.post("/signin/code", {"code": codes[0]}).location == "/"
    assert "Nog over: 9" in browser.get("/account").text
    now.move(HALF_MINUTE)
    browser.post("/signout")
    give_password(browser)
    assert browser.post("/signin/code", {"code": codes[0]}).status_code == 422


def outside(app: Flask) -> list[tuple[str, str]]:
    """(method, address) of every route but those of signing in; ids in them name nothing."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("entering.") and "again" not in rule.rule and "anew" not in rule.rule:
            continue
        values = dict.fromkeys(rule.arguments, "0" * 32)
        _, address = rule.build(values, append_unknown=False) or ("", "")
        found += [(method, address) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    assert len(found) > 60
    return found


@pytest.mark.rule("SEC-1", "ACC-1")
def test_a_half_session_is_good_for_nothing_else(
    app: Flask, stores: Stores, browser: Browser, centre: Centre
) -> None:
    """At every other address whoever gave only the password is answered as somebody who gave nothing.

    Also when the half secret is shown as if it were a whole one.
    """
    owing_a_code = Client(app, stores)
    add_app(stores, centre.id("1001"))
    give_password(owing_a_code, "1001")
    give_password(browser, "9001")
    half = browser.flask.get_cookie("kcc_half").value
    nobody, disguised, nonsense = (Client(app, stores) for _ in range(3))
    disguised.flask.set_cookie("kcc", half)
    nonsense.flask.set_cookie("kcc", "x" * len(half))
    everybody = (browser, owing_a_code, nobody, disguised, nonsense)
    for number, one in enumerate(everybody):
        one.flask.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"  # each asks no more often than one may
    token = {one: {"X-CSRFToken": one.token()} for one in everybody}

    def answered(one: Client, method: str, address: str) -> tuple[int, str | None]:
        answer = one.flask.open(address, method=method, headers=token[one])
        return answer.status_code, answer.headers.get("Location")

    for method, address in outside(app):
        if address in {"/signout", "/preferences", "/signin"}:
            continue
        refused = answered(nobody, method, address)
        assert answered(browser, method, address) == refused, address
        assert answered(owing_a_code, method, address) == refused, address
        assert answered(disguised, method, address) == answered(nonsense, method, address), address
    assert browser.get("/status").status_code == 302


@pytest.mark.rule("SEC-1")
def test_who_owes_a_code_cannot_enrol_instead(browser: Browser, stores: Stores, centre: Centre) -> None:
    """Else a stolen password would be enough."""
    add_app(stores, centre.id("1001"))
    give_password(browser)
    assert browser.get("/signin/enrol").location == "/signin"
    for path in ("/signin/enrol", "/signin/enrol/options"):
        assert browser.post(path, {"code": "123456", "credential": "{}"}).status_code in (303, 401)
    with stores.database.read() as session:
        assert len(queries.held(session, centre.id("1001"))) == 1


def test_who_enrolled_in_another_window_owes_a_code_in_this_one(
    browser: Browser, stores: Stores, centre: Centre
) -> None:
    give_password(browser)
    add_app(stores, centre.id("1001"))
    assert browser.get("/signin/enrol").location == "/signin"
    assert browser.get("/signin/code").status_code == 200


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("page", ["enrol", "code"])
def test_half_a_sign_in_ends_after_ten_minutes(
    browser: Browser, stores: Stores, centre: Centre, now: Frozen, page: str
) -> None:
    if page == "code":
        add_app(stores, centre.id("1001"))
    give_password(browser)
    now.move(timedelta(minutes=9, seconds=59))
    assert browser.get(f"/signin/{page}").status_code == 200
    now.move(timedelta(seconds=1))
    assert browser.get(f"/signin/{page}?next=/calls").location == "/signin?next=/calls"
    assert "Dat duurde te lang." in browser.get("/signin").text
    assert browser.post(f"/signin/{page}", {"code": "123456"}).location == "/signin"


def test_a_function_that_ends_meanwhile_ends_it(browser: Browser, centre: Centre) -> None:
    give_password(browser)
    centre.add(
        '[[people]]\nnumber = "1001"\nname = "Anna de Vries"\n[[people.functions]]\n'
        'function = "employee"\nteam = "red"\ncustomer_calls = true\nbegins = 2026-01-01\nends = 2026-11-03\n'
    )
    assert browser.get("/signin/enrol").status_code == 302


def test_another_password_or_a_reset_ends_it(browser: Browser, stores: Stores, centre: Centre) -> None:
    for change in (
        lambda: centre.give_password("1001", "een heel andere zin"),
        lambda: _reset(stores, centre),
    ):
        give_password(browser)
        change()
        assert browser.get("/signin/enrol").status_code == 302
        centre.give_password("1001", PASSWORD)


def _reset(stores: Stores, centre: Centre) -> None:
    ada = actor(stores, centre.id("9001"))
    with stores.database.write() as session:
        removing.reset(session, ada, centre.id("1001"), "verloren")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("nl", "Typ de code die je app toont"), ("en", "Type the code that your app shows")],
)
def test_an_empty_code_is_named(
    browser: Browser, stores: Stores, centre: Centre, language: str, sentence: str
) -> None:
    add_app(stores, centre.id("1001"))
    browser.flask.set_cookie("language", language)
    give_password(browser)
    response = browser.post("/signin/code", {"code": " ", "next": "/calls"})
    assert response.status_code == 422
    assert response.text.count(sentence) == 2
    assert field(response.text, "next")


@pytest.mark.rule("SEC-1")
def test_wrong_codes_are_delayed_on_the_page_too(
    browser: Browser, stores: Stores, centre: Centre, now: Frozen
) -> None:
    add_app(stores, centre.id("1001"))
    now.move(timedelta(hours=1))
    give_password(browser)
    for _ in range(3):
        assert browser.post("/signin/code", {"code": "wrong"}).status_code == 422
    response = browser.post("/signin/code", {"code": "wrong"})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "2")


def test_a_mistyped_first_code_keeps_the_offer_and_the_name(browser: Browser) -> None:
    """Nobody scans twice for a slip of the finger."""
    page = browser.get(give_password(browser).location).text
    response = browser.post(
        "/signin/enrol", {"ticket": field(page, "ticket"), "code": "000000", "name": "Tablet"}
    )
    assert response.status_code == 422
    assert secret_on(response.text) == secret_on(page)
    assert 'value="Tablet"' in response.text
    assert 'href="#code"' in response.text


def test_an_offer_of_long_ago_is_replaced(browser: Browser, now: Frozen) -> None:
    page = browser.get(give_password(browser).location).text
    now.move(timedelta(minutes=6))
    give_password(browser)
    now.move(timedelta(minutes=5))
    form = {"ticket": field(page, "ticket"), "code": code_of(secret_on(page))}
    response = browser.post("/signin/enrol", form)
    assert response.status_code == 422
    assert secret_on(response.text) != secret_on(page)


@pytest.mark.rule("ACC-5", "SEC-1")
def test_the_audit_says_how_somebody_came_in(browser: Browser, stores: Stores) -> None:
    """And that they enrolled; of secrets and codes it says nothing."""
    secret, codes = enrol(browser)
    lines = told(stores)
    acts = [line["detail"].get("act") for line in lines if line["action"] == "account:manage"]
    assert acts[-2:] == ["add authenticator app", "renew recovery codes"]
    entered = [line for line in lines if line["action"] == "signin:start"][-1]
    assert entered["detail"] == {"factors": ["password", "totp"]}
    assert secret not in repr(lines)
    assert not any(code in repr(lines) for code in codes)


@pytest.mark.parametrize(
    ("setting", "enrolled", "leads_to"),
    [
        ("optional", False, "/"),
        ("optional", True, "/signin/code"),
        ("required", False, "/signin/enrol"),
        ("required", True, "/signin/code"),
    ],
)
def test_what_the_setting_asks(
    stores: Stores, centre: Centre, setting: str, leads_to: str, *, enrolled: bool
) -> None:
    """Optional spares those who chose none; who chose one is asked for it."""
    from dataclasses import replace

    from kcc.app import create_app

    signin = stores.settings.signin.model_copy(update={"second_factor": setting})
    chosen = replace(stores, settings=stores.settings.model_copy(update={"signin": signin}))
    if enrolled:
        add_app(stores, centre.id("1001"))
    browser = Client(create_app(chosen), chosen)
    assert give_password(browser).location == leads_to


def test_the_codes_come_as_a_file_and_nothing_else_does(browser: Browser) -> None:
    """Only what looks like our codes is sent back as a file."""
    _, codes = enrol(browser)
    path = "/account/second-factor/recovery-codes/file"
    file = browser.post(path, {"recovery_code": codes})
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.mimetype == "text/plain"
    assert [line for line in file.text.splitlines() if "-" in line] == codes
    for wrong in ([], codes[:9], ["<script>"] * 10, [*codes[:9], "x"]):
        data: dict[str, Any] = {"recovery_code": wrong}
        assert browser.post(path, data).status_code == 400


def test_recovery_codes_renewed_elsewhere_do_not_open(
    browser: Browser, stores: Stores, centre: Centre
) -> None:
    _, codes = enrol(browser)
    recovery_codes(stores, centre.id("1001"))
    browser.post("/signout")
    give_password(browser)
    assert browser.post("/signin/code", {"code": codes[0]}).status_code == 422
