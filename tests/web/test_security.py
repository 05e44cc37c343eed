"""kcc.web.security: the headers of every answer, the token that every form needs, and no way off the site."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kcc.app import create_app
from kcc.people import sessions
from kcc.stores import Stores
from kcc.web.pages import asset
from kcc.web.security import REPORTS
from tests.audit.lines import everything
from tests.centre import Centre
from tests.conftest import Client

SAFE = {"GET", "HEAD", "OPTIONS"}


def policy(answer: TestResponse) -> dict[str, list[str]]:
    """The answer's Content-Security-Policy, by directive."""
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts if not name.startswith("report-")}


def answers(client: Client, app: Flask) -> Iterator[TestResponse]:
    """One of each kind: pages, redirects, refusals, an asset, the API."""
    with app.test_request_context():
        style = asset("kcc.css")
    for address in (
        "/signin",
        "/calls",
        "/no-such-page",
        style,
        "/assets/none.css",
        "/api/v1/openapi.json",
        "/api/none",
    ):
        yield client.get(address, buffered=True)
    yield client.post("/calls")
    yield client.flask.post("/signin")
    yield client.flask.put("/api/v1/recordings/x")


@pytest.mark.rule("SEC-1")
def test_every_answer_limits_what_a_page_may_do(client: Client, app: Flask) -> None:
    """Nothing inline, nothing from elsewhere, no frame around it, no guessing of types."""
    for answer in answers(client, app):
        directives = policy(answer)
        assert directives["default-src"] == ["'none'"]
        assert directives["base-uri"] == directives["frame-ancestors"] == ["'none'"]
        assert directives["object-src"] == ["'none'"]
        assert "report-uri /browser-reports; report-to kcc" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Reporting-Endpoints"] == 'kcc="/browser-reports"'
        assert (
            directives["form-action"] == directives["script-src"] == directives["connect-src"] == ["'self'"]
        )
        sources = {source for of in directives.values() for source in of}
        assert sources <= {"'none'", "'self'", "blob:"}, answer.request.path
        assert "blob:" not in directives["script-src"] + directives["style-src"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "microphone=()" in answer.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_only_an_asset_that_exists_may_be_kept(client: Client, app: Flask) -> None:
    """Whatever names a person or carries a token is gone when the page is."""
    for answer in answers(client, app):
        if answer.request.path.startswith("/assets/") and answer.status_code == 200:
            assert answer.cache_control.max_age == 365 * 24 * 3600
            assert "Set-Cookie" not in answer.headers
        else:
            assert answer.headers["Cache-Control"] == "no-store", answer.request.path


@pytest.mark.rule("SEC-1")
def test_over_tls_browsers_are_told_to_stay_there(stores: Stores) -> None:
    """And only then: on an open connection the header would be ignored or, worse, wrong."""
    server = stores.settings.server.model_copy(update={"public_url": "https://kcc.example"})
    settings = stores.settings.model_copy(update={"server": server})
    secure = create_app(Stores(settings, stores.database, stores.keys, stores.blobs)).test_client()
    answer = secure.get("/signin", base_url="https://kcc.example")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert all("Secure" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


@pytest.mark.rule("SEC-1")
def test_nothing_changes_without_the_token_of_our_own_forms(
    app: Flask, client: Client, centre: Centre, stores: Stores
) -> None:
    """Every route that changes something, signed in or not, without a token and with a wrong one."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.methods and rule.methods - SAFE]
    # Browsers send their reports by themselves, and only a number goes up.
    forms = [r for r in rules if not r.rule.startswith(("/api/", "/scim/")) and r.rule != REPORTS]
    assert len(forms) > 8
    for browser in (client, Client(app, stores).sign_in(centre.anna)):
        before = everything(stores)
        for rule in forms:
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(
                    rule.endpoint, dict.fromkeys(rule.arguments, "0" * 32)
                )
            for headers in ({}, {"X-CSRFToken": "wrong"}, {"X-CSRFToken": browser.token()[:-3] + "AAA"}):
                for method in sorted((rule.methods or set()) - SAFE):
                    answer = browser.flask.open(address, method=method, headers=headers)
                    assert answer.status_code == 400, (rule, headers)
                    assert "opnieuw" in answer.text, "the page says what to do"
        assert everything(stores) | {"budget": None} == before | {"budget": None}


def test_the_token_of_one_browser_is_no_use_in_another(app: Flask, centre: Centre, stores: Stores) -> None:
    """Nor does one's own outlive signing out."""
    anna, bob = (Client(app, stores).sign_in(person) for person in (centre.anna, centre.bob))
    theirs = bob.token()
    stolen = anna.flask.post("/preferences", data={"theme": "dark"}, headers={"X-CSRFToken": theirs})
    assert stolen.status_code == 400
    assert bob.flask.post("/preferences", data={"theme": "dark", "csrf_token": theirs}).status_code == 303
    assert bob.flask.post("/signout", data={"csrf_token": theirs}).status_code == 303
    assert bob.flask.post("/preferences", data={"csrf_token": theirs}).status_code == 400


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "//evil.example/%2f..",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "///evil.example",
        "/\r\nSet-Cookie: x=1",
        "//[::1",
        "",
    ],
)
def test_no_address_leads_off_the_site(
    app: Flask, client: Client, centre: Centre, stores: Stores, elsewhere: str
) -> None:
    """`next` is followed inside this site alone, from signing in and from choosing a language."""
    chosen = client.post("/preferences", {"theme": "dark", "next": elsewhere})
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/")
    anna = Client(app, stores).sign_in(centre.anna)
    already = anna.get("/signin", query_string={"next": elsewhere})
    assert (already.status_code, already.headers["Location"]) == (302, "/")


def test_an_address_of_our_own_is_followed(client: Client) -> None:
    """With its question and its fragments of text."""
    chosen = client.post(
        "/preferences", {"theme": "dark", "next": "/calls?since=2026-11-01&direction=incoming"}
    )
    assert chosen.headers["Location"] == "/calls?since=2026-11-01&direction=incoming"


def test_an_unexpected_file_never_touches_the_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large: libraries put what exceeds half a megabyte into a file, unsealed."""
    import tempfile

    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x.wav"\r\n\r\n'
    body = (
        head
        + b"x" * 700_000
        + b'\r\n--b\r\nContent-Disposition: form-data; name="theme"\r\n\r\ndark\r\n--b--\r\n'
    )
    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, lambda *_, **__: pytest.fail("a file was made"))
    headers = {"X-CSRFToken": client.token()}
    kind = "multipart/form-data; boundary=b"
    answer = client.flask.post("/preferences", data=body, content_type=kind, headers=headers)
    assert (answer.status_code, "theme=dark" in answer.headers["Set-Cookie"]) == (303, True)


@pytest.mark.rule("SEC-1")
def test_cookies_over_tls_belong_to_this_host_alone(stores: Stores, centre: Centre) -> None:
    """Every cookie that signing in, choosing and signing out set and take back."""
    server = stores.settings.server.model_copy(update={"public_url": "https://kcc.example"})
    settings = stores.settings.model_copy(update={"server": server})
    app = create_app(Stores(settings, stores.database, stores.keys, stores.blobs))
    with stores.database.write() as session:
        secret = sessions.begin(session, centre.anna)
    browser = app.test_client()
    browser.set_cookie("__Host-kcc", secret, domain="kcc.example", secure=True)
    said: list[str] = []

    def ask(method: str, address: str, **form: str) -> TestResponse:
        sent = {"Referer": "https://kcc.example/account"}
        site = "https://kcc.example"
        answer = browser.open(address, method=method, base_url=site, data=form or None, headers=sent)
        said.extend(answer.headers.getlist("Set-Cookie"))
        return answer

    page = ask("GET", "/account").text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    ask("POST", "/preferences", language="en", theme="dark", csrf_token=token)
    assert 'data-theme="dark"' in ask("GET", "/account").text
    assert 'lang="en"' in ask("GET", "/account").text
    ask("POST", "/preferences", theme="", csrf_token=token)
    ask("POST", "/signout", csrf_token=token)
    assert {cookie.split("=")[0] for cookie in said} == {
        f"__Host-{name}" for name in ("kcc", "kcc_form", "language", "theme")
    }
    for cookie in said:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")), cookie
        assert "Domain" not in cookie
