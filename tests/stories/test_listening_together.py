"""A threat from its report to its settlement: the employee marks where it happens, hears it with the team
lead at two browsers that play in step and fall silent when one goes; they decide, settle it, and it is gone.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.recordings import erasure
from kcc.recordings.model import Recording, Tombstone
from kcc.stores import Stores
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
    """Anna's call of two minutes."""
    centre.call(seconds=120)
    with stores.database.read() as session:
        return session.scalars(select(Recording.id)).one()


@pytest.mark.rule("THR-1", "THR-2", "THR-3", "THR-4", "ACC-3", "ACC-5", "RET-3")
@pytest.mark.in_part("postgresql")
def test_from_the_report_to_its_settlement(at_a_desk: Desk, stores: Stores, call: str, now: Frozen) -> None:
    """Anna reports and opens a session, her team lead joins, both hear the same moment; one leaves, and both
    hear nothing; after 28 days they settle what they decided, and the next run erases it.
    """
    anna, lead = at_a_desk("anna"), at_a_desk("lead")
    at = reports(anna, call)
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
        for desk in (anna, lead):
            desk.reads("bedreiging", "Hij weet waar ik woon.", at)
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
    they_decide(anna, lead, call)
    now.move(timedelta(days=30))
    assert erase(stores) == 0, "a threat is kept for 6 months"
    they_settle(anna, lead, call)
    assert erase(stores) == 1
    with stores.database.read() as session:
        assert session.get(Recording, call) is None
        assert session.get(Tombstone, call) is not None
    assert call not in stores.keys.get_many([call])


def erase(stores: Stores) -> int:
    """What the hourly job erases."""
    return erasure.erase_due(stores, system("erase")).erased


def reports(anna: Hands, call: str) -> str:
    """Listen, mark the place on the waveform and take a wrong one away; say what happened; gives the mark."""
    anna.visit(f"/calls/{call}/threat")
    ear, marked = Ear(anna), anna.page.locator("[name=marks]")
    ear.open()
    anna.press("m")
    expect(marked).to_have_value("0:00")
    anna.press("l", "m")
    expect(marked).to_have_value(re.compile(r"^0:00, 0:1\d$"))
    at = marked.input_value().rpartition(" ")[2]
    anna.to(anna.page.get_by_role("button", name="Haal het merkteken op 0:00 weg"))
    anna.press("Enter")
    expect(marked).to_have_value(at)
    expect(anna.page.locator("[data-moment-list] li")).to_have_count(1)
    anna.to(anna.page.get_by_role("radio").first)
    anna.press("Space", "ArrowDown", "ArrowDown")
    anna.to(anna.page.get_by_label("Wat is er gebeurd?"))
    anna.type("Hij weet waar ik woon.")
    anna.submit("Meld dit gesprek")
    anna.visit(f"/calls/{call}/threat")
    anna.reads(at)
    return at


def they_decide(anna: Hands, lead: Hands, call: str) -> None:
    """The employee proposes, the team lead agrees; then it runs."""
    to_the_threat(anna, call)
    anna.to(anna.page.locator("summary", has_text="Stel een maatregel voor"))
    anna.press("Enter")
    anna.page.locator("[name=measure]").select_option(label="een gesprek met de beller")
    anna.fill("plan", "We bellen hem morgen samen.")
    anna.page.locator("[name=owner]").select_option(label="Lead Jansen")
    anna.fill("due", (clock.today() + timedelta(days=7)).isoformat())
    anna.submit("Stel dit voor")
    anna.reads("Jij bent het eens", "We bellen hem morgen samen.")
    lead.visit("/team")
    lead.along(lead.page.locator("main table").get_by_role("link", name="Anna Jansen"))
    lead.reads("We bellen hem morgen samen.")
    lead.reads_nothing_of("Hij weet waar ik woon.")
    lead.submit("Ik ben het eens")
    lead.reads("Er loopt nog een maatregel")


def they_settle(anna: Hands, lead: Hands, call: str) -> None:
    """One writes down what came of it; it is over once both say so."""
    lead.sign_in("lead")
    lead.visit("/team")
    lead.along(lead.page.locator("main table").get_by_role("link", name="Anna Jansen"))
    lead.to(lead.page.get_by_label("Wat leverde het op?"))
    lead.type("Hij bood zijn excuses aan.")
    lead.submit("Schrijf dit op")
    lead.submit("Het is afgehandeld")
    lead.reads("Je hebt gezegd dat het is afgehandeld")
    anna.sign_in("anna")
    to_the_threat(anna, call)
    anna.reads("Hij bood zijn excuses aan.")
    anna.submit("Het is afgehandeld")


def to_the_threat(anna: Hands, call: str) -> None:
    """From the call's page to what is decided about it."""
    anna.visit(f"/calls/{call}/threat")
    anna.follow("Wat is besloten, waarom het bewaard blijft, en intrekken")


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
