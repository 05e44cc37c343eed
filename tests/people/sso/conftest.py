"""What the tests of single sign-on share: an issuer, settings that name it, and a browser that goes there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from werkzeug.test import TestResponse

from kcc import clock, config
from kcc.clock import Frozen
from tests.people.centre import Centre
from tests.people.sso.forging import SECRET, Forger, forging

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is between kcc and the issuer, and no question to a database."""


@pytest.fixture(scope="session")
def running() -> Iterator[Forger]:
    """One issuer for all of them."""
    with forging() as forger:
        yield forger


@pytest.fixture
def forger(running: Forger) -> Iterator[Forger]:
    """The issuer, honest."""
    yield running
    running.forge, running.failing, running.description = None, "", {}


@pytest.fixture
def now() -> Iterator[Frozen]:
    """The clock stands still at the present: the issuer's tokens bear the time of its own machine."""
    with clock.frozen(datetime.now(UTC)) as frozen:
        yield frozen


@pytest.fixture
def sso() -> dict[str, Any]:
    """More settings of [sso]; a module may have its own."""
    return {}


@pytest.fixture
def issuer_url(forger: Forger) -> str:
    """Who the issuer is; a module may have another."""
    return forger.url


@pytest.fixture
def settings(
    settings: config.Settings, issuer_url: str, sso: dict[str, Any], tmp_path: Path
) -> config.Settings:
    """With single sign-on."""
    path = tmp_path / "sso.secret"
    path.write_text(f"{SECRET}\n")
    values = {"issuer": issuer_url, "client_id": "kcc", "client_secret_file": path, "label": "Werkplek"} | sso
    return settings.model_copy(update={"sso": config.Sso.model_validate(values)})


class Traveller:
    """A browser on its way to the issuer and back."""

    def __init__(self, browser: Any, forger: Forger) -> None:
        self.browser, self.forger = browser, forger

    def leave(self, wanted: str = "") -> dict[str, str]:
        """Off to the issuer; gives kcc's question."""
        response = self.browser.get("/signin/sso" + (f"?next={wanted}" if wanted else ""))
        assert response.status_code == 302
        assert response.location.startswith(f"{self.forger.url}/authorize?")
        return dict(parse_qsl(urlsplit(response.location).query))

    def back(self, **answer: str) -> TestResponse:
        """Back, with the issuer's answer."""
        response: TestResponse = self.browser.get(f"/signin/sso/back?{urlencode(answer)}")
        return response

    def travel(self, **claims: Any) -> TestResponse:
        """There and back, as somebody of whom the issuer says this."""
        question = self.leave()
        return self.back(state=question["state"], code=self.forger.grant(question, **claims))

    def told(self, response: TestResponse) -> str:
        """What the page says on which a failed way ends; nobody is signed in."""
        assert (response.status_code, response.location) == (303, "/signin")
        assert self.browser.flask.get_cookie("kcc") is None
        return str(self.browser.get("/signin").text)

    def signed_in(self) -> bool:
        """Whether somebody is."""
        return bool(self.browser.get("/account").status_code == 200)


@pytest.fixture
def traveller(client: Any, centre: Centre, forger: Forger) -> Traveller:
    """A browser in which nobody is signed in."""
    assert centre.id("1001")
    return Traveller(client, forger)
