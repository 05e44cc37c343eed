"""Remarks in the call, and nothing lost, in a browser: keys, reload, a stopped server, an ended session."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from kcc import clock
from kcc.people import sessions
from tests.browser.conftest import chromium, complaints, live, new_page  # noqa: F401 - borrowed fixtures
from tests.browser.serving import serving
from tests.coaching.conftest import DRAW_DAY, Month

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
SAVED = "Opgeslagen"
PATIENT = 20_000


class Desk:
    """Windows of anna's coach, on the scoring page of her first drawn call."""

    def __init__(self, month: Month, url: str, new_page: Callable[..., Page]) -> None:  # noqa: F811
        self.month, self.url, self.new_page = month, url, new_page
        self.path = f"/samples/{month.samples(month.centre.anna)[0].id}"

    def sign_in(self, page: Page) -> None:
        """Be signed in, in all windows of this browser."""
        with self.month.stores.database.write() as session:
            secret = sessions.begin(session, self.month.centre.coach)
        page.context.add_cookies([{"name": "kcc", "value": secret, "url": self.url}])

    def open(self) -> Page:
        """A browser of its own with the page."""
        page: Page = self.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        self.sign_in(page)
        page.goto(self.url + self.path)
        return page


@pytest.fixture
def heard(month: Month) -> Month:
    """Anna's drawn calls have a sound."""
    month.announce()
    month.go_to(DRAW_DAY)
    for hours in range(1, 6):
        month.centre.call("anna", clock.now() - timedelta(hours=hours), seconds=40)
    month.draw()
    return month


@pytest.fixture
def desk(heard: Month, live: str, new_page: Callable[..., Page]) -> Desk:  # noqa: F811
    """The desk of anna's coach."""
    return Desk(heard, live, new_page)


def at_rest(page: Page) -> None:
    """Wait until all is saved."""
    expect(page.locator("#saved")).to_contain_text(SAVED, timeout=PATIENT)


def listening(page: Page) -> None:
    """Open the call and stand still at ten seconds."""
    page.locator(".kcc-player form button").click()
    expect(page.locator("[data-do=toggle]")).to_contain_text("Pauze", timeout=PATIENT)
    page.keyboard.press("k")
    expect(page.locator("[data-do=toggle]")).to_contain_text("Afspelen", timeout=PATIENT)
    seek = "e => { e.value = 10.2; e.dispatchEvent(new Event('input', {bubbles: true})); }"
    page.locator("[data-seek]").evaluate(seek)
    expect(page.locator("[data-now]")).to_have_text("0:10")


@pytest.mark.rule("REP-1")
def test_a_remark_at_a_moment_by_the_keyboard(desk: Desk, complaints: list[str]) -> None:  # noqa: F811
    """R while a call is open: the moment and the item at hand; the text is typed without one key being taken;
    it is saved, comes back, leads the player back, and can be taken away.
    """
    page = desk.open()
    listening(page)
    for key in ("1", "Enter", "2"):  # items 3 and 4
        page.keyboard.press(key)
    page.keyboard.press("r")
    page.keyboard.type("zei 1, 2, 3 jkl mr? en")
    row = page.locator("[data-note]")
    expect(row.locator("[name^=at-]")).to_have_value("0:10")
    expect(row.locator("[name^=about-]")).to_have_value("4")
    at_rest(page)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.name") == "answer-4", "back where one was"
    again = desk.open()
    row = again.locator("[data-note]")
    expect(row.locator("textarea")).to_have_value("zei 1, 2, 3 jkl mr? en")
    assert again.locator("[name=answer-4]:checked").input_value() == "no"
    row.get_by_role("button", name="Luister").click()
    expect(again.locator("[data-do=toggle]")).to_contain_text("Pauze", timeout=PATIENT)
    again.keyboard.press("k")
    assert 10_000 <= int(again.locator(".kcc-player").get_attribute("data-ms") or 0) < 20_000
    row.get_by_role("button", name="Verwijderen").click()
    expect(row).to_be_hidden()
    at_rest(again)
    assert desk.open().locator("[data-note] textarea").count() == 0
    assert [said for said in complaints if "Failed to load resource" not in said] == []


def test_space_and_arrows_are_the_players_on_an_answer_too(desk: Desk) -> None:
    """While a call is open they answer nothing; up and down still choose."""
    page = desk.open()
    listening(page)
    page.locator("[name=answer-3]").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-do=toggle]")).to_contain_text("Pauze")
    page.keyboard.press("Space")
    expect(page.locator("[data-do=toggle]")).to_contain_text("Afspelen")
    before = int(page.locator(".kcc-player").get_attribute("data-ms") or 0)
    page.keyboard.press("ArrowLeft")
    assert page.locator("[name=answer-3]:checked").count() == 0
    assert int(page.locator(".kcc-player").get_attribute("data-ms") or 0) < before - 4000
    page.keyboard.press("ArrowDown")
    assert page.locator("[name=answer-3]:checked").count() == 1


def test_a_double_click_on_the_waveform_remarks_there(desk: Desk) -> None:
    """And the list is in time order, whichever came first."""
    page = desk.open()
    listening(page)
    page.keyboard.press("r")
    page.keyboard.type("laat")
    box = page.locator("canvas").bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 2, box["y"] + 10)
    page.keyboard.type("vroeg")
    texts = page.locator("[data-note] textarea")
    assert [texts.nth(n).input_value() for n in range(2)] == ["vroeg", "laat"]
    at_rest(page)


def test_a_reload_loses_nothing_and_leaves_nothing_to_read(desk: Desk) -> None:
    """What could not be sent comes back, and is sent; in the browser's memory it lies sealed."""
    page = desk.open()
    page.route("**/autosave", lambda route: route.abort())
    page.fill("#finding-well", "een gevoelige zin")
    page.locator("[name=answer-3]").first.check()
    expect(page.locator("#saved")).to_contain_text("geen verbinding", timeout=PATIENT)
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "autosave" in kept
    assert "gevoelige" not in kept
    page.fill("#finding-less", "en de laatste letter")
    page.wait_for_timeout(100)
    page.unroute("**/autosave")
    page.reload()
    expect(page.locator("#finding-well")).to_have_value("een gevoelige zin")
    expect(page.locator("#finding-less")).to_have_value("en de laatste letter")
    at_rest(page)
    assert page.evaluate("sessionStorage.length") == 0
    assert desk.open().locator("[name=answer-3]:checked").input_value() == "yes"


@pytest.mark.parametrize("way", ["signed out", "idle"])
def test_a_session_that_ended_loses_nothing(desk: Desk, way: str) -> None:
    """The page says so and waits; signed in again in another window, it goes on by itself."""
    page = desk.open()
    if way == "signed out":  # by the button, in another window of this browser: the form's token dies, too
        menu = page.context.new_page()
        menu.goto(desk.url + "/samples")
        menu.locator("form[action$='/signout'] button").first.evaluate("e => e.form.requestSubmit(e)")
        menu.wait_for_url("**/signin**")
    else:
        desk.month.now.set(clock.now() + timedelta(minutes=16))
    page.fill("#point-1", "na het einde geschreven")
    expect(page.locator("#saved")).to_contain_text("uitgelogd", timeout=PATIENT)
    desk.sign_in(page)
    if way == "signed out":
        menu.goto(desk.url + "/samples")  # which gives this browser another token
    at_rest(page)
    assert desk.open().locator("#point-1").input_value() == "na het einde geschreven"


def test_a_stopped_server_loses_nothing(
    heard: Month,
    app: Flask,
    new_page: Callable[..., Page],  # noqa: F811
) -> None:
    """Typed while it was away, saved once it is back; another window's remark comes along."""
    with serving(app) as url:
        desk = Desk(heard, url, new_page)
        page = desk.open()
        page.fill("#finding-well", "voor de storing")
        at_rest(page)
    page.fill("#finding-less", "tijdens de storing")
    expect(page.locator("#saved")).to_contain_text("geen verbinding", timeout=PATIENT)
    with serving(app, int(url.rpartition(":")[2])):
        other = desk.open()
        listening(other)
        other.keyboard.press("r")
        other.keyboard.type("uit het andere venster")
        at_rest(other)
        at_rest(page)
        page.fill("#point-1", "en verder")
        at_rest(page)
        third = desk.open()
        assert third.locator("#finding-less").input_value() == "tijdens de storing"
        assert third.locator("[data-note] textarea").input_value() == "uit het andere venster"
