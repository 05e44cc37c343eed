"""Against an issuer that others wrote: discovery, code and token as it understands the standard."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from oidc_provider_mock import User, run_server_in_thread  # type: ignore[import-untyped]
from werkzeug.test import TestResponse

from tests.people.centre import Centre
from tests.ports import free_port

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # its own use of its library
PEOPLE = (
    User(sub="a1", claims={"preferred_username": "1001", "email": "anna@example.org"}),
    User(sub="c2", claims={"preferred_username": "2001"}),
    User(sub="x9", claims={"preferred_username": "8888"}),
)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The provider's own server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # it runs on this machine, without TLS
        with run_server_in_thread(free_port(), user_claims=PEOPLE, require_nonce=True) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def issuer_url(provider: str) -> str:
    """The issuer of this module."""
    return provider


@pytest.fixture
def browser(client: Any, centre: Centre) -> Any:
    """A browser in which nobody is signed in."""
    assert centre.id("1001")
    return client


def sign_in_there(browser: Any, subject: str) -> TestResponse:
    """Choose an account at the provider, and come back with what it says."""
    question = browser.get("/signin/sso").location
    answer = requests.post(question, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/signin/sso/back"
    response: TestResponse = browser.get(f"{back.path}?{back.query}")
    return response


@pytest.mark.rule("SEC-1", "ACC-1")
def test_people_come_in_by_the_provider(browser: Any, provider: str) -> None:
    """The same subject with another e-mail is the same person; a stranger is told; so is a refusal."""
    for mail in ("anna@example.org", "anna.jansen@example.org"):
        claims = {"preferred_username": "1001", "email": mail}
        requests.put(f"{provider}/users/a1", json=claims, timeout=10).raise_for_status()
        assert sign_in_there(browser, "a1").location == "/"
        assert "Anna de Vries" in browser.get("/account").text
    assert sign_in_there(browser, "c2").location == "/"
    assert "Coen Bakker" in browser.get("/account").text
    browser.post("/signout")
    stranger = sign_in_there(browser, "x9")
    assert stranger.status_code == 403
    assert "kcc kent dit account niet" in stranger.text


@pytest.mark.rule("SEC-1")
def test_an_answer_of_the_provider_counts_once(browser: Any) -> None:
    """The same address a second time, and with another state."""
    question = browser.get("/signin/sso").location
    answer = requests.post(question, data={"sub": "a1"}, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    tampered = re.sub("state=[^&]+", "state=x", back.query)
    assert browser.get(f"{back.path}?{tampered}").location == "/signin"
    assert browser.get(f"{back.path}?{back.query}").location == "/"
    browser.post("/signout")
    assert browser.get(f"{back.path}?{back.query}").location == "/signin"


def test_who_denies_there_is_told_here(browser: Any) -> None:
    """The provider sends them back with an error and no code."""
    question = browser.get("/signin/sso").location
    answer = requests.post(question, data={"action": "deny"}, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    assert "error=access_denied" in back.query
    assert browser.get(f"{back.path}?{back.query}").location == "/signin"


def test_the_way_out_leads_to_the_providers_own(browser: Any, provider: str) -> None:
    """With the way back to ours."""
    address = browser.get("/signin/sso/out").location
    assert address.startswith(f"{provider}/oauth2/end_session?")
    page = requests.get(address, timeout=10)
    assert page.status_code == 200
    assert "/signin" in page.text
