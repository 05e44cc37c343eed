"""The player in Chromium against real ranges: plays, obeys keys, holds little, falls silent when told to."""

import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from .conftest import Gallery

pytestmark = pytest.mark.browser
BUFFERED = """a => [...Array(a.buffered.length).keys()].map(i => [a.buffered.start(i), a.buffered.end(i)])"""


# Listens in on what the page sends to the loudspeaker: `loudest()` is the highest sample of the last moment.
TAP = """
const connect = AudioNode.prototype.connect;
let tap;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode) {
    tap ??= Object.assign(this.context.createAnalyser(), {fftSize: 2048});
    connect.call(this, tap);
  }
  return connect.call(this, to, ...rest);
};
globalThis.loudest = () => {
  const wave = new Float32Array(2048);
  tap.getFloatTimeDomainData(wave);
  return Math.max(...wave.map(Math.abs));
};
"""


# Wraps known samples as the player does and decodes them again at the same rate.
UNCHANGED = """async ([script, channels]) => {
  const {frame, streamInfo} = await import(new URL('flac.js', new URL(script, location)));
  const {initSegment, mediaSegment} = await import(new URL('mp4.js', new URL(script, location)));
  const sound = {rate: 8000, channels}, block = 2000, total = 8 * block + 123;
  const noise = (_, i) => (i * 7919 * (1 + i % 13)) % 65536 - 32768;
  const samples = Int16Array.from({length: total * channels}, noise);
  const pcm = new Uint8Array(samples.buffer), frames = [];
  for (let at = 0; at < total; at += block) {
    const part = pcm.subarray(at * 2 * channels, Math.min(at + block, total) * 2 * channels);
    frames.push({bytes: frame(part, at / block, sound), samples: part.length / 2 / channels});
  }
  const info = streamInfo({...sound, block, total});
  const file = new Blob([initSegment(sound, info), mediaSegment(1, 0, frames)]);
  const context = new OfflineAudioContext(channels, total, 8000);
  const decoded = await context.decodeAudioData(await file.arrayBuffer());
  let different = 0;
  for (let c = 0; c < channels; c += 1) {
    decoded.getChannelData(c).forEach((value, i) => {
      different += Math.round(value * (value < 0 ? 32768 : 32767)) !== samples[i * channels + c];
    });
  }
  return {length: decoded.length, different};
}"""


class Heard:
    """One player on the gallery page, asked through the audio element it drives."""

    def __init__(self, page: Page, number: int) -> None:
        self.page = page
        self.box = page.locator(".kcc-player").nth(number)
        self.audio: Locator = self.box.locator("audio")

    def open(self) -> None:
        """Press "Luister" and wait for sound."""
        self.box.get_by_role("button", name="Luister").click()
        self.until(lambda: self.now > 0.1)

    def more(self) -> None:
        """Unfold what the scoring page keeps folded."""
        self.box.get_by_text("Meer bediening").click()

    @property
    def now(self) -> float:
        """Seconds from the start of the call."""
        return float(self.audio.evaluate("a => a.currentTime"))

    @property
    def silent(self) -> bool:
        """Paused, and nothing left to play: the buffer and its source are gone."""
        return bool(self.audio.evaluate("a => a.paused && !a.src && a.buffered.length === 0"))

    def buffered(self) -> list[list[float]]:
        """The spans of seconds that the browser holds."""
        return list(self.audio.evaluate(BUFFERED))

    def seek(self, seconds: float) -> None:
        """As another part of the page would."""
        event = "(e, ms) => e.dispatchEvent(new CustomEvent('kcc:seek', {detail: {ms}}))"
        self.box.evaluate(event, seconds * 1000)

    def says(self, words: str) -> None:
        """The live region says it."""
        expect(self.box.locator("[data-status]")).to_contain_text(words, timeout=8000)

    def until(self, true: Callable[[], bool], seconds: float = 8) -> float:
        """Wait by asking again (the CSP forbids wait_for_function); return how long it took."""
        start = time.monotonic()
        while not true():
            assert time.monotonic() - start < seconds, self.box.inner_text()
            time.sleep(0.05)
        return time.monotonic() - start


@pytest.fixture
def page(gallery: Gallery, new_page: Callable[..., Page]) -> Page:
    """The gallery in Dutch."""
    page = new_page()
    page.goto(f"{gallery.url}/?rows=1")
    return page


@pytest.fixture
def stereo(page: Page) -> Heard:
    """The two-channel player."""
    return Heard(page, 0)


def test_a_call_plays(stereo: Heard, complaints: list[str]) -> None:
    """After the press the clock runs at the speed of time, and nothing complains."""
    stereo.open()
    start, began = stereo.now, time.monotonic()
    time.sleep(2)
    assert stereo.now - start == pytest.approx(time.monotonic() - began, abs=0.35)
    stereo.says("Het gesprek speelt.")
    assert stereo.audio.evaluate("a => a.duration") == 600
    assert complaints == []


@pytest.mark.parametrize("channels", [1, 2])
def test_the_sound_is_not_changed(page: Page, channels: int) -> None:
    """Every sample put into frames comes out of the browser's decoder again, also from a short last frame."""
    compared = page.evaluate(UNCHANGED, [page.locator("script[src*=player]").get_attribute("src"), channels])
    assert compared == {"length": 8 * 2000 + 123, "different": 0}


def test_mono_plays_too(page: Page, complaints: list[str]) -> None:
    """One channel, one volume."""
    mono = Heard(page, 1)
    mono.open()
    mono.until(lambda: mono.now > 1)
    expect(mono.box.get_by_role("slider", name="Volume", exact=True)).to_be_visible()
    expect(mono.box.get_by_label("Volume beller")).to_be_hidden()
    assert complaints == []


@pytest.mark.parametrize("speed", ["1", "2"])
def test_at_most_ten_seconds_are_fetched_ahead(stereo: Heard, gallery: Gallery, speed: str) -> None:
    """Of ten minutes the browser holds ten seconds ahead, at each speed, and never asks for more."""
    stereo.open()
    stereo.box.get_by_label("Snelheid").select_option(speed)
    for _ in range(8):
        time.sleep(0.5)
        assert stereo.buffered()[-1][1] - stereo.now <= 10.5
    assert gallery.lease.highest_byte <= 44 + 4 * 8000 * (stereo.now + 10.5)
    assert "None" not in gallery.lease.asked


def test_what_lies_behind_is_forgotten(stereo: Heard) -> None:
    """After 15 s at double speed nothing from the first seconds is held any more."""
    stereo.open()
    stereo.box.get_by_label("Snelheid").select_option("2")
    stereo.until(lambda: stereo.now > 15, 12)
    assert stereo.buffered()[0][0] > 0
    assert stereo.now - stereo.buffered()[0][0] <= 13


def test_silence_within_two_seconds_of_a_withdrawn_right(stereo: Heard, gallery: Gallery) -> None:
    """The lease ends: the sound stops, the buffer is gone, and the page says why in the server's words."""
    stereo.open()
    gallery.lease.reason = "De steekproef is gesloten (SAM-6)."
    assert stereo.until(lambda: stereo.silent, 2) <= 2
    stereo.says("Het luisteren is gestopt. De steekproef is gesloten (SAM-6).")
    expect(stereo.box.get_by_role("button", name="Luister")).to_be_visible()
    expect(stereo.box.get_by_role("button", name="Pauze")).to_be_hidden()


def test_a_refused_opening_says_why(stereo: Heard, gallery: Gallery) -> None:
    """Nothing plays, the reason is said."""
    gallery.lease.reason = "De bewaartermijn is voorbij (RET-7)."
    stereo.box.get_by_role("button", name="Luister").click()
    stereo.says("Dit gesprek kan niet worden geopend. De bewaartermijn is voorbij (RET-7).")
    assert stereo.silent
    assert gallery.lease.asked == []


def test_after_an_ended_lease_the_call_opens_again_when_allowed(stereo: Heard, gallery: Gallery) -> None:
    """The same player can be opened a second time, stereo included."""
    stereo.open()
    gallery.lease.reason = "Even niet."
    stereo.until(lambda: stereo.silent)
    gallery.lease.reason = None
    stereo.open()
    assert stereo.now < 5


def test_a_silent_server_holds_the_sound_and_a_living_one_lets_it_go_on(
    stereo: Heard, gallery: Gallery
) -> None:
    """Nobody confirms the lease: pause and say so; after "Probeer opnieuw" it goes on."""
    stereo.open()
    gallery.lease.broken = True
    stereo.until(lambda: bool(stereo.audio.evaluate("a => a.paused")), 5)
    stereo.says("Geen verbinding.")
    gallery.lease.broken = False
    stereo.says("De verbinding is terug.")
    place = stereo.now
    stereo.page.keyboard.press("k")
    stereo.until(lambda: stereo.now > place + 0.5)


def test_sound_still_being_decoded_is_told_and_waited_for(stereo: Heard, gallery: Gallery) -> None:
    """A jump to where nothing is yet says how far it is, and plays by itself once it is there."""
    gallery.lease.made = 0.4
    stereo.open()
    expect(stereo.box.locator(".kcc-talk__legend .kcc-talk__one")).to_be_hidden()
    expect(stereo.box.locator("[data-preparing]")).to_contain_text("40% is klaar, tot 4:00 van 10:00")
    stereo.seek(300)
    stereo.says("Dit deel is nog niet klaar: 40% wel, tot 4:00.")
    gallery.lease.made = 0.45
    stereo.says("Dit deel is nog niet klaar: 45% wel, tot 4:30.")
    gallery.lease.made = 1.0
    stereo.until(lambda: 300.3 < stereo.now < 310, 5)
    stereo.says("Het gesprek speelt.")
    expect(stereo.box.locator("[data-preparing]")).to_be_hidden()


def test_one_goes_back_to_what_is_ready(stereo: Heard, gallery: Gallery) -> None:
    """Who does not want to wait returns to where they were, and it plays there at once."""
    gallery.lease.made = 0.4
    stereo.open()
    stereo.seek(61)
    stereo.until(lambda: stereo.now > 61.3)
    stereo.seek(500)
    stereo.says("Dit deel is nog niet klaar")
    back = stereo.box.get_by_role("button", name="Terug naar 1:01")
    back.click()
    stereo.until(lambda: 61.3 < stereo.now < 66, 4)
    stereo.says("Het gesprek speelt.")
    expect(back).to_be_hidden()


def test_lanes_and_table_grow_with_what_is_ready(stereo: Heard, gallery: Gallery) -> None:
    """What was measured so far is said as such, and the rest follows by itself."""
    gallery.lease.made = 0.2
    stereo.open()
    stereo.box.get_by_text("Wie wanneer te horen is", exact=True).click()
    said = stereo.box.locator("[data-said]")
    expect(said).to_have_text(
        "Tot nu toe gemeten: 2:00 van 10:00. De rest volgt terwijl het geluid wordt klaargezet."
    )
    expect(stereo.box.locator("[data-total-of=tones] [data-time]")).to_have_text("2:00")
    gallery.lease.made = 1.0
    expect(said).to_have_text("", timeout=8000)
    expect(stereo.box.locator("[data-total-of=tones] [data-time]")).to_have_text("10:00")


def test_sound_that_did_not_come_is_fetched_once_it_can_be(stereo: Heard, gallery: Gallery) -> None:
    """The lease stands but the sound is not served: held and said, until sound comes again."""
    stereo.open()
    gallery.lease.mute = True
    stereo.says("Geen verbinding.")
    time.sleep(2.5)  # the lease is confirmed meanwhile, which is no reason to say that all is well
    stereo.says("Geen verbinding.")
    gallery.lease.mute = False
    stereo.says("De verbinding is terug.")
    place = stereo.now
    stereo.page.keyboard.press("k")
    stereo.until(lambda: stereo.now > place + 0.5)


def test_seeking_far_fetches_there_and_only_there(stereo: Heard, gallery: Gallery) -> None:
    """A jump to minute 5 plays from minute 5, and what lies between is never asked for."""
    stereo.open()
    stereo.seek(300)
    stereo.until(lambda: 300.3 < stereo.now < 310)
    time.sleep(1)
    assert all(start >= 290 and end <= stereo.now + 10.5 for start, end in stereo.buffered())
    assert len(gallery.lease.asked) < 16


def test_the_end_is_reached_and_said(stereo: Heard) -> None:
    """The last partial second plays and the page says that the call is over."""
    stereo.open()
    stereo.seek(598.5)
    stereo.says("Het gesprek is afgelopen.")
    assert stereo.now == pytest.approx(600, abs=0.05)


def test_keys(stereo: Heard) -> None:
    """Space and K, arrows, J and L, + and −, M and ?."""
    keys, box = stereo.page.keyboard, stereo.box
    stereo.open()
    stereo.box.evaluate(
        "e => e.addEventListener('kcc:mark', (event) => { e.dataset.marked = event.detail.ms; })"
    )
    keys.press("k")
    assert stereo.audio.evaluate("a => a.paused")
    stereo.page.locator("main").focus()
    place = stereo.now
    for key, jump in (("ArrowRight", 5), ("l", 10), ("ArrowLeft", -5), ("j", -10)):
        keys.press(key)
        place += jump
        assert stereo.now == pytest.approx(place, abs=0.01), key
    keys.press("Space")
    stereo.until(lambda: not stereo.audio.evaluate("a => a.paused"))
    keys.press("+")
    assert stereo.audio.evaluate("a => a.playbackRate") == 1.25
    stereo.says("Snelheid 1,25×")
    keys.press("-")
    keys.press("-")
    assert stereo.audio.evaluate("a => a.playbackRate") == 0.75
    keys.press("m")
    assert int(box.get_attribute("data-marked") or "") == pytest.approx(stereo.now * 1000, abs=500)
    keys.press("?")
    expect(box.get_by_text("Sneller of langzamer")).to_be_visible()


def test_keys_take_nothing_from_a_text_field(stereo: Heard) -> None:
    """In a field every letter is text; on a radio button the arrows choose."""
    stereo.open()
    stereo.page.keyboard.press("k")
    place = stereo.now
    field = stereo.page.get_by_label("Wat is er gebeurd?")
    field.fill("")
    field.press_sequentially("k jl m + - ?")
    expect(field).to_have_value("k jl m + - ?")
    stereo.page.locator("input[name=item-4]").first.focus()
    stereo.page.keyboard.press("ArrowRight")
    assert stereo.page.locator("input[name=item-4]").nth(1).is_checked()
    assert stereo.audio.evaluate("a => a.paused")
    assert stereo.now == place


def test_letter_keys_can_be_switched_off(stereo: Heard) -> None:
    """WCAG 2.1.4: whoever dictates or presses by accident turns single letters off."""
    stereo.open()
    stereo.page.keyboard.press("?")
    stereo.box.get_by_label("Gebruik de lettertoetsen").uncheck()
    stereo.page.locator("main").focus()
    stereo.page.keyboard.press("k")
    assert not stereo.audio.evaluate("a => a.paused")
    stereo.page.keyboard.press("Space")
    assert stereo.audio.evaluate("a => a.paused")


def test_the_slider_speaks_and_seeks(stereo: Heard) -> None:
    """It says the place in words and moves five seconds per arrow."""
    stereo.open()
    stereo.page.keyboard.press("k")
    stereo.seek(72)
    slider = stereo.box.get_by_role("slider", name="Plaats in het gesprek")
    expect(slider).to_have_attribute("aria-valuetext", "1 minuut 12 van 10 minuten")
    slider.focus()
    stereo.page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "1 minuut 7 van 10 minuten")
    expect(slider).to_be_focused()


def test_a_press_in_the_waveform_seeks(stereo: Heard) -> None:
    """Half way along the picture is half way through the call."""
    stereo.open()
    canvas = stereo.box.locator("canvas")
    size = canvas.bounding_box()
    assert size is not None
    canvas.click(position={"x": size["width"] / 2, "y": 20})
    stereo.until(lambda: 299 < stereo.now < 304)


def test_the_waveform_draws_employee_above_caller_in_two_tones(stereo: Heard) -> None:
    """Upper and lower half have ink of different colours."""
    stereo.open()
    stereo.box.locator("canvas").wait_for()
    colours = """(canvas) => {
      const pen = canvas.getContext('2d');
      return [0.25, 0.75].map((y) => [...pen.getImageData(201, canvas.height * y, 1, 1).data].join());
    }"""
    stereo.until(lambda: "0,0,0,0" not in stereo.box.locator("canvas").evaluate(colours))
    above, below = stereo.box.locator("canvas").evaluate(colours)
    assert above == "23,70,143,255"
    assert below == "135,149,171,255"


def test_each_side_has_its_own_volume(stereo: Heard) -> None:
    """Turning the caller down leaves the employee as loud: measured in the sound itself."""
    stereo.page.add_init_script(TAP)
    stereo.page.reload()
    stereo.open()
    stereo.more()
    stereo.box.get_by_label("Volume medewerker").fill("0")
    stereo.seek(60.5)  # the employee's turn: 440 Hz
    stereo.until(lambda: stereo.now > 61)
    assert stereo.page.evaluate("loudest()") < 0.01
    stereo.seek(63.5)  # the caller's turn: 310 Hz
    stereo.until(lambda: stereo.now > 64)
    assert stereo.page.evaluate("loudest()") > 0.01


def test_a_span_repeats(stereo: Heard) -> None:
    """Start, end, and the cursor stays between them until switched off."""
    stereo.open()
    stereo.more()
    stereo.seek(100)
    stereo.box.get_by_role("button", name="Herhaal vanaf hier").click()
    stereo.until(lambda: stereo.now > 101)
    stereo.box.get_by_role("button", name="Herhaal tot hier").click()
    stereo.says("Herhaalt van 1:40 tot 1:41.")
    time.sleep(2)
    assert 99.9 <= stereo.now <= 101.7
    stereo.box.get_by_role("button", name="Stop herhalen").click()
    stereo.until(lambda: stereo.now > 102.5)


def test_stopping_and_leaving_give_the_lease_back(stereo: Heard, gallery: Gallery) -> None:
    """The stop button closes it, and so does leaving the page."""
    stereo.open()
    stereo.box.get_by_role("button", name="Stop", exact=False).last.click()
    assert stereo.silent
    stereo.until(lambda: gallery.lease.closed == 1)
    stereo.open()
    stereo.page.goto("about:blank")
    deadline = time.monotonic() + 5
    while gallery.lease.closed < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gallery.lease.closed == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_nothing_while_it_plays(
    gallery: Gallery, new_page: Callable[..., Page], complaints: list[str], theme: str, language: str
) -> None:
    """The opened player with its keys shown, in both languages and themes."""
    page = new_page()
    page.goto(f"{gallery.url}/?lang={language}&theme={theme}")
    page.locator(".kcc-player button").first.click()
    page.locator(".kcc-player [data-do=toggle]").first.wait_for()
    page.keyboard.press("?")
    found = Axe().run(page, context=".kcc-player").response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    assert complaints == []


def test_without_scripts_the_form_posts(gallery: Gallery, new_page: Callable[..., Page]) -> None:
    """The opener is a plain form with its token: the server then shows the native control."""
    page = new_page(java_script_enabled=False)
    page.goto(gallery.url)
    form = page.locator(".kcc-player form").first
    assert form.get_attribute("method") == "post"
    assert form.locator("input[name=csrf_token]").input_value()
    with page.expect_response("**/sound/2/open") as answer:
        form.get_by_role("button", name="Luister").click()
    assert answer.value.status == 201
