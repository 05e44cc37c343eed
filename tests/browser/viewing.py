"""Opening any page of the furnished installations as anybody, in any look; asking of it is elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kcc import clock, migrating
from kcc.app import create_app
from kcc.clock import Frozen
from kcc.stores import Stores
from kcc.vault.folder import Folder

from .pages import NOBODY, Shown
from .serving import serving
from .world import DRAWN, World, furnish, furnish_bare, settings


@dataclass
class Served:
    """A furnished installation behind a real server."""

    world: World
    app: Flask
    address: str


@contextmanager
def installations(folder: Path) -> Iterator[dict[bool, Served]]:
    """The installation in which everything happened, and (True) the bare one, both on one afternoon."""
    with ExitStack() as stack:
        now = stack.enter_context(clock.frozen(DRAWN))
        yield {
            bare: stack.enter_context(_served(how, now, folder / how.__name__))
            for bare, how in ((False, furnish), (True, furnish_bare))
        }


@contextmanager
def _served(how: Callable[[Stores, Frozen], World], now: Frozen, folder: Path) -> Iterator[Served]:
    folder.mkdir()
    chosen = settings(folder, f"sqlite:///{folder}/kcc.db")
    Folder.create(chosen.blobs.folder)
    stores = Stores.open(chosen)
    migrating.upgrade(stores.database)
    app = create_app(stores)
    world = how(stores, now)
    with serving(app) as address:
        yield Served(world, app, address)
    stores.close()


@dataclass(frozen=True)
class Look:
    """How somebody has set up their screen."""

    language: str
    theme: str
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


class Viewer:
    """Opens pages as this person or that, in one look."""

    def __init__(self, chromium: Browser, places: dict[bool, Served], look: Look) -> None:
        self._chromium, self._places, self.look = chromium, places, look
        self._contexts: dict[tuple[str, bool], BrowserContext] = {}
        self.complaints: list[str] = []

    def show(self, shown: Shown) -> tuple[Page, int]:
        """The page in the state asked for, and the status of its last answer."""
        page = self._context(shown).new_page()
        answers: list[int] = []
        self.complaints.clear()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "response",
            lambda got: answers.append(got.status) if got.request.is_navigation_request() else None,
        )
        place = self._places[shown.bare]
        page.goto(place.address + shown.path.format_map(place.world.ids))
        if shown.press:
            page.locator(shown.press).first.click()
        if shown.also:
            page.locator(shown.also).first.click()
        if shown.then:
            expect(page.locator(shown.then).first).to_be_visible(timeout=15_000)
        return page, answers[-1]

    def _context(self, shown: Shown) -> BrowserContext:
        key = (shown.who, shown.bare)
        if key not in self._contexts:
            size = {"width": self.look.width, "height": 900}
            context = self._chromium.new_context(viewport=size, reduced_motion="reduce")
            place = self._places[shown.bare]
            cookies = self._cookies(shown.who, place.world)
            context.add_cookies(
                [{"name": name, "value": value, "url": place.address} for name, value in cookies]
            )
            self._contexts[key] = context
        return self._contexts[key]

    def _cookies(self, who: str, world: World) -> list[tuple[str, str]]:
        chosen = [("language", self.look.language), ("theme", self.look.theme)]
        if who == NOBODY:
            return chosen
        known = hasattr(world.centre, who)
        return [*chosen, ("kcc", world.cookie_of(who) if known else "of-a-session-that-is-over")]

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts.values():
            context.close()
