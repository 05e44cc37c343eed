"""A case of weighty reasons in browsers, from two signatures to its closing: the manager hears what it names,
and the employee meets nothing of it until the day they are told.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.investigation import erasure as cases
from kcc.recordings import erasure
from kcc.stores import Stores
from tests.centre import Centre
from tests.investigation import world
from tests.stories.hands import Ear, Hands

pytestmark = [pytest.mark.browser, pytest.mark.in_part("postgresql")]
NOTHING = "Je hebt van geen zaak gehoord"


def _put_forward(lead: Hands) -> None:
    lead.visit("/cases")
    lead.follow("Een zaak voorstellen")
    lead.page.get_by_label("Over wie").select_option(label="Anna Jansen")
    lead.page.get_by_label("Vermoeden").select_option(label="fraude")
    lead.page.locator("#indications").fill("Twee klanten meldden dat om contant geld werd gevraagd.")
    lead.page.locator("#calls").fill("call-1")
    lead.page.locator("#listener").select_option(label="Manager Jansen")
    lead.page.locator("#last_day").fill((clock.today() + timedelta(days=10)).isoformat())
    lead.page.locator("#tell_on").fill((clock.today() + timedelta(days=7)).isoformat())
    lead.page.locator("#why_not_yet").fill("Het spoor zou verdwijnen.")
    lead.submit("Tekenen en voorstellen")
    lead.reads("De zaak doet niets tot de tweede handtekening eronder staat.", "Manager Jansen")


@pytest.mark.rule("WGT-1", "WGT-2", "ACC-5")
def test_a_case(
    stores: Stores,
    centre: Centre,
    now: Frozen,
    at_a_desk: Callable[[str], Hands],
    complaints: list[str],
) -> None:
    """Two sign, one listens, one closes; then the employee reads who decided and who heard it."""
    centre.call()
    lead = at_a_desk("lead")
    _put_forward(lead)

    manager = at_a_desk("manager")
    manager.visit("/cases")
    manager.follow("Anna Jansen")
    manager.reads("contant geld", "Het spoor zou verdwijnen.")
    manager.submit("Als tweede tekenen")
    manager.reads("Je hebt getekend. De zaak is open.")
    manager.page.locator("main table a").first.click()
    Ear(manager).open()

    anna = at_a_desk("anna")
    anna.visit("/my-cases")
    anna.reads(NOTHING)
    anna.visit("/my-data")
    anna.reads_nothing_of("Manager Jansen", "Lead Jansen")

    lead.visit("/cases")
    lead.follow("Anna Jansen")
    lead.follow("Deze zaak beëindigen")
    lead.page.locator("#why").fill("Er is niets gevonden.")
    lead.submit("Deze zaak beëindigen")
    lead.reads("De zaak is beëindigd.")

    anna.visit("/my-cases")
    anna.reads("fraude", "Lead Jansen tekende als leidinggevende", "Manager Jansen")
    anna.visit("/my-data")
    anna.reads("zwaarwegende redenen", "Manager Jansen")
    now.move(timedelta(days=29))
    cases.sweep(stores)
    erasure.erase_due(stores, system("erase"))
    assert world.recording(stores) is None
    # The manager's player asked once more and was told that it is over.
    assert [one for one in complaints if "410" not in one] == []
