"""A browser without a screen that goes through the pages of the second factor as people do."""

import re
from typing import Any

from werkzeug.test import TestResponse

from tests.people.centre import PASSWORD

from .hands import code_of

Browser = Any


def give_password(browser: Browser, number: str = "1001", wanted: str = "") -> TestResponse:
    """Fill in the first form."""
    response: TestResponse = browser.post("/signin", {"number": number, "password": PASSWORD, "next": wanted})
    return response


def field(page: str, name: str) -> str:
    """What a page's hidden field says."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def secret_on(page: str) -> str:
    """The secret that a page offers to type."""
    found = re.search(r'class="kcc-secret">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r'<code class="kcc-secret">([a-z0-9-]+)</code>', page)


def enrol(browser: Browser, number: str = "1001", wanted: str = "") -> tuple[str, list[str]]:
    """The first sign-in with an app; gives its secret and the recovery codes."""
    address = give_password(browser, number, wanted).location
    page = browser.get(address).text
    secret = secret_on(page)
    form = {"ticket": field(page, "ticket"), "code": code_of(secret), "name": "Telefoon", "next": wanted}
    shown = browser.post("/signin/enrol", form)
    assert shown.status_code == 200, shown.text
    return secret, codes_on(shown.text)
