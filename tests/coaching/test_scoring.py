"""The scoring page's scripts in a real browser: keys, autosave, another window, no connection."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from kcc.people import sessions
from tests.browser.conftest import chromium, complaints, live, new_page  # noqa: F401 - borrowed fixtures
from tests.coaching.conftest import Month

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
Open = Callable[[], Page]


@pytest.fixture
def scoring(drawn: Month, live: str, new_page: Callable[..., Page]) -> Open:  # noqa: F811
    """Open windows of anna's coach on her first drawn call."""
    address = f"{live}/samples/{drawn.samples(drawn.centre.anna)[0].id}"

    def opened() -> Page:
        page = new_page()
        with drawn.stores.database.write() as session:
            secret = sessions.begin(session, drawn.centre.coach)
        page.context.add_cookies([{"name": "kcc", "value": secret, "url": live}])
        page.goto(address)
        return page

    return opened


def saved(page: Page) -> None:
    """Wait until the page says that all is saved."""
    expect(page.locator("#saved")).to_have_text("Opgeslagen 09:00:00", timeout=15_000)


def test_keys_answer_and_everything_is_saved(scoring: Open, complaints: list[str]) -> None:  # noqa: F811
    """1 on the first open item, Enter, 2, a remark with R in which digits are letters, Escape, Enter, 3."""
    page = scoring()
    for key in ("1", "Enter", "2", "r"):
        page.keyboard.press(key)
    page.keyboard.type("zei 1, 2, 3 en r")
    for key in ("Escape", "Enter", "3"):
        page.keyboard.press(key)
    expect(page.locator("#progress-words")).to_have_text("3 van 21")
    saved(page)
    again = scoring()
    assert [again.locator(f"[name=answer-{n}]:checked").input_value() for n in (3, 4, 5)] == [
        "yes",
        "no",
        "na",
    ]
    assert again.locator("#remark-4").input_value() == "zei 1, 2, 3 en r"
    assert complaints == []


def test_two_windows_lose_nothing(scoring: Open) -> None:
    """What only one touched is taken over; where both wrote, the coach chooses."""
    first, second = scoring(), scoring()
    first.fill("#finding-well", "van de eerste")
    first.fill("#finding-less", "alleen de eerste")
    saved(first)
    second.fill("#finding-well", "van de tweede")
    second.fill("#point-1", "alleen de tweede")
    expect(second.locator("#elsewhere")).to_contain_text("van de eerste", timeout=15_000)
    expect(second.locator("#finding-well")).to_have_value("van de tweede")
    expect(second.locator("#finding-less")).to_have_value("alleen de eerste")
    second.get_by_role("button", name="Houd de mijne").click()
    saved(second)
    expect(second.locator("#elsewhere")).to_be_hidden()
    third = scoring()
    fields = ("#finding-well", "#finding-less", "#point-1")
    assert [third.locator(f).input_value() for f in fields] == [
        "van de tweede",
        "alleen de eerste",
        "alleen de tweede",
    ]


def test_without_a_connection_the_words_wait(scoring: Open) -> None:
    """The page says that it has not saved, and saves by itself when the connection is back."""
    page = scoring()
    page.context.set_offline(True)
    page.fill("#point-2", "geschreven zonder verbinding")
    expect(page.locator("#saved")).to_contain_text("geen verbinding", timeout=15_000)
    page.context.set_offline(False)
    saved(page)
    assert scoring().locator("#point-2").input_value() == "geschreven zonder verbinding"
