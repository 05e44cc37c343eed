"""The pages of planning as stories, for coach and employee: proposal, board, days, calendar, question."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import delete

from kcc.people.model import CoachAssignment
from tests.coaching.conftest import DRAW_DAY
from tests.coaching.planned.conftest import DAY, Desk
from tests.conftest import Client

Browser = Callable[[str], Client]


def words(page: str) -> str:
    """A page's words, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def proposed(page: str) -> dict[str, str]:
    """The days that a proposal's form holds."""
    return dict(re.findall(r'name="(day-[0-9a-f]{32}-[1-4])" value="([^"]*)"', page))


@pytest.mark.rule("SAM-1", "ANN-1")
def test_a_month_is_proposed_changed_confirmed_and_read(desk: Desk, browser_as: Browser) -> None:
    """Sixty employees: nothing is set before the coach confirms; then each reads their own day."""
    centre = desk.centre
    people = desk.hire(60)
    coach = browser_as(centre.coach)
    page = coach.get("/planning?month=2026-12").text
    days = proposed(page)
    assert len(days) == 62
    assert all("2026-12-01" <= day <= "2026-12-31" for day in days.values())
    assert max(list(days.values()).count(day) for day in days.values()) <= 4
    assert desk.dates(centre.anna) == []
    days[f"day-{centre.anna}-1"], days[f"day-{centre.bob}-1"] = "2026-12-24", ""
    answer = coach.post("/planning?month=2026-12", days)
    assert answer.status_code == 303
    assert "61 dagen zijn vastgesteld." in coach.get(answer.headers["Location"]).text
    assert [one.day for one in desk.dates(centre.anna)] == [date(2026, 12, 24)]
    assert desk.dates(centre.bob) == []
    assert len(desk.dates(people[59])) == 1
    again = coach.post("/planning?month=2026-12", days)
    assert "Zij hebben al een dag in deze maand" in coach.get(again.headers["Location"]).text
    assert "donderdag 24 december 2026" in browser_as(centre.anna).get("/selection-days").text


def test_a_coach_says_how_many_fit_in_a_day(desk: Desk, browser_as: Browser) -> None:
    """One a day does not fit thirty people in the month: it says for whom no day is free."""
    desk.hire(28)
    coach = browser_as(desk.centre.coach)
    assert coach.post("/planning/capacity?month=2026-12", {"capacity": "1"}).status_code == 303
    days = proposed(coach.get("/planning?month=2026-12").text)
    assert sorted(days.values()).count("") == 30 - 23
    assert len({day for day in days.values() if day}) == 23
    for wrong in ("0", "51", "-1", "vier", "", "9999999"):
        answer = coach.post("/planning/capacity?month=2026-12", {"capacity": wrong})
        assert answer.status_code == 422, wrong
        assert "Kies een getal van 1 tot en met 50." in answer.text
    assert len(proposed(browser_as(desk.centre.other_coach).get("/planning?month=2026-12").text)) == 1


def test_what_is_wrong_in_a_proposal_stands_beside_its_day_and_the_rest_stays(
    desk: Desk, browser_as: Browser
) -> None:
    anna, bob = desk.centre.anna, desk.centre.bob
    coach = browser_as(desk.centre.coach)
    typed = {f"day-{anna}-1": "morgen", f"day-{bob}-1": "2026-12-04"}
    answer = coach.post("/planning?month=2026-12", typed)
    assert answer.status_code == 422
    assert f'href="#day-{anna}-1"' in answer.text
    assert 'value="morgen"' in answer.text
    assert 'value="2026-12-04"' in answer.text
    late = coach.post("/planning?month=2026-11", {f"day-{bob}-1": "2026-11-04"})
    assert f'href="#day-{bob}-1"' in late.text
    assert coach.post("/planning", {f"day-{desk.centre.carla}-1": "2026-12-04"}).status_code == 404
    assert coach.post("/planning", {}).status_code == 422
    assert desk.dates(bob) == []


@pytest.mark.parametrize("address", ["/planning?month=x", "/planning?month=2027-05", "/planning?dates=5"])
def test_a_mangled_address_says_so(desk: Desk, browser_as: Browser, address: str) -> None:
    assert browser_as(desk.centre.coach).get(address).status_code == 422


def test_a_coach_of_nobody_reads_what_will_come(desk: Desk, browser_as: Browser) -> None:
    desk.do(lambda session: session.execute(delete(CoachAssignment)))
    coach = browser_as(desk.centre.coach)
    assert "Je coacht op dit moment niemand met klantgesprekken" in coach.get("/planning").text
    assert "Je coacht op dit moment niemand" in coach.get("/samples").text


@pytest.mark.rule("ANN-1", "SAM-2")
def test_one_employee_from_date_to_number_in_both_languages(desk: Desk, browser_as: Browser) -> None:
    """Set, moved, withdrawn; raised, ended; with what was typed kept where something is wrong."""
    anna = desk.centre.anna
    coach, here = browser_as(desk.centre.coach), f"/coached/{anna}"
    assert coach.post(f"{here}/dates", {"day": str(DAY), "calls": "2"}).status_code == 303
    (mine,) = desk.dates(anna)
    wrong = coach.post(f"{here}/dates", {"day": "2026-11-04", "calls": "2"})
    assert wrong.status_code == 422
    assert 'href="#day"' in wrong.text
    assert 'value="2026-11-04"' in wrong.text
    moved = coach.post(f"{here}/dates/{mine.id}/move", {"day": "2026-12-07"})
    assert moved.status_code == 422
    assert f'href="#day-{mine.id}"' in moved.text
    assert coach.post(f"{here}/dates/{mine.id}/move", {"day": "2026-11-19"}).status_code == 303
    assert coach.post(f"{here}/dates/{mine.id}/withdraw").status_code == 303
    assert coach.post(f"{here}/dates/{mine.id}/withdraw").status_code == 409
    raised = {"reason": "development", "explanation": "Twee extra.", "number": "6"}
    days = {"begins": "2026-11-05", "last": "2026-11-30"}
    missing = coach.post(f"{here}/exceptions", raised | {"begins": "2026-11-05"})
    assert missing.status_code == 422
    assert 'href="#last"' in missing.text
    assert "Twee extra." in missing.text
    assert coach.post(f"{here}/exceptions", raised | days).status_code == 303
    assert coach.post(f"{here}/exceptions", raised | days).status_code == 422
    page = coach.get(here).text
    ending = re.search(rf'action="({here}/exceptions/[0-9a-f]{{32}}/end)"', page)
    assert ending
    assert coach.post(ending[1]).status_code == 303
    coach.flask.set_cookie("language", "en")
    assert "None. The usual number holds: at most 4 calls a month." in words(coach.get(here).text)


@pytest.mark.rule("ANN-2")
def test_the_question_is_asked_answered_and_taken_back(desk: Desk, browser_as: Browser) -> None:
    """The board names it as the next step; a no needs its reason; both days stand on the page."""
    anna, coach = browser_as(desk.centre.anna), browser_as(desk.centre.coach)
    here = f"/coached/{desk.centre.anna}"
    assert anna.post("/selection-days/unannounced").status_code == 303
    assert anna.post("/selection-days/unannounced").status_code == 409
    assert "Een vraag beantwoorden" in coach.get("/samples").text
    assert "Anna Jansen vraagt je iets" in coach.get(here).text
    assert coach.post(f"{here}/answer", {}).status_code == 422
    without = coach.post(f"{here}/answer", {"agree": "no"})
    assert 'href="#why"' in without.text
    assert coach.post(f"{here}/answer", {"agree": "yes"}).status_code == 303
    assert "Je selectiedagen worden niet aangekondigd" in anna.get("/selection-days").text
    assert "niet aangekondigd" in coach.get(here).text
    assert anna.post("/selection-days/announced").status_code == 303
    assert anna.post("/selection-days/announced").status_code == 409
    assert "Je selectiedagen worden aangekondigd." in anna.get("/selection-days").text


@pytest.mark.rule("ANN-1")
def test_the_calendars_file_follows_the_date(desk: Desk, browser_as: Browser) -> None:
    """The same uid with a higher sequence when it moved, cancelled when it went; nobody else's opens."""
    anna = browser_as(desk.centre.anna)
    mine = desk.add(desk.centre.anna, calls=2)
    address, seen = f"/selection-days/{mine}.ics", []
    for change in (None, lambda: desk.move(mine, DAY + timedelta(days=1)), lambda: desk.withdraw(mine)):
        if change:
            change()
        answer = anna.get(address)
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert address in anna.get("/selection-days").text
        (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
        seen.append((str(event["uid"]), event.start, event.sequence, str(event["status"])))
    uid = f"selection-{mine}@kcc"
    assert seen == [
        (uid, DAY, 0, "CONFIRMED"),
        (uid, DAY + timedelta(days=1), 1, "CONFIRMED"),
        (uid, DAY + timedelta(days=1), 2, "CANCELLED"),
    ]
    assert browser_as(desk.centre.bob).get(address).status_code == 404
    assert browser_as(desk.centre.coach).get(address).status_code == 404


def test_the_board_goes_from_month_to_month_and_ranks_nobody(desk: Desk, browser_as: Browser) -> None:
    """By name; each stage in words; the exception as a note; no average beside a name."""
    month, anna = desk.month, desk.centre.anna
    desk.except_(anna, last=date(2026, 12, 31))
    desk.add(anna, DRAW_DAY)
    desk.add(desk.centre.bob, date(2026, 12, 3))
    month.go_to(DRAW_DAY)
    month.add_calls(anna, 10)
    month.draw()
    coach = browser_as(desk.centre.coach)
    page = words(coach.get("/samples").text)
    assert page.index("Anna Jansen", page.index("Mijn medewerkers in november 2026")) < page.index(
        "Bob Jansen", page.index("Mijn medewerkers in november 2026")
    )
    assert "6 gesprekken per maand tot en met do 31 dec" in page
    assert "0 van 6" in page
    assert "6 getrokken" in page
    assert "Gemiddeld" not in page
    following = words(coach.get("/samples?month=2026-12").text)
    assert "Mijn medewerkers in december 2026" in following
    assert "do 3 dec" in following
    assert "Te scoren" not in following
    assert "Mijn medewerkers in oktober 2026" in words(coach.get("/samples?month=2026-10").text)
    for wrong in ("2027-03", "2024-01", "2026-13", "x"):
        assert coach.get(f"/samples?month={wrong}").status_code == 422, wrong
