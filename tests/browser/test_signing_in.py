"""Signing in by the organisation's account, and how strong a typed password is, in a browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kcc import config
from kcc.people import sessions
from kcc.stores import Stores
from tests.centre import Centre

from .test_shell import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def settings(settings: config.Settings) -> config.Settings:
    """With single sign-on as the only way, which nobody asks here."""
    sso = {"issuer": "https://sso.example", "client_id": "kcc", "local_signin": False, "break_glass": "anna"}
    return settings.model_copy(update={"sso": config.Sso.model_validate(sso)})


def test_the_emergency_account_is_there_and_not_in_the_way(
    live: str, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    """Folded until somebody needs it, also on the narrowest screen; a fault in it unfolds it."""
    page = new_page(320, locale="nl")
    page.goto(f"{live}/signin")
    expect(page.get_by_role("link", name="Inloggen met het account van je organisatie")).to_be_visible()
    expect(page.get_by_label("Wachtwoord")).to_be_hidden()
    page.get_by_text("Noodaccount", exact=True).click()
    assert violations(page) == []
    page.get_by_role("button", name="Inloggen").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.get_by_label("Wachtwoord")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert [text for text in complaints if "422" not in text] == []


def test_the_strength_is_told_in_words_and_as_a_bar(
    live: str, new_page: Callable[..., Page], complaints: list[str], stores: Stores, centre: Centre
) -> None:
    """A moment after typing; nothing where nothing is typed, and nothing else changes on the page."""
    with stores.database.write() as session:
        secret = sessions.begin(session, centre.anna)
    page: Any = new_page(320, locale="nl")
    page.context.add_cookies([{"name": "kcc", "value": secret, "url": live}])
    page.goto(f"{live}/account")
    said, bar = page.locator("[data-strength] p"), page.locator("[data-strength] meter")
    expect(said).to_be_hidden()
    field = page.get_by_label("Nieuw wachtwoord", exact=True)
    for password, words, level in (
        ("Welkom2026!Welkom!", "makkelijk te raden", 1),
        ("paraplu-kikker-melkfles", "Dit wachtwoord is sterk.", 4),
    ):
        field.fill(password)
        expect(said).to_contain_text(words)
        assert bar.evaluate("bar => bar.value") == level
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    field.fill("")
    expect(said).to_be_hidden()
    assert complaints == []
