"""What the player shows of a call that came in through the real intake: who speaks, how long, and marks."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.centre import Centre
from tests.sounds import wav
from tests.stories.hands import Ear, Hands, until

pytestmark = pytest.mark.browser

INK = """(canvas) => {
  const pen = canvas.getContext('2d');
  const half = (top) => pen.getImageData(0, top, canvas.width, canvas.height / 2).data;
  const count = (top) => half(top).filter((value, i) => i % 4 === 3 && value).length;
  return [count(0), count(canvas.height / 2)];
}"""

MARKED = """(canvas) => {
  const sample = canvas.parentElement.querySelector('[data-colour=mark]');
  const wanted = getComputedStyle(sample).color.match(/\\d+/g);
  const {data} = canvas.getContext('2d').getImageData(0, 1, canvas.width, 1);
  return data.some((_, i) => i % 4 === 0 && wanted.every((value, part) => data[i + part] === Number(value)));
}"""


def one_sided(channel: int) -> bytes:
    """Twelve and a half seconds of which only one channel of two has sound."""
    sound = wav(12.6, "pcm16", channels=2)
    samples = np.frombuffer(sound[44:], "<i2").reshape(-1, 2).copy()
    samples[:, 1 - channel] = 0
    return sound[:44] + samples.tobytes()


@pytest.mark.parametrize("channel", [0, 1])
def test_the_employee_stands_above_the_caller(
    centre: Centre, at_a_desk: Callable[[str], Hands], channel: int
) -> None:
    """Whichever channel the recorder gave the employee: their words are the upper half."""
    centre.call("anna", content=one_sided(channel), employee_channel=channel)
    anna = at_a_desk("anna")
    anna.open_call("08:00")
    anna.reads("0:13")
    ear = Ear(anna)
    ear.open()
    expect(ear.box.locator("[data-total]")).to_have_text("0:13")
    canvas = ear.box.locator("canvas")
    until(lambda: canvas.evaluate(INK)[0] > 5 * canvas.evaluate(INK)[1])


def test_a_mark_is_drawn_and_said(
    centre: Centre, at_a_desk: Callable[[str], Hands], complaints: list[str]
) -> None:
    """M marks the place; it goes when one stops listening."""
    centre.call("anna", content=one_sided(0))
    anna = at_a_desk("anna")
    anna.open_call("08:00")
    ear = Ear(anna)
    ear.open()
    canvas = ear.box.locator("canvas")
    assert not canvas.evaluate(MARKED)
    anna.press("k")
    ear.says("Gepauzeerd.")
    anna.press("m")
    ear.says("Gemarkeerd op 0:00.")
    anna.press("l")  # the cursor stands on the mark until it moves on
    until(lambda: canvas.evaluate(MARKED))
    assert complaints == []
