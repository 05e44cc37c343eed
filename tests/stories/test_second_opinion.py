"""A second opinion from start to end, in browsers: anna asks, another coach scores blind, two conclude."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.coaching.conftest import month
from tests.coaching.opinions.conftest import SECRETS, Case, case
from tests.stories.hands import Ear, Hands

__all__ = ["case", "month"]
pytestmark = [pytest.mark.browser, pytest.mark.in_part("postgresql")]
REMARK = "Dat was bij een ander geen punt."


@pytest.mark.rule("REP-8", "REP-4")
def test_a_second_opinion(case: Case, at_a_desk: Callable[[str], Hands], complaints: list[str]) -> None:
    """By keyboard alone; the second coach hears the call and meets nothing of the first."""
    report, anna = case.report_url, at_a_desk("anna")
    anna.visit(report)
    anna.follow("Vraag een second opinion")
    anna.to(anna.page.get_by_label("Waarom vraag je het?"))
    anna.type(REMARK)
    anna.submit("Vraag een second opinion")
    anna.reads("Hij wacht tot een andere coach hem op zich neemt.")

    second = at_a_desk("other_coach")
    second.visit("/opinions")
    second.reads("Wacht op een coach")
    take = second.page.locator("main form button").first
    second.to(take)
    with second.page.expect_navigation():
        second.press("Enter")
    second.reads("Beoordeel het gesprek zoals je het hoort.")
    second.reads_nothing_of(*SECRETS, REMARK)
    Ear(second).open()
    second.to(second.page.locator("#answer-3"))
    for number in range(3, 24):
        second.press("2" if number == 5 else "1", "Enter")
    expect(second.page.locator("#progress-words")).to_have_text("21 van 21")
    expect(second.page.locator("#saved")).to_contain_text("Opgeslagen", timeout=15_000)
    assert second.visit(report) == 404
    second.visit("/opinions")
    second.follow("Anna Jansen")
    second.submit("Naar afronden")
    second.submit("Rond de second opinion af")
    second.reads("Beide coaches gaven bij 20 van 21 punten hetzelfde antwoord; 1 verschilt.")
    second.reads_nothing_of(REMARK)

    anna.visit(report)
    anna.follow("Bekijk beide beoordelingen naast elkaar")
    anna.to(anna.page.get_by_label("Wat jullie concluderen"))
    anna.type("We oefenen samen met item 5.")
    anna.submit("Sla de conclusie op")
    anna.follow("Naar bevestigen")
    anna.submit("Bevestig de conclusie")
    coach = at_a_desk("coach")
    coach.visit(report)
    coach.follow("Bekijk beide beoordelingen naast elkaar")
    coach.reads(REMARK, "We oefenen samen met item 5.")
    coach.follow("Naar bevestigen")
    coach.submit("Bevestig de conclusie")
    coach.reads("De second opinion is afgesloten")
    assert second.page.reload().status == 404  # type: ignore[union-attr]
    assert [one for one in complaints if "404" not in one] == []
