"""A reported call heard together: the employee and the team lead at two browsers that play in step, and both
fall silent when one goes.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kcc.clock import Frozen
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.threat import incidents
from tests.centre import Centre
from tests.stories.hands import Ear, Hands, until

pytestmark = pytest.mark.browser
Desk = Callable[[str], Hands]
SOON = 2.0
"""Seconds after which nobody hears anything once one of both is gone."""
STEP = 0.5
"""Seconds that two screens may differ."""


@contextmanager
def going(now: Frozen) -> Iterator[None]:
    """The clock goes as fast as people speak: where both are in a call is counted by it."""
    over = threading.Event()

    def tick() -> None:
        last = time.monotonic()
        while not over.wait(0.02):
            since, last = last, time.monotonic()
            now.move(timedelta(seconds=last - since))

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def call(stores: Stores, centre: Centre) -> str:
    """Anna's call of two minutes, which she reported."""
    centre.call(seconds=120)
    anna = centre.actor(centre.anna)
    with stores.database.write() as session:
        recording_id = session.scalars(select(Recording.id)).one()
        incidents.report(stores, session, anna, recording_id, "threat", "Hij weet waar ik woon.")
    return recording_id


@pytest.mark.rule("THR-2", "THR-3", "ACC-3", "ACC-5")
@pytest.mark.in_part("postgresql")
def test_two_browsers_play_in_step(at_a_desk: Desk, call: str, now: Frozen) -> None:
    """Anna opens it, her team lead joins, both hear the same moment; one leaves, and both hear nothing."""
    anna, lead = at_a_desk("anna"), at_a_desk("lead")
    with going(now):
        anna.visit(f"/calls/{call}/threat")
        anna.follow("Luister samen met je leidinggevende")
        anna.submit("Open een sessie")
        anna.reads("Je leidinggevende", "is er niet")
        expect(anna.page.get_by_role("button", name="Luister", exact=True)).to_be_disabled()

        lead.visit("/team")
        lead.follow("Anna Jansen, sinds")
        lead.reads("heeft een gesprek als bedreiging gemeld")
        lead.submit("Doe mee")
        for desk in (anna, lead):
            expect(desk.page.locator("[data-who=other]")).to_contain_text("is er", timeout=5000)
            expect(desk.page.get_by_role("button", name="Luister", exact=True)).to_be_enabled(timeout=5000)
        ears = [both_listen(desk) for desk in (anna, lead)]

        for desk in (anna, lead):
            expect(desk.page.locator("[data-who=other]")).to_contain_text("luistert", timeout=5000)
        press(anna, "Afspelen")
        until(lambda: all(ear.plays and ear.now > 0.5 for ear in ears))
        in_step(ears)

        lead.page.locator("[data-seek]").fill("60")
        until(lambda: all(ear.plays and ear.now > 60.3 for ear in ears))
        in_step(ears)
        expect(anna.page.locator("[data-joint-status]")).to_contain_text("Lead Jansen ging naar 1:0")

        press(lead, "Markeer")
        expect(anna.page.locator("[data-marks]")).to_contain_text("Lead Jansen", timeout=5000)
        press(lead, "Pauze")
        until(lambda: not any(ear.plays for ear in ears))
        assert abs(ears[0].now - ears[1].now) < 0.1
        expect(anna.page.locator("[data-joint-status]")).to_contain_text("Lead Jansen pauzeerde")

        press(anna, "Afspelen")
        until(lambda: all(ear.plays for ear in ears))
        lead.visit("/team")
        assert until(lambda: ears[0].silent, 10) <= SOON
        expect(anna.page.locator("[data-joint-status]")).to_contain_text("Lead Jansen is er niet meer")

        anna.visit(f"/calls/{call}")
        anna.reads("Lead Jansen", "medewerker, samen met leidinggevende", "een bedreiging")


def both_listen(desk: Hands) -> Ear:
    """Press Listen; it waits until somebody plays for both."""
    press(desk, "Luister")
    expect(desk.page.locator("[data-panel]")).to_be_visible()
    return Ear(desk)


def press(desk: Hands, name: str) -> None:
    """Press a button of the player by its words, with the keyboard."""
    button = desk.page.locator(".kcc-player").get_by_role("button", name=name).first
    desk.to(button)
    desk.press("Enter")


def in_step(ears: list[Ear]) -> None:
    """Both are at the same moment, twice in two seconds."""
    for _ in range(2):
        until(lambda: abs(ears[0].now - ears[1].now) < STEP, 5)
        time.sleep(0.7)
    assert abs(ears[0].now - ears[1].now) < STEP
