"""The second factor in a real browser: an app and a passkey from the first sign-in on, with Chromium's own
authenticator and under our own headers.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from flask import Flask
from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy import select, update

from kcc import config
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.people import passwords, signin
from kcc.people.factors import apps
from kcc.people.factors.model import Passkey
from kcc.stores import Stores
from tests.centre import PASSWORD, Centre
from tests.ports import free_port

from .serving import serving
from .test_shell import violations

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
WIDTHS = (320, 768, 1280, 1920)
SCRIPTLESS = "Voor een passkey is JavaScript nodig"


@pytest.fixture
def settings(settings: config.Settings) -> config.Settings:
    """Required, as kcc has it, at a name: numbers have no passkeys."""
    signin_ = settings.signin.model_copy(update={"second_factor": "required"})
    server = settings.server.model_copy(update={"public_url": f"http://localhost:{free_port()}"})
    return settings.model_copy(update={"signin": signin_, "server": server})


@pytest.fixture
def address(app: Flask, stores: Stores, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The application at its name; Anna has a password and nothing else."""
    light = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", light)
    with stores.database.write() as session:
        for person_id in (centre.anna, centre.administrator):
            signin.set_password(session, system("test"), person_id, PASSWORD, min_length=15)
    url = stores.settings.server.public_url
    with serving(app, urlsplit(url).port or 0):
        yield url


def authenticator(page: Page) -> tuple[CDPSession, str]:
    """A built-in authenticator that recognises whoever sits there."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, added["authenticatorId"]


def give_password(page: Page, address: str, number: str, wanted: str = "/account") -> None:
    page.goto(f"{address}{wanted}")
    page.fill("#number", number)
    page.fill("#password", PASSWORD)
    page.locator("main .kcc-actions button").first.click()


def fits(page: Page) -> None:
    """Accessible, and within every screen."""
    assert violations(page) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} at {width} px"
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.rule("SEC-1")
def test_a_passkey_from_enrolling_to_its_copy(
    address: str,
    new_page: Callable[..., Page],
    complaints: list[str],
    stores: Stores,
    now: Frozen,
) -> None:
    """Made at the first sign-in, it opens alone, serves again later, and is refused when it counts back."""
    page = new_page(locale="nl-NL")
    devtools, device = authenticator(page)
    give_password(page, address, "administrator", "/lines/new")
    fits(page)
    page.get_by_role("button", name="Een passkey maken").click()
    expect(page.get_by_role("heading", name="Je herstelcodes")).to_be_visible()
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Als bestand bewaren").click()
    assert download.value.path().read_text().count("-") == 20
    page.get_by_role("link", name="Ik heb ze bewaard, ga door").click()
    expect(page).to_have_url(f"{address}/lines/new")
    now.move(timedelta(minutes=6))
    page.goto(f"{address}/lines/new")
    expect(page.get_by_role("heading", name="Ben jij het nog?")).to_be_visible()
    page.get_by_role("button", name="Je passkey gebruiken").click()
    expect(page).to_have_url(f"{address}/lines/new")
    page.context.clear_cookies()
    page.goto(f"{address}/signin?next=/account")
    button = page.get_by_role("button", name="Inloggen met een passkey")
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    button.click()
    expect(page.get_by_text("Dat is niet gelukt of afgebroken.")).to_be_visible()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    button.click()
    expect(page).to_have_url(f"{address}/account")
    with stores.database.write() as session:
        assert session.scalars(select(Passkey.sign_count)).one() > 1
        session.execute(update(Passkey).values(sign_count=1000))
    page.context.clear_cookies()
    page.goto(f"{address}/signin")
    page.get_by_role("button", name="Inloggen met een passkey").click()
    expect(page.get_by_text("Deze passkey werkte hier niet.")).to_be_visible()
    assert complaints == []


@pytest.mark.rule("SEC-1")
def test_an_app_without_any_script(
    address: str,
    new_page: Callable[..., Page],
    now: Frozen,
) -> None:
    """Scan, type, keep the codes; the next time the code; a passkey is said to need a script."""
    page = new_page(locale="nl-NL", java_script_enabled=False)
    give_password(page, address, "anna")
    expect(page.get_by_text(SCRIPTLESS)).to_be_visible()
    page.get_by_text("Lukt scannen niet?").click()
    secret = page.locator(".kcc-secret").inner_text().replace(" ", "")
    page.fill("#code", "000000")
    page.get_by_role("button", name="Deze app gebruiken").click()
    expect(page.locator("#error-summary")).to_be_visible()
    page.fill("#code", apps.current_code(secret)[0])
    page.get_by_role("button", name="Deze app gebruiken").click()
    page.get_by_role("link", name="Ik heb ze bewaard, ga door").click()
    expect(page).to_have_url(f"{address}/account")
    now.move(timedelta(minutes=1))
    page.context.clear_cookies()
    give_password(page, address, "anna")
    page.fill("#code", apps.current_code(secret)[0])
    page.get_by_role("button", name="Doorgaan").click()
    expect(page).to_have_url(f"{address}/account")


def test_the_page_that_asks_for_the_code_fits(
    address: str, new_page: Callable[..., Page], stores: Stores, centre: Centre, complaints: list[str]
) -> None:
    anna, limits = centre.actor(centre.anna), stores.settings.signin
    offer = apps.offer(limits, anna.person_id)
    with stores.database.write() as session:
        apps.add(session, limits, anna, offer.ticket, "Telefoon", apps.current_code(offer.secret)[0])
    page = new_page(locale="nl-NL")
    give_password(page, address, "anna")
    expect(page.locator("#code")).to_be_visible()
    fits(page)
    assert complaints == []
