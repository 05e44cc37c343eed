"""Chromium for the browser tests, pages whose complaints are collected, the gallery and the real application
on a free port.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from .chromium import CHROMIUM, launched
from .gallery import create_gallery
from .gallery_sound import Lease
from .serving import serving

_running: list[Browser] = []


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the whole run, each page in its own empty context."""
    if _running:  # the tests of another folder, which borrow these fixtures, have started it
        yield _running[0]
        return
    if not CHROMIUM.exists():
        pytest.fail(
            f"There is no Chromium at {CHROMIUM}: install it (apt install chromium) or set KCC_CHROMIUM."
        )
    with launched() as browser:
        _running.append(browser)
        yield browser
        _running.remove(browser)


@pytest.fixture
def complaints() -> list[str]:
    """What the page's console said was wrong (CSP violations are among it) and what scripts threw."""
    return []


@pytest.fixture
def new_page(chromium: Browser, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Open pages with a width (and whatever else a Playwright context takes); all are closed afterwards."""
    contexts = []

    def opened(width: int = 1280, height: int = 900, **options: object) -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **options))
        page: Page = contexts[-1].new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()


@dataclass
class Gallery:
    """The served gallery: where it is, and the lease that its player lives by."""

    url: str
    app: Flask

    @property
    def lease(self) -> Lease:
        """What the server is told to answer, and what it was asked."""
        state: Lease = self.app.extensions["gallery-lease"]
        return state


@pytest.fixture(scope="session")
def gallery_server() -> Iterator[Gallery]:
    """The gallery on a free port, in a thread of this process."""
    app = create_gallery()
    with serving(app) as url:
        yield Gallery(url, app)


@pytest.fixture
def gallery(gallery_server: Gallery) -> Gallery:
    """The gallery with a fresh lease."""
    gallery_server.app.extensions["gallery-lease"] = Lease(number=time.monotonic_ns())
    return gallery_server


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The whole application on the test's own stores and clock: its address."""
    with serving(app) as url:
        yield url
