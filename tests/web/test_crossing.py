"""kcc.web.crossing: our own names alone, and nothing that another website made a browser send."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kcc import config
from kcc.app import create_app
from kcc.sections import Server
from kcc.stores import Stores
from kcc.web.crossing import names
from tests.audit.lines import everything
from tests.centre import Centre
from tests.conftest import Client

As = Callable[[str], Client]
PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "Same-Origin", "same-origin, cross-site"])
def test_nothing_is_changed_for_another_site(
    client: Client, centre: Centre, stores: Stores, site: str
) -> None:
    """Not even with a form's token, and before anything is looked at; one clear sentence."""
    client.sign_in(centre.anna)
    before = everything(stores)
    token = client.token()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        headers = {"Sec-Fetch-Site": site, "X-CSRFToken": token}
        answer = client.flask.open("/preferences", method=method, headers=headers | PAGE)
        assert answer.status_code == 403, method
        assert "Een andere website vroeg hierom." in answer.text
    assert everything(stores) | {"budget": None} == before | {"budget": None}


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_pages_and_bookmarks_are_served(client: Client, site: str) -> None:
    sent = client.post("/preferences", {"theme": "dark"}, headers={"Sec-Fetch-Site": site})
    assert sent.status_code == 303
    assert client.get("/signin", headers={"Sec-Fetch-Site": site}).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_from_elsewhere_opens_a_page(client: Client, site: str) -> None:
    """Of its own; neither in a frame, nor as an image, nor fetched by a script."""
    assert client.get("/signin", headers={"Sec-Fetch-Site": site} | PAGE).status_code == 200
    for mode, dest in (
        ("navigate", "iframe"),
        ("navigate", "object"),
        ("no-cors", "image"),
        ("no-cors", "audio"),
        ("cors", "empty"),
        ("no-cors", "script"),
        ("", "document"),
    ):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        assert client.get("/signin", headers=headers).status_code == 403, (mode, dest)


@pytest.mark.rule("SEC-1", "ACC-4")
def test_sound_is_no_part_of_another_site(client: Client, centre: Centre) -> None:
    """On the short way and on the long one, whoever is signed in."""
    centre.call()
    client.sign_in(centre.anna)
    call = client.get("/calls").text.split('href="/calls/')[1][:32]
    opened = client.post(f"/calls/{call}/listen", headers={"Accept": "application/json"})
    sound = opened.headers["Location"].replace("/addresses", "/sound")
    for headers in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"} | PAGE):
        assert client.get(sound, headers=headers, buffered=True).status_code == 200
    for site in ("same-site", "cross-site"):
        for also in ({}, {"Range": "bytes=0-99"}):
            sent = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "audio"} | also
            refused = client.get(sound, headers=sent, buffered=True)
            assert refused.status_code == 403
            assert b"RIFF" not in refused.data


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"Origin": "http://localhost"}, 303),
        ({"Referer": "http://localhost/account?x=1"}, 303),
        ({}, 303),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "https://evil.example", "Referer": "http://localhost/"}, 403),
        ({"Referer": "https://evil.example/?http://localhost/"}, 403),
        ({"Referer": "http://[::1"}, 403),
    ],
)
def test_an_old_browser_is_judged_by_what_it_says(client: Client, said: dict[str, str], status: int) -> None:
    """By Origin, else by Referer; with neither the form's token alone decides."""
    assert client.post("/preferences", {"theme": "dark"}, headers=said).status_code == status


def test_recorders_are_judged_by_their_token(client: Client) -> None:
    """They are no browsers, and carry nothing that one would send by itself."""
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Host": "10.0.0.5:8000"}, {"Origin": "http://x"}):
        assert client.flask.put("/api/v1/recordings/x", headers=headers).status_code == 401
        assert client.flask.post("/api/v1/vcons", headers=headers).get_json()["code"] != "cross_site"


def asked(client: Client, host: str, address: str = "/signin") -> TestResponse:
    return client.get(address, headers={"Host": host})


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:80@localhost",
        "localhost@evil.example",
        "localhost/",
        "localhost?x",
        "localhost:x",
        "local host",
        "localhost, evil.example",
        "[::1",
        "",
        "<script>alert(1)</script>",
    ],
)
def test_a_name_that_is_not_ours_is_refused(client: Client, host: str) -> None:
    """400 in the one shape, wherever it leads to: never a redirect, never the name itself."""
    for address in ("/signin", "/calls", "/", "/no-such-page", "//signin", "/assets/none.css"):
        answer = asked(client, host, address)
        assert answer.status_code == 400, address
        assert "Location" not in answer.headers
        assert "Set-Cookie" not in answer.headers or "evil" not in str(answer.headers)
        assert "evil" not in answer.text
        assert "<script>alert" not in answer.text
        assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1:8000", "[::1]:8000", "localhost:1"])
def test_our_own_names_are_served(client: Client, host: str) -> None:
    assert asked(client, host).status_code == 200


def test_more_names_are_a_setting(stores: Stores) -> None:
    server = stores.settings.server.model_copy(
        update={"public_url": "https://kcc.example", "hosts": ("kcc.intern",)}
    )
    settings = stores.settings.model_copy(update={"server": server})
    app: Flask = create_app(Stores(settings, stores.database, stores.keys, stores.blobs))
    for host, status in (
        ("kcc.example", 200),
        ("kcc.intern:443", 200),
        ("localhost", 400),
        ("127.0.0.1", 400),
    ):
        assert app.test_client().get("/signin", headers={"Host": host}).status_code == status, host
    # Monitoring calls it as its network does, and shows its token.
    settings.server.metrics_token_file.write_text("a token for the monitor")
    shown = {"Host": "10.0.0.5:8000", "Authorization": "Bearer a token for the monitor"}
    assert app.test_client().get("/metrics", headers=shown).status_code == 200


def test_the_names_follow_from_the_settings() -> None:
    """Without a port; those of this machine only where kcc is here."""
    assert names(Server()) == {"127.0.0.1", "localhost", "::1"}
    assert names(Server(public_url="https://KCC.example:8443/")) == {"kcc.example"}


def test_a_setting_names_hosts_alone() -> None:
    for wrong in ("https://kcc.example", "kcc.example/x", "", "a b"):
        with pytest.raises(config.ConfigError, match=r"server\.hosts"):
            config.parse({"server": {"hosts": [wrong]}}, Path.cwd())
