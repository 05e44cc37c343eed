"""The player where MediaSource does not take our sound: the browser's own control, as soon silent."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Gallery
from .test_player import Heard

pytestmark = pytest.mark.browser

WITHOUT = "delete globalThis.MediaSource; delete globalThis.ManagedMediaSource;"
WITHOUT_FLAC = "MediaSource.isTypeSupported = (type) => !type.includes('flac');"
# An iPhone: only the managed kind, which opens for an element that plays nowhere else.
MANAGED = """
const Plain = globalThis.MediaSource;
delete globalThis.MediaSource;
globalThis.ManagedMediaSource = class extends Plain {
  constructor() {
    super();
    const element = document.querySelector('audio:not([src])');
    this.addEventListener('sourceopen', (event) => {
      if (!document.querySelector('audio[src]').disableRemotePlayback) event.stopImmediatePropagation();
    });
  }
};
"""


@pytest.fixture(params=[WITHOUT, WITHOUT_FLAC], ids=["no MediaSource", "no FLAC in it"])
def native(gallery: Gallery, new_page: Callable[..., Page], request: pytest.FixtureRequest) -> Heard:
    """The two-channel player in such a browser."""
    page = new_page()
    page.add_init_script(request.param)
    page.goto(f"{gallery.url}/?rows=1")
    return Heard(page, 0)


def test_it_plays_with_the_browsers_own_control(native: Heard, complaints: list[str]) -> None:
    """The sound is the plain address, the control is shown, and all else is as ever."""
    native.open()
    assert native.audio.evaluate("a => a.controls && a.src.endsWith('/sound/2/call.wav')")
    expect(native.box.locator("[data-total]")).to_have_text("10:00")
    native.says("Het gesprek speelt.")
    native.seek(300)
    native.until(lambda: 300.3 < native.now < 310)
    assert complaints == []


@pytest.mark.rule("RET-7")
def test_silence_within_two_seconds_of_a_withdrawn_right(native: Heard, gallery: Gallery) -> None:
    """However much the browser has buffered: source and buffer are gone, and the page says why."""
    native.open()
    native.until(lambda: native.buffered()[-1][1] > 30)  # left to itself it buffers far ahead
    gallery.lease.reason = "De bewaartermijn is voorbij (RET-7)."
    assert native.until(lambda: native.silent, 2) <= 2
    native.says("Het luisteren is gestopt. De bewaartermijn is voorbij (RET-7).")
    expect(native.box.get_by_role("button", name="Luister")).to_be_visible()
    assert not native.audio.evaluate("a => a.controls")


def test_what_is_buffered_is_not_heard_while_nobody_confirms(native: Heard, gallery: Gallery) -> None:
    """The server is silent: the sound is held, and the browser's own button does not let it go on either."""
    native.open()
    gallery.lease.broken = True
    native.says("Geen verbinding.")
    place = native.now
    native.audio.evaluate("a => { a.play().catch(() => {}); }")
    time.sleep(1)
    assert native.audio.evaluate("a => a.paused")
    assert native.now - place < 0.3
    gallery.lease.broken = False
    native.says("De verbinding is terug.")
    native.page.keyboard.press("k")
    native.until(lambda: native.now > place + 0.5)


def test_it_plays_what_is_ready_and_goes_on_when_more_is(native: Heard, gallery: Gallery) -> None:
    """At the edge it waits, says so, and plays on by itself."""
    gallery.lease.made = 0.02
    native.open()
    native.until(lambda: native.now > 1)
    native.says("Dit deel is nog niet klaar")
    gallery.lease.made = 1.0
    place = native.now
    native.until(lambda: native.now > place + 1 and not native.audio.evaluate("a => a.paused"), 15)
    native.says("Het gesprek speelt.")


def test_stopping_gives_the_lease_back(native: Heard, gallery: Gallery) -> None:
    """And the control is gone with the sound."""
    native.open()
    native.box.get_by_role("button", name="Stop", exact=False).last.click()
    assert native.silent
    native.until(lambda: gallery.lease.closed == 1)


def test_a_managed_source_is_as_good(
    gallery: Gallery, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    """Where only that exists it is used: ten seconds ahead and no more."""
    page = new_page()
    page.add_init_script(MANAGED)
    page.goto(f"{gallery.url}/?rows=1")
    heard = Heard(page, 0)
    heard.open()
    assert heard.audio.evaluate("a => a.src.startsWith('blob:') && !a.controls")
    time.sleep(1)
    assert heard.buffered()[-1][1] - heard.now <= 10.5
    assert complaints == []
