"""Dates that are not announced: asked by the employee, agreed by the coach, taken back at once, betrayed
nowhere, and still fixed before they are drawn (ANN-2).
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from kcc import clock
from kcc.access.actor import system
from kcc.audit.model import AuditLine
from kcc.coaching import planning, unannounced
from kcc.coaching.planned import queries, texts
from kcc.coaching.planned.model import UnannouncedAgreement
from kcc.errors import AccessDenied, Invalid, Refused
from kcc.people.model import CoachAssignment
from kcc.scheduler import following
from tests.coaching.conftest import DRAW_DAY
from tests.coaching.planned.conftest import DAY, Desk
from tests.coaching.test_succession import end
from tests.conftest import Client

Browser = Callable[[str], Client]


def agreements(desk: Desk) -> list[UnannouncedAgreement]:
    with desk.stores.database.read() as session:
        return list(session.scalars(select(UnannouncedAgreement).order_by(UnannouncedAgreement.asked_at)))


@pytest.mark.rule("ANN-2")
def test_from_the_agreement_on_dates_are_fixed_and_not_told(desk: Desk) -> None:
    """What was announced before stays announced; both question and answer keep their instants."""
    anna = desk.centre.anna
    before = desk.add(anna, DAY, 1)
    desk.agree()
    after = desk.date(desk.add(anna, DAY + timedelta(days=1), 1))
    (agreement,) = agreements(desk)
    assert (agreement.asked_at, agreement.answered_at) == (clock.now(), clock.now())
    assert (agreement.coach_id, agreement.agreed) == (desk.centre.coach, True)
    assert desk.date(before).announced_at is not None
    assert (after.announced_at, after.agreement_id) == (None, agreement.id)
    assert desk.words(anna) == ["selection.announced", "unannounced.agreed"]
    assert desk.words(desk.centre.coach) == ["unannounced.asked"]
    with desk.stores.database.read() as session:
        told = planning.announcements(session, desk.month.anna, clock.today(), desk.stores.settings)
    assert [one.id for one in told] == [before]


@pytest.mark.rule("ANN-2", "SAM-3", "ACC-5")
def test_an_unannounced_date_is_fixed_in_the_log_before_it_is_drawn(desk: Desk) -> None:
    """The line is there for whoever oversees, and is about nobody: the employee does not find it."""
    anna, month = desk.centre.anna, desk.month
    desk.agree()
    lines = len(desk.lines_about(anna))
    mine = desk.add(anna)
    desk.move(mine, DAY + timedelta(days=1))
    assert len(desk.lines_about(anna)) == lines
    with desk.stores.database.read() as session:
        query = select(AuditLine.body).where(AuditLine.subject == f"selection:{mine}").order_by(AuditLine.id)
        fixed = [body or "" for body in session.scalars(query)]
    assert ['"step":"set"' in fixed[0], '"step":"moved"' in fixed[1]] == [True, True]
    assert '"day":"2026-11-19"' in fixed[1]
    month.go_to(DAY + timedelta(days=1))
    month.add_calls(anna, 6)
    month.draw()
    assert len(month.samples(anna)) == 4
    assert desk.date(mine).state == "drawn"


@pytest.mark.rule("ANN-2", "ANN-3")
def test_no_page_of_the_employee_betrays_it(desk: Desk, browser_as: Browser) -> None:
    """Neither start page, reports, selection days, notices nor one's own log; nor its file."""
    desk.agree()
    hidden = desk.add(desk.centre.anna)
    anna = browser_as(desk.centre.anna)
    for address in ("/calls", "/reports", "/selection-days", "/notices", "/my-data", "/who-may-what"):
        page = anna.get(address)
        assert page.status_code == 200
        assert "18 nov" not in page.text, address
        assert hidden not in page.text, address
    assert anna.get(f"/selection-days/{hidden}.ics").status_code == 404
    assert "18 nov" in browser_as(desk.centre.coach).get(f"/coached/{desk.centre.anna}").text


@pytest.mark.rule("ANN-2")
def test_the_job_does_not_give_it_the_day_that_it_tells_the_others(desk: Desk) -> None:
    """Any working day for which there would be time, by lot: of twenty people hardly all on one."""
    people = desk.hire(20)
    agreed = {"asked_at": clock.now(), "answered_at": clock.now(), "coach_id": desk.centre.coach}
    desk.do(
        lambda session: session.add_all(
            UnannouncedAgreement(employee_id=person, agreed=True, **agreed) for person in people
        )
    )
    assert desk.month.announce() == 23
    days = [desk.dates(person)[0].day for person in people]
    assert len(set(days)) > 3
    assert all(date(2026, 11, 6) <= day <= date(2026, 11, 30) and day.weekday() < 5 for day in days)
    assert all(desk.words(person) == [] for person in people)
    assert desk.words(desk.centre.bob) == ["selection.announced"]


@pytest.mark.rule("ANN-1", "ANN-2")
def test_taken_back_at_once_what_was_fixed_is_announced(desk: Desk) -> None:
    anna = desk.centre.anna
    desk.agree()
    mine = desk.add(anna)
    desk.revoke()
    assert desk.date(mine).announced_at == clock.now()
    assert desk.date(mine).day == DAY
    assert ("selection.announced", {"day": DAY, "count": 4}) in desk.told(anna)
    assert "unannounced.revoked" in desk.words(desk.centre.coach)
    (agreement,) = agreements(desk)
    assert (agreement.ended_at, agreement.ended_why) == (clock.now(), "revoked")
    assert desk.date(desk.add(anna, DAY + timedelta(days=2), 1)).announced_at is not None


@pytest.mark.rule("ANN-1", "ANN-2")
@pytest.mark.parametrize("before", [2, 1, 0])
def test_taken_back_on_the_eve_the_date_moves_so_that_it_can_be_announced(desk: Desk, before: int) -> None:
    """Also on the day itself, before it is drawn: to the first working day that is in time."""
    anna, month = desk.centre.anna, desk.month
    desk.agree()
    mine = desk.add(anna)
    month.go_to(DAY - timedelta(days=before), 1)
    desk.revoke()
    moved = desk.date(mine).day
    assert moved >= clock.today() + timedelta(days=3)
    assert moved.weekday() < 5
    assert ("selection.announced", {"day": moved, "count": 4}) in desk.told(anna)
    month.go_to(DAY)
    month.add_calls(anna, 6)
    month.draw()
    assert month.samples(anna) == []


@pytest.mark.rule("ANN-1", "ANN-2")
def test_taken_back_at_the_months_end_it_does_not_take_place(desk: Desk) -> None:
    desk.agree()
    mine = desk.add(desk.centre.anna, date(2026, 11, 30))
    desk.month.go_to(date(2026, 11, 29))
    desk.revoke()
    assert (desk.date(mine).state, desk.date(mine).announced_at) == ("withdrawn", None)
    assert "selection.withdrawn" not in desk.words(desk.centre.anna), "nobody had told of it"


@pytest.mark.rule("ANN-2")
def test_a_no_has_a_reason_that_the_employee_reads_and_it_can_be_asked_again(
    desk: Desk, browser_as: Browser
) -> None:
    centre, keys, coach = desk.centre, desk.stores.keys, desk.month.coach
    desk.do(unannounced.ask, desk.month.anna)
    for reason in ("", "  ", "x" * 1001):
        with pytest.raises(Invalid):
            desk.do(unannounced.answer, keys, coach, centre.anna, agree=False, reason=reason)
    desk.do(unannounced.answer, keys, coach, centre.anna, agree=False, reason="Eerst inwerken & <leren>.")
    assert "Eerst inwerken &amp; &lt;leren&gt;." in browser_as(centre.anna).get("/selection-days").text
    (refused,) = agreements(desk)
    assert b"inwerken" not in refused.reason
    assert desk.date(desk.add(centre.anna)).announced_at is not None
    desk.agree()
    assert len(agreements(desk)) == 2


@pytest.mark.rule("ANN-2")
def test_each_step_once_and_by_the_right_person(desk: Desk) -> None:
    """Asked twice, answered twice, answered for nothing, taken back without anything: told so, not done."""
    centre, keys = desk.centre, desk.stores.keys
    answer = [unannounced.answer, keys, desk.month.coach, centre.anna]
    with pytest.raises(Refused):
        desk.do(*answer, agree=True)
    with pytest.raises(Refused):
        desk.revoke()
    desk.do(unannounced.ask, desk.month.anna)
    with pytest.raises(Refused):
        desk.do(unannounced.ask, desk.month.anna)
    for who in ("other_coach", "anna", "lead", "administrator"):
        actor = centre.actor(getattr(centre, who))
        with pytest.raises(AccessDenied):
            desk.do(unannounced.answer, keys, actor, centre.anna, agree=True)
    with pytest.raises(AccessDenied):
        desk.do(unannounced.ask, desk.month.coach)
    desk.do(*answer, agree=True)
    with pytest.raises(Refused):
        desk.do(*answer, agree=True)
    desk.revoke()
    with pytest.raises(Refused):
        desk.revoke()


@pytest.mark.rule("ANN-2")
def test_a_question_may_be_taken_back_before_its_answer(desk: Desk) -> None:
    desk.do(unannounced.ask, desk.month.anna)
    desk.revoke()
    with pytest.raises(Refused):
        desk.do(unannounced.answer, desk.stores.keys, desk.month.coach, desk.centre.anna, agree=True)


@pytest.mark.rule("ANN-2")
def test_without_a_coach_there_is_nobody_to_agree_with(desk: Desk) -> None:
    _other_coach(desk, None)
    with pytest.raises(Refused) as told:
        desk.do(unannounced.ask, desk.month.anna)
    assert told.value.rule == "ANN-2"


def _other_coach(desk: Desk, successor: str | None) -> None:
    centre = desk.centre
    with desk.stores.database.write() as session:
        mine = CoachAssignment.employee_id == centre.anna
        session.execute(update(CoachAssignment).where(mine).values(ends=clock.today()))
        if successor:
            row = {"coach_id": successor, "employee_id": centre.anna, "begins": clock.today()}
            session.add(CoachAssignment(**row))


@pytest.mark.rule("ANN-1", "ANN-2")
def test_with_another_coach_the_agreement_is_over_before_anything_is_drawn(desk: Desk) -> None:
    """Also when no job ran between: the draw of the day itself finds that it was not announced."""
    anna, month = desk.centre.anna, desk.month
    desk.agree()
    mine = desk.add(anna)
    month.go_to(DAY)
    month.add_calls(anna, 6)
    _other_coach(desk, desk.centre.other_coach)
    with desk.stores.database.read() as session:
        assert queries.standing(session, [anna], clock.today()) == {}
    month.draw()
    assert month.samples(anna) == []
    assert desk.date(mine).day >= DAY + timedelta(days=3)
    assert desk.date(mine).announced_at is not None
    assert "unannounced.lapsed" in desk.words(anna)
    assert [one.ended_why for one in agreements(desk)] == ["coach"]
    assert desk.do(unannounced.lapse, system("announce"), desk.stores.settings) == 0


@pytest.mark.rule("ANN-2", "REP-5")
def test_with_the_function_all_of_it_ends(desk: Desk) -> None:
    """The agreement, the number, the dates; explanations and notices are erased with their keys."""
    anna, stores = desk.centre.anna, desk.stores
    made = desk.except_(anna)
    desk.agree()
    mine = desk.add(anna, DRAW_DAY)
    end(stores, anna, clock.today())
    assert following.follow(stores).failed == 0
    assert desk.date(mine).state == "lapsed"
    assert [one.ended_why for one in agreements(desk)] == ["function"]
    assert not stores.keys.holds({made.id})
    with stores.database.read() as session:
        assert list(texts.expected(session)) == []
        assert queries.exceptions_of(session, anna, clock.today()) == []
    assert [word for word in desk.words(anna) if not word.startswith("function")] == []
