"""Dates by hand: set, moved, withdrawn in time, told each time, and never so that anybody steers a draw."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest

from kcc.coaching.planned import dates
from kcc.errors import AccessDenied, Invalid, KccError, NotFound, Refused
from kcc.people.model import CoachAssignment, FunctionPeriod
from tests.centre import BEGAN
from tests.coaching.conftest import DRAW_DAY
from tests.coaching.planned.conftest import DAY, Desk

SOON = date(2026, 11, 6)
"""The first day in time to announce, on 3 November."""


@pytest.mark.rule("ANN-1", "SAM-1")
def test_a_date_is_announced_at_once_and_the_job_leaves_the_month_alone(desk: Desk) -> None:
    anna = desk.centre.anna
    selection = desk.date(desk.add(anna))
    assert (selection.day, selection.announced_at, selection.planned_by_id) == (
        DAY,
        desk.month.now.at,
        desk.centre.coach,
    )
    assert desk.told(anna) == [("selection.announced", {"day": DAY, "count": 4})]
    assert desk.month.announce() == 2, "bob and carla"
    assert [one.day for one in desk.dates(anna)] == [DAY]


@pytest.mark.rule("ANN-1", "SAM-1", "SAM-8")
@pytest.mark.parametrize(
    ("day", "field"),
    [
        (SOON - timedelta(days=1), "day"),
        (date(2026, 11, 3), "day"),
        (date(2026, 10, 20), "day"),
        (date(2027, 1, 1), "day"),
    ],
)
def test_a_day_too_near_or_too_far_is_refused(desk: Desk, day: date, field: str) -> None:
    with pytest.raises(Invalid) as told:
        desk.add(desk.centre.anna, day)
    assert told.value.field == field
    assert desk.dates(desk.centre.anna) == []


@pytest.mark.rule("ANN-1")
def test_the_first_day_in_time_and_the_last_of_next_month_are_taken(desk: Desk) -> None:
    for day in (SOON, date(2026, 12, 31)):
        desk.add(desk.centre.anna, day)
    assert [one.day for one in desk.dates(desk.centre.anna)] == [SOON, date(2026, 12, 31)]


@pytest.mark.rule("ACC-2", "ACC-3")
def test_only_the_own_coach_plans(desk: Desk) -> None:
    centre = desk.centre
    mine = desk.add(centre.anna)
    for who in ("other_coach", "anna", "bob", "lead", "administrator", "officer"):
        by = centre.actor(getattr(centre, who))
        for attempt in (
            lambda by=by: desk.add(centre.anna, SOON, by=by),
            lambda by=by: desk.move(mine, SOON, by=by),
            lambda by=by: desk.withdraw(mine, by=by),
            lambda by=by: desk.except_(centre.anna, by=by),
        ):
            with pytest.raises(AccessDenied):
                attempt()
    with pytest.raises(AccessDenied):
        desk.add("0" * 32)
    with pytest.raises(NotFound):
        desk.move("0" * 32, SOON)
    assert desk.date(mine).day == DAY


@pytest.mark.rule("SAM-1")
def test_a_month_has_as_many_dates_as_calls(desk: Desk) -> None:
    """Four of one call each; a fifth finds no room, nor does a second one on the same day."""
    anna = desk.centre.anna
    for number in range(4):
        desk.add(anna, DAY + timedelta(days=number), 1)
    with pytest.raises(Refused) as told:
        desk.add(anna, DAY + timedelta(days=5), None)
    assert told.value.rule == "SAM-1"
    with pytest.raises(Invalid):
        desk.add(anna, DAY, 1)


@pytest.mark.rule("SAM-1")
def test_dates_draw_no_more_than_they_were_given_and_together_four(desk: Desk) -> None:
    """Two dates of three and one: three calls on the first, one on the second, and never a fifth."""
    anna, month = desk.centre.anna, desk.month
    desk.add(anna, DRAW_DAY, 3)
    desk.add(anna, DRAW_DAY + timedelta(days=7), 1)
    with pytest.raises(Refused):
        desk.add(anna, DRAW_DAY + timedelta(days=8), 1)
    month.go_to(DRAW_DAY)
    month.add_calls(anna, 10)
    month.draw()
    assert len(month.samples(anna)) == 3
    month.go_to(DRAW_DAY + timedelta(days=7))
    month.draw()
    assert [sample.slot for sample in month.samples(anna)] == [1, 2, 3, 4]
    assert {draw.month_limit for draw in month.draws()} == {4}


@pytest.mark.parametrize("calls", [0, 5, -1])
def test_a_number_of_calls_that_cannot_be_is_refused(desk: Desk, calls: int) -> None:
    with pytest.raises(Invalid) as told:
        desk.add(desk.centre.anna, DAY, calls)
    assert told.value.field == "calls"


@pytest.mark.rule("ANN-1")
def test_a_moved_date_is_told_with_both_days_and_a_higher_sequence(desk: Desk) -> None:
    anna = desk.centre.anna
    mine = desk.add(anna)
    desk.move(mine, SOON)
    assert (desk.date(mine).day, desk.date(mine).sequence) == (SOON, 1)
    assert ("selection.moved", {"was": DAY, "day": SOON, "count": 4}) in desk.told(anna)
    desk.withdraw(mine)
    assert (desk.date(mine).state, desk.date(mine).sequence) == ("withdrawn", 2)
    assert ("selection.withdrawn", {"day": SOON}) in desk.told(anna)


@pytest.mark.rule("ANN-1", "SAM-1", "SAM-3")
@pytest.mark.parametrize(
    ("to", "fault"),
    [(SOON - timedelta(days=1), Invalid), (date(2026, 12, 7), Invalid), (DAY, Invalid)],
)
def test_a_date_moves_in_its_month_and_in_time_only(desk: Desk, to: date, fault: type[KccError]) -> None:
    mine = desk.add(desk.centre.anna)
    with pytest.raises(fault):
        desk.move(mine, to)
    assert (desk.date(mine).day, desk.date(mine).sequence) == (DAY, 0)


@pytest.mark.rule("SAM-3")
def test_on_its_day_nobody_moves_or_withdraws_a_date(desk: Desk) -> None:
    """Nor afterwards, drawn or not: whoever looks at what came of it changes nothing any more."""
    anna, month = desk.centre.anna, desk.month
    mine = desk.add(anna)
    month.go_to(DAY, 0)
    for attempt in (lambda: desk.move(mine, DAY + timedelta(days=5)), lambda: desk.withdraw(mine)):
        with pytest.raises(Refused) as told:
            attempt()
        assert told.value.rule == "SAM-3"
    month.draw()
    month.go_to(DAY + timedelta(days=1))
    for attempt in (lambda: desk.move(mine, DAY + timedelta(days=5)), lambda: desk.withdraw(mine)):
        with pytest.raises(Refused):
            attempt()
    assert desk.date(mine).state == "drawn"


@pytest.mark.rule("SAM-1")
def test_a_withdrawn_date_is_neither_drawn_nor_replaced_by_the_job(desk: Desk) -> None:
    """Withdrawn twice is refused; a new one may be set in its place."""
    anna, month = desk.centre.anna, desk.month
    mine = desk.add(anna, DRAW_DAY)
    desk.withdraw(mine)
    with pytest.raises(Refused):
        desk.withdraw(mine)
    assert month.announce() == 2
    month.go_to(DRAW_DAY)
    month.add_calls(anna, 5)
    month.draw()
    assert month.samples(anna) == []
    desk.add(anna, DRAW_DAY + timedelta(days=4))
    assert [one.ordinal for one in desk.dates(anna)] == [1, 2]


@pytest.mark.rule("SAM-8")
def test_nobody_without_customer_calls_gets_a_date(desk: Desk) -> None:
    def end(session: Any) -> None:
        for period in session.query(FunctionPeriod).filter_by(person_id=desk.centre.anna):
            period.customer_calls = False

    desk.do(end)
    with pytest.raises(Refused) as told:
        desk.add(desk.centre.anna)
    assert told.value.rule == "SAM-8"


def test_a_proposal_sets_all_or_nothing_and_twice_changes_nothing(desk: Desk) -> None:
    """Sixty at once; one wrong day among them, and none is set."""
    people, coach, settings = desk.hire(60), desk.month.coach, desk.stores.settings
    chosen = {person: [SOON + timedelta(days=place % 20)] for place, person in enumerate(people)}
    with pytest.raises(Invalid) as told:
        desk.do(dates.add_all, coach, settings, chosen | {people[7]: [date(2026, 11, 4)]})
    assert told.value.field == f"day-{people[7]}-1"
    assert desk.dates(people[0]) == []
    assert desk.do(dates.add_all, coach, settings, chosen) == 60
    assert desk.do(dates.add_all, coach, settings, chosen) == 0
    assert desk.do(dates.add_all, coach, settings, {}) == 0
    assert desk.words(people[3]) == ["selection.announced"]


@pytest.mark.rule("SAM-1", "SAM-2")
def test_several_days_of_a_proposal_share_the_months_calls(desk: Desk) -> None:
    """Three days of four calls; of an employee whose number is lowered to two only two of them."""
    centre = desk.centre
    desk.except_(centre.bob, calls=2)
    days = [DAY, SOON, DAY + timedelta(days=7)]
    chosen = {centre.anna: days, centre.bob: days}
    assert desk.do(dates.add_all, desk.month.coach, desk.stores.settings, chosen) == 5
    assert [one.calls for one in desk.dates(centre.anna)] == [2, 1, 1]
    assert [one.calls for one in desk.dates(centre.bob)] == [1, 1]


def test_two_coaches_at_once_do_not_both_fill_a_month(desk: Desk) -> None:
    """Anna has two coaches; both confirm a date of four calls in the same moment: one date stands."""
    centre = desk.centre
    desk.do(
        lambda session: session.add(
            CoachAssignment(coach_id=centre.other_coach, employee_id=centre.anna, begins=BEGAN)
        )
    )
    coaches = [centre.actor(centre.coach), centre.actor(centre.other_coach)]
    gate, done = threading.Barrier(2), list[str]()

    def plan(place: int) -> None:
        gate.wait()
        try:
            done.append(desk.add(centre.anna, DAY + timedelta(days=place), 4, by=coaches[place]))
        except (Refused, Invalid) as fault:
            done.append(type(fault).__name__)

    threads = [threading.Thread(target=plan, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.dates(centre.anna)) == 1
    assert sum(one in ("Refused", "Invalid") for one in done) == 1
