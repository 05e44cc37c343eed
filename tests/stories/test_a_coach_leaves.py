"""A coach leaves in the middle: what was open, planned, written, proposed and asked, from that day until the
successor has gone on with it.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kcc.access.actor import system
from kcc.coaching import assessment
from kcc.coaching.opinions import asking, taking
from kcc.coaching.planned import dates
from kcc.people import functions
from kcc.people.endings import CameBy
from kcc.people.model import FunctionPeriod
from tests.access.world import COMPLETE
from tests.coaching.conftest import DRAW_DAY, Month, month
from tests.coaching.conversation.conftest import finish
from tests.stories import jobs
from tests.stories.hands import Ear, Hands

__all__ = ["month"]
pytestmark = [pytest.mark.browser, pytest.mark.in_part("postgresql")]
Desk = Callable[[str], Hands]

LEFT, SECOND_DRAW, COUNTS = date(2026, 11, 17), date(2026, 11, 20), date(2026, 11, 24)
"""The directory ends the coach's function; another day is announced; a week later the end counts (REP-5)."""
BEGUN, POINT = "Vat vaker samen.", COMPLETE["point-1"]


@pytest.mark.rule("REP-4", "REP-5", "REP-6", "ACC-2", "ACC-4", "SAM-3")
def test_a_coach_leaves_in_the_middle(month: Month, at_a_desk: Desk, complaints: list[str]) -> None:
    """Nobody but the employee reads on; nothing planned is lost; then another goes on where it stopped."""
    report = the_middle_of_a_month(month)
    coach = at_a_desk("coach")
    coach.visit("/samples")
    coach.reads("begonnen", "20 nov")

    jobs.go_to(month.now, LEFT)
    the_directory_ends_it(month)
    at_once_it_is_over(coach, report)
    assert jobs.run(month.stores, "endings") == ["0 ends followed, 0 reports erased, 0 successions"]
    anna, other, administrator = (at_a_desk(one) for one in ("anna", "other_coach", "administrator"))
    only_the_employee_reads(anna, other, report)
    she_cannot_agree_with_nobody(anna, report)
    the_administrator_is_asked(administrator)

    jobs.go_to(month.now, SECOND_DRAW)
    assert jobs.run(month.stores, "draw") == ["1 held, 2 calls, 0 missed, 0 lapsed draws"]
    assert jobs.run(month.stores, "endings")[0].startswith("0 ends followed")
    jobs.go_to(month.now, COUNTS)
    assert jobs.run(month.stores, "endings")[0].startswith("1 ends followed")
    for who, number in ((anna, "anna"), (other, "other_coach"), (administrator, "administrator")):
        who.sign_in(number)
    only_the_employee_reads(anna, other, report)

    the_administrator_names_another(administrator)
    the_employee_is_told(anna)
    the_successor_goes_on(other, report)
    the_conversation_begins_anew(other, anna, report)
    assert [one for one in complaints if not any(code in one for code in ("401", "404", "409"))] == []


def the_middle_of_a_month(month: Month) -> str:
    """Two days announced, on the first two calls drawn: one report finished, with a moment proposed and a
    second opinion under way, the other begun; gives the finished one's address.
    """
    stores, centre = month.stores, month.centre
    with stores.database.write() as session:
        for day in (DRAW_DAY, SECOND_DRAW):
            dates.add(session, month.coach, stores.settings, centre.anna, day, 2)
    month.go_to(DRAW_DAY)
    centre.calls(8)
    jobs.run(stores, "draw")
    table = finish(month)
    table.propose(table.moment(days=10))
    with stores.database.write() as session:
        asked = asking.ask(session, stores.keys, month.anna, table.report_id, "Was dit gelijk?")
        taking.take(session, centre.actor(centre.other_coach), asked.id)
        begun = assessment.open_report(session, stores.keys, month.coach, month.samples(centre.anna)[1].id)
        assessment.save(session, stores.keys, month.coach, begun.id, 0, COMPLETE | {"point-1": BEGUN})
    return f"/reports/{table.report_id}"


def the_directory_ends_it(month: Month) -> None:
    """As provisioning does, without anybody who was shown what follows."""
    with month.stores.database.write() as session:
        mine = FunctionPeriod.person_id == month.centre.coach
        held = session.scalars(select(FunctionPeriod.id).where(mine)).one()
        functions.end(session, system("scim"), held, LEFT, came_by=CameBy.SCIM)


def at_once_it_is_over(coach: Hands, report: str) -> None:
    """The window that was open leads nowhere but to signing in."""
    for path in ("/samples", report):
        coach.visit(path)
        assert coach.path == "/signin"


def only_the_employee_reads(anna: Hands, other: Hands, report: str) -> None:
    """The report is hers alone; another coach finds neither it nor her drawn calls."""
    assert anna.visit(report) == 200
    anna.reads(POINT)
    assert other.visit(report) == 404
    other.visit("/samples")
    other.reads_nothing_of("Anna Jansen")


def she_cannot_agree_with_nobody(anna: Hands, report: str) -> None:
    """The moment that was proposed is not taken any more: nobody would sit there."""
    anna.visit(f"{report}/conversation")
    anna.to(anna.page.locator("#moment-1"))
    anna.press("Space")
    anna.submit("Verstuur je antwoord")
    anna.reads("Wie dit moment voorstelde, is je coach niet meer.")
    anna.visit("/notices")
    anna.reads("Coach Jansen is niet meer je coach. Totdat er een opvolger is")


def the_administrator_is_asked(administrator: Hands) -> None:
    """To confirm it, and to name a successor; of the reports they learn nothing."""
    administrator.visit("/notices")
    administrator.reads(
        "Bevestig het, of geef aan dat het een vergissing was", "Wijs een opvolger aan voor 2 medewerkers"
    )
    administrator.visit("/people")
    administrator.reads("wacht het einde van een functie op bevestiging")


def the_administrator_names_another(administrator: Hands) -> None:
    """From today, for both of the coach's employees."""
    administrator.visit("/people?q=Coach")
    administrator.along(administrator.page.get_by_role("link", name="Coach Jansen", exact=True))
    administrator.reads_nothing_of("Een einde wacht op je bevestiging")
    administrator.follow("Opvolger aanwijzen")
    administrator.reads("Voor 2 medewerkers", "Anna Jansen", "Bob Jansen")
    administrator.page.locator("#successor").select_option(label="Other Coach Jansen")
    administrator.fill("day", str(COUNTS))
    administrator.submit("Opslaan")


def the_employee_is_told(anna: Hands) -> None:
    """Who has her reports; that the proposal is off; and why the second opinion ended."""
    anna.visit("/notices")
    anna.reads(
        "Je verslagen van Coach Jansen zijn overgegaan naar Other Coach Jansen",
        "heeft het voorstel voor een coachgesprek",
        "second opinion",
    )


def the_successor_goes_on(successor: Hands, report: str) -> None:
    """Reads what was finished, hears and finishes what was begun, and finds the calls drawn meanwhile."""
    assert successor.visit(report) == 200
    successor.reads(POINT)
    successor.visit("/samples")
    waiting = successor.page.get_by_role("table", name="Te beoordelen").get_by_role("row", name="Anna")
    expect(waiting).to_have_count(3)
    successor.along(waiting.filter(has_text="begonnen").filter(has_not_text="niet").get_by_role("link"))
    Ear(successor).open()
    expect(successor.page.get_by_label("Punt 1")).to_have_value(BEGUN)
    successor.submit("Naar afronden")
    successor.submit("Rond het verslag af")
    successor.reads("Anna Jansen kan het nu lezen", BEGUN)


def the_conversation_begins_anew(successor: Hands, anna: Hands, report: str) -> None:
    """About the report that was finished before: the successor proposes a moment, the employee takes it."""
    successor.visit(f"{report}/conversation")
    successor.reads("Het coachgesprek is afgezegd.")
    for field, text in (("option-1", str(COUNTS + timedelta(days=2))), ("time-1", "14:00"), ("where", "A1")):
        successor.fill(field, text)
    successor.submit("Stel voor")
    anna.visit(f"{report}/conversation")
    anna.reads("Other Coach Jansen")
    anna.to(anna.page.locator("#moment-1"))
    anna.press("Space")
    anna.submit("Verstuur je antwoord")
    anna.reads("Het coachgesprek is afgesproken.")
