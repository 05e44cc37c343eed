"""The administrator's word on a clock in doubt, over HTTP and from the command line."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import system
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.recordings import erasure
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client
from tests.timekeeping.wayward import Wayward

As = Callable[[str], Client]


@pytest.fixture
def late(now: Frozen, centre: Centre, stores: Stores) -> Iterator[Wayward]:
    """A call long due, and a machine that was off for six weeks with nobody keeping its clock right."""
    wayward = Wayward(now.at)
    with clock.by(wayward):
        centre.call()
        erasure.erase_due(stores, system("erase"))
        wayward.restart(timedelta(days=42))
        yield wayward


@pytest.mark.usefixtures("late")
def test_the_page_says_what_is_wrong_and_takes_a_reason(
    stores: Stores, centre: Centre, browser_as: As
) -> None:
    browser = browser_as(centre.administrator)
    page = browser.get("/status").text
    assert "De klok is niet te vertrouwen" in page
    empty = browser.post("/status/clock", {"reason": " "})
    assert empty.status_code == 422
    assert "Schrijf op hoe je weet dat de klok goed staat." in empty.text
    assert browser.post("/status/clock", {"reason": "stationsklok"}).status_code == 303
    page = browser.get("/status").text
    assert "De klok is bevestigd" in page
    assert "De klok is niet te vertrouwen" not in page
    assert erasure.erase_due(stores, system("erase")).erased == 1
    with stores.database.read() as session:
        (body,) = session.scalars(select(AuditLine.body).where(AuditLine.action == "clock:confirm"))
    assert "stationsklok" in str(body)


@pytest.mark.usefixtures("late")
def test_nobody_else_can_vouch(stores: Stores, centre: Centre, browser_as: As) -> None:
    assert browser_as(centre.lead).post("/status/clock", {"reason": "echt"}).status_code == 404
    assert browser_as(centre.anna).get("/status").status_code == 404
    with stores.database.read() as session:
        assert not session.scalars(
            select(AuditLine).where(AuditLine.action == "clock:confirm", AuditLine.allowed)
        ).all()
