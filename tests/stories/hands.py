"""A person at a browser who has a keyboard and no mouse; what they do with it is told in the stories."""

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.centre import PASSWORD

TAB_STOPS = 200
"""More than any page has: whoever has not arrived by then is caught, or the thing cannot be reached."""


class Hands:
    """One browser window: the address bar for the first page, and from there keys only."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address

    def visit(self, path: str) -> int:
        """Type an address; gives the status of the answer."""
        answer = self.page.goto(self._address + path)
        assert answer is not None
        return answer.status

    def sign_in(self, number: str, password: str = PASSWORD) -> None:
        """Fill in the form, from the start page on."""
        self.visit("/")
        self.to(self.page.get_by_label("Personeelsnummer"))
        self.type(number)
        self.press("Tab")
        self.type(password)
        with self.page.expect_navigation():
            self.press("Enter")
        expect(self.page.locator(".kcc-menu summary")).to_be_visible()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.page.keyboard.type(text)

    def to(self, target: Locator) -> None:
        """Press Tab until the target has the focus."""
        expect(target).to_be_visible()
        for _ in range(TAB_STOPS):
            if target.evaluate("e => e === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"Tab never reaches {target}")

    def follow(self, name: str) -> None:
        """Go to a link in the page by its words, and along it."""
        self.along(self.page.locator("main, nav").get_by_role("link", name=name).first)

    def along(self, link: Locator) -> None:
        """Go to a link, and along it."""
        self._leave_by(link)

    @property
    def path(self) -> str:
        """Where one is, as one would type it again."""
        return self.page.url.removeprefix(self._address).partition("?")[0].partition("#")[0]

    def open_call(self, time: str) -> None:
        """Go to the call of a time in a list of calls, and open it."""
        self._leave_by(self.page.get_by_role("row", name=time).get_by_role("link"))

    def submit(self, name: str) -> None:
        """Go to a button by its words, and send its form."""
        self._leave_by(self.page.get_by_role("button", name=name, exact=True))

    def send(self, form: str, name: str = "") -> None:
        """Go to the button of the form that is sent to an address with these words in it, and send it."""
        self._leave_by(self.page.locator(f"form[action*='{form}']").get_by_role("button", name=name).first)

    def fill(self, name: str, text: str) -> None:
        """Go to the field of a form by its own name, and put a text there in place of what it held."""
        field = self.page.locator(f"[name='{name}']")
        self.to(field)
        field.fill(text)

    def take(self, name: str) -> bytes:
        """Go along a link that gives a file; gives what is in it."""
        link = self.page.locator("main").get_by_role("link", name=name).first
        self.to(link)
        with self.page.expect_download() as waiting:
            self.press("Enter")
        return waiting.value.path().read_bytes()

    def _leave_by(self, target: Locator) -> None:
        self.to(target)
        with self.page.expect_navigation():
            self.press("Enter")

    def reads(self, *sentences: str) -> None:
        """The page shows each of these."""
        for sentence in sentences:
            expect(self.page.locator("main")).to_contain_text(sentence)

    def reads_nothing_of(self, *sentences: str) -> None:
        """The page shows none of these."""
        for sentence in sentences:
            expect(self.page.locator("main")).not_to_contain_text(sentence)


class Ear:
    """What comes out of the player on a page, asked of the media element itself."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self.box = hands.page.locator(".kcc-player")
        self._audio = self.box.locator("audio")

    def open(self) -> None:
        """Press "Luister" and wait until the clock of the sound runs."""
        self._hands.to(self.box.get_by_role("button", name="Luister"))
        self._hands.press("Enter")
        until(lambda: self.now > 0.3)

    @property
    def now(self) -> float:
        """Seconds from the start of the call."""
        return float(self._audio.evaluate("a => a.currentTime"))

    @property
    def speed(self) -> float:
        """1 is as fast as people spoke."""
        return float(self._audio.evaluate("a => a.playbackRate"))

    @property
    def plays(self) -> bool:
        """Whether sound comes out."""
        return not self._audio.evaluate("a => a.paused")

    @property
    def silent(self) -> bool:
        """Whether nothing sounds and nothing is left in the browser that could."""
        return bool(self._audio.evaluate("a => a.paused && !a.src && a.buffered.length === 0"))

    def says(self, words: str) -> None:
        """The player says it in words, to eyes and to screen readers."""
        expect(self.box.locator("[data-status]")).to_contain_text(words, timeout=10_000)


def until(true: Callable[[], bool], seconds: float = 15) -> float:
    """Ask again and again, for the pages' policy forbids to wait inside them; gives how long it took."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, "it did not happen"
        time.sleep(0.03)
    return time.monotonic() - start
