"""Every page of every profile: accessible, within the screen, in its language, in both looks, silent in the
console.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.whole import WHOLE

from .pages import NO_PAGES, PAGES, Shown
from .test_shell import violations
from .viewing import Look, Served, Viewer, installations

pytestmark = pytest.mark.browser
WIDTHS = (320, 768, 1280, 1920)
LOOKS = (Look("nl", "light", 1280), Look("en", "dark", 320))


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, Served]]:
    """The furnished installation and (True) the bare one."""
    with installations(tmp_path_factory.mktemp("places")) as places:
        yield places


@pytest.fixture(scope="module", params=LOOKS, ids=str)
def viewer(request: pytest.FixtureRequest, chromium: Browser, places: dict[bool, Served]) -> Iterator[Viewer]:
    """A viewer in each look."""
    viewer = Viewer(chromium, places, request.param)
    yield viewer
    viewer.close()


FRAME = """() => ({
  lang: document.documentElement.lang,
  theme: document.documentElement.dataset.theme,
  title: document.title,
  headings: document.querySelectorAll('h1').length,
  heading: document.querySelector('h1')?.innerText.trim(),
  why: document.querySelector('.kcc-why')?.innerText.trim() ?? '',
  nameless: [...document.querySelectorAll('input, select, textarea')]
    .filter((e) => e.checkVisibility() && !e.labels.length)
    .filter((e) => !e.ariaLabel && !e.hasAttribute('aria-labelledby'))
    .map((e) => e.outerHTML),
})"""


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page(viewer: Viewer, shown: Shown) -> None:
    """Status, frame, names, width, console and axe, in one visit; in each run one page in four in Dutch, and
    one in ten, others, in English.
    """
    place = PAGES.index(shown)
    if not WHOLE and (place % 10 != 1 if viewer.look.language == "en" else place % 4):
        pytest.skip("by turns: make whole")
    page, status = viewer.show(shown)
    assert status == shown.status
    frame = page.evaluate(FRAME)
    assert (frame["lang"], frame["theme"]) == (viewer.look.language, viewer.look.theme)
    assert frame["title"].removesuffix(" – kcc").strip()
    assert (frame["headings"], bool(frame["heading"])) == (1, True)
    assert frame["nameless"] == []
    if shown.status == 200 and shown.path.split("?")[0] != "/signin":
        assert frame["why"], "a page with somebody's data says why one may see it"
    assert violations(page) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"at {width} px"
    expected = [] if shown.status == 200 else [f"status of {shown.status}"]
    assert [text for text in viewer.complaints if not any(part in text for part in expected)] == []
    page.close()


def test_no_page_is_forgotten(places: dict[bool, Served]) -> None:
    """Every address of the application that answers a GET is looked at, or is named as no page."""
    place = places[False]
    routes = place.app.url_map.bind("localhost")
    looked_at = {
        routes.match(urlsplit(shown.path.format_map(place.world.ids)).path)[0]
        for shown in PAGES
        if shown.path != "/nowhere"
    }
    answering = {rule.endpoint for rule in place.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert looked_at | NO_PAGES.keys() == answering
