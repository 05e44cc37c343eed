"""Who is heard when, under the waveform and in the table, of calls that came in through the real intake."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from kcc.stores import Stores
from tests import talk
from tests.centre import Centre
from tests.recordings import traces
from tests.stories.hands import Ear, Hands, until

pytestmark = [pytest.mark.browser, pytest.mark.rule("GOV-4")]
FILLED = """(path) => path.getBBox().width > 0"""


def held() -> bytes:
    """Seventy seconds: both speak, both at once, half a minute of music for the caller, and they end."""
    one, other = talk.said(0), talk.said(1)
    employee = talk.timed(70, (1, one), (14, one), (28, talk.lively_melody(25)), (58, one))
    return talk.wav(employee, talk.timed(70, (7, other), (16, other), (64, talk.said(1, 2)), seed=2))


def listening(anna: Hands) -> Ear:
    anna.open_call("08:00")
    ear = Ear(anna)
    ear.open()
    return ear


def seconds(text: str) -> int:
    minutes, rest = text.split(":")
    return 60 * int(minutes) + int(rest)


def test_lanes_table_and_places(
    centre: Centre, at_a_desk: Callable[[str], Hands], complaints: list[str], stores: Stores
) -> None:
    """By keyboard alone: open the table, read it, and go to where the music begins."""
    centre.call("anna", content=held(), employee_channel=0)
    before = traces.amounts(stores)
    anna = at_a_desk("anna")
    ear = listening(anna)
    for kind in ("speech.kcc-talk__side-0", "speech.kcc-talk__side-1", "music.kcc-talk__side-0", "both"):
        until(lambda kind=kind: ear.box.locator(f"[data-lanes] .kcc-talk__{kind}").evaluate(FILLED))
    anna.to(ear.box.get_by_text("Wie wanneer te horen is", exact=True))
    anna.press("Enter")
    totals = ear.box.get_by_role("table", name="Hoe lang wie te horen is")
    rows = {
        row.get_by_role("rowheader").inner_text(): [
            cell.inner_text() for cell in row.get_by_role("cell").all()
        ]
        for row in totals.get_by_role("row").all()[1:]
    }
    assert list(rows) == [
        "Medewerker spreekt alleen",
        "Beller spreekt alleen",
        "Tegelijk",
        "Wachtmuziek",
        "Tonen",
        "Stilte",
    ]
    assert seconds(rows["Wachtmuziek"][0]) in (24, 25, 26)
    assert sum(seconds(time) for time, _ in rows.values()) == pytest.approx(70, abs=3)
    assert sum(int(share.rstrip("%")) for _, share in rows.values()) == pytest.approx(100, abs=3)
    places = ear.box.get_by_role("table", name="Wachtmuziek, en stiltes van 5 seconden en langer")
    anna.to(places.get_by_role("button", name=re.compile("Ga naar 0:2[78], Wachtmuziek")))
    anna.press("Enter")
    until(lambda: 27 < ear.now < 32)
    assert traces.amounts(stores) == before  # nothing was stored for it: not a blob, not a key
    assert complaints == []


def test_a_press_in_the_lanes_seeks(centre: Centre, at_a_desk: Callable[[str], Hands]) -> None:
    """An addition for who has a mouse; the slider and the table do the same."""
    centre.call("anna", content=held(), employee_channel=0)
    ear = listening(at_a_desk("anna"))
    lanes = ear.box.locator("[data-lanes]")
    until(lambda: lanes.locator("path").count() > 0)
    size = lanes.bounding_box()
    assert size is not None
    lanes.click(position={"x": size["width"] / 2, "y": 5})
    until(lambda: 34 < ear.now < 40)


def test_sides_that_nobody_named_are_channels(centre: Centre, at_a_desk: Callable[[str], Hands]) -> None:
    """A recorder that does not say who is on which channel: nobody's words stand under another's name."""
    centre.call("anna", content=held())
    anna = at_a_desk("anna")
    ear = listening(anna)
    anna.to(ear.box.get_by_text("Wie wanneer te horen is", exact=True))
    anna.press("Enter")
    totals = ear.box.get_by_role("table", name="Hoe lang wie te horen is")
    names = [one.inner_text() for one in totals.get_by_role("rowheader").all()]
    assert names[:3] == ["Kanaal 1 spreekt alleen", "Kanaal 2 spreekt alleen", "Tegelijk"]


def test_mono_says_that_nobody_knows_who_speaks(centre: Centre, at_a_desk: Callable[[str], Hands]) -> None:
    """One lane, no names, no "both at once"."""
    centre.call("anna", content=talk.wav(talk.timed(30, (2, talk.said(0)), (10, talk.said(1)))))
    ear = listening(at_a_desk("anna"))
    ear.box.get_by_text("Wie wanneer te horen is", exact=True).click()
    expect(ear.box.locator("[data-said]")).to_contain_text("op één kanaal opgenomen")
    expect(ear.box.get_by_role("rowheader", name="Spraak")).to_be_visible()
    for words in ("Tegelijk", "Beller spreekt alleen"):
        expect(ear.box.get_by_role("rowheader", name=words)).to_be_hidden()


def test_nothing_to_list_is_said(centre: Centre, at_a_desk: Callable[[str], Hands]) -> None:
    """No music and no long silence."""
    one = talk.said(0)
    centre.call("anna", content=talk.wav(talk.timed(21, *((at, one) for at in (0.5, 6.5, 12.5, 16.0)))))
    ear = listening(at_a_desk("anna"))
    ear.box.get_by_text("Wie wanneer te horen is", exact=True).click()
    expect(
        ear.box.get_by_text("Er is geen wachtmuziek en geen stilte van 5 seconden of langer.")
    ).to_be_visible()
    expect(ear.box.locator("[data-places]")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_small_screen_and_axe_finds_nothing(
    centre: Centre, at_a_desk: Callable[[str], Hands], theme: str
) -> None:
    """At 320 px nothing is cut off; all of it unfolded, in both themes."""
    centre.call("anna", content=held(), employee_channel=0)
    anna = at_a_desk("anna")
    page: Page = anna.page
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 900})
    ear = listening(anna)
    ear.box.get_by_text("Wie wanneer te horen is", exact=True).click()
    ear.box.get_by_text("Hoe dit is gemeten, en wat het niet kan weten").click()
    expect(ear.box.get_by_text("het is niet in een verslag", exact=False)).to_have_count(0)
    expect(ear.box.get_by_text("nergens bewaard", exact=False)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = Axe().run(page, context=".kcc-player").response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
