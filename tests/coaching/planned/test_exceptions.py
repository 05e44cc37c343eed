"""Another number of calls for a time: four reasons, dated, explained, told; the draw keeps to it (SAM-2)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kcc.coaching import exceptions, replacing
from kcc.coaching.model import SlotAllowance
from kcc.coaching.planned import queries
from kcc.coaching.planned.model import QuotaException
from kcc.errors import Invalid, NotFound, Refused
from tests.coaching.conftest import DRAW_DAY
from tests.coaching.planned.conftest import Desk
from tests.conftest import Client

TODAY = date(2026, 11, 3)


def limit(desk: Desk, day: date) -> int:
    with desk.stores.database.read() as session:
        anna = desk.centre.anna
        return queries.quotas(session, [anna], day, desk.stores.settings.limits)[anna].limit


@pytest.mark.rule("SAM-2")
def test_one_of_four_reasons_holds_from_its_first_day_to_its_last(desk: Desk) -> None:
    begins, last = date(2026, 11, 10), date(2026, 11, 20)
    desk.except_(desk.centre.anna, begins=begins, last=last)
    for place, reason in enumerate(("new_subject", "development", "less_contact")):
        day = date(2026, 12, 1 + place)
        desk.except_(desk.centre.bob, reason=reason, begins=day, last=day)
    days = [begins - timedelta(days=1), begins, last, last + timedelta(days=1)]
    assert [limit(desk, day) for day in days] == [4, 6, 6, 4]
    assert desk.told(desk.centre.anna) == [("exception.made", {"day": begins, "last": last, "count": 6})]


@pytest.mark.rule("SAM-2", "GOV-2")
def test_what_does_not_fit_is_told_at_its_field(desk: Desk) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"reason": "because"}, "reason"),
        ({"reason": ""}, "reason"),
        ({"explanation": "  "}, "explanation"),
        ({"explanation": "x" * 1001}, "explanation"),
        ({"calls": 9}, "number"),
        ({"calls": -1}, "number"),
        ({"calls": 4}, "number"),
        ({"begins": TODAY - timedelta(days=1)}, "begins"),
        ({"last": date(2026, 11, 3), "begins": date(2026, 11, 4)}, "last"),
        ({"last": date(2027, 5, 8)}, "last"),
    ]
    for said, field in wrong:
        with pytest.raises(Invalid) as told:
            desk.except_(desk.centre.anna, **said)
        assert told.value.field == field, said
    with desk.stores.database.read() as session:
        assert session.scalars(select(QuotaException)).all() == []


@pytest.mark.rule("SAM-2")
def test_two_do_not_overlap_but_may_follow_each_other(desk: Desk) -> None:
    anna = desk.centre.anna
    desk.except_(anna, begins=date(2026, 11, 10), last=date(2026, 11, 20))
    for begins, last in ((10, 20), (5, 10), (20, 25), (12, 13), (5, 25)):
        with pytest.raises(Refused) as told:
            desk.except_(anna, begins=date(2026, 11, begins), last=date(2026, 11, last))
        assert told.value.rule == "SAM-2"
    desk.except_(anna, begins=date(2026, 11, 21), last=date(2026, 11, 30), calls=2)
    desk.except_(anna, begins=date(2026, 11, 5), last=date(2026, 11, 9), calls=1)
    assert [limit(desk, date(2026, 11, day)) for day in (5, 10, 21)] == [1, 6, 2]


@pytest.mark.rule("SAM-1", "SAM-2")
@pytest.mark.parametrize("calls", [0, 6])
def test_the_draw_keeps_to_the_number_in_force(desk: Desk, calls: int) -> None:
    """Slots beyond the fourth name their exception; the commitment says the number."""
    anna, month = desk.centre.anna, desk.month
    made = desk.except_(anna, calls=calls)
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(anna, 12)
    month.draw()
    assert len(month.samples(anna)) == calls
    if not calls:  # nothing is announced that would draw nothing
        assert not [one for one in month.draws() if one.employee_id == anna]
        return
    (draw,) = [one for one in month.draws() if one.employee_id == anna]
    assert draw.month_limit == calls
    with desk.stores.database.read() as session:
        mine = select(SlotAllowance).where(SlotAllowance.employee_id == anna).order_by(SlotAllowance.slot)
        allowed = [(one.slot, one.exception_id) for one in session.scalars(mine)]
    assert allowed == [(slot, made.id if slot > 4 else None) for slot in range(1, calls + 1)]


@pytest.mark.rule("SAM-1", "SAM-2")
def test_lowering_after_a_draw_takes_nothing_away_and_gives_no_replacement(desk: Desk) -> None:
    anna, month = desk.centre.anna, desk.month
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(anna, 12)
    month.draw()
    desk.except_(anna, calls=2, begins=DRAW_DAY)
    assert len(month.samples(anna)) == 4
    rejected = month.samples(anna)[0].id
    assert not replacing.reject(desk.stores, month.coach, rejected, "private")
    assert len(month.samples(anna)) == 3


@pytest.mark.rule("SAM-1", "SAM-2")
def test_when_it_is_over_what_leaves_a_fifth_slot_is_not_replaced(desk: Desk) -> None:
    anna, month = desk.centre.anna, desk.month
    desk.except_(anna, last=DRAW_DAY)
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(anna, 12)
    month.draw()
    assert len(month.samples(anna)) == 6
    month.go_to(DRAW_DAY + timedelta(days=1))
    assert not replacing.reject(desk.stores, month.coach, month.samples(anna)[5].id, "private")
    assert len(month.samples(anna)) == 5


@pytest.mark.rule("SAM-2")
def test_ended_early_the_usual_number_holds_from_today(desk: Desk) -> None:
    anna, month, settings = desk.centre.anna, desk.month, desk.stores.settings
    made = desk.except_(anna)
    month.go_to(date(2026, 11, 12))
    desk.do(exceptions.end, month.coach, settings, made.id)
    assert [limit(desk, date(2026, 11, day)) for day in (11, 12)] == [6, 4]
    assert ("exception.ended", {"count": 4}) in desk.told(anna)
    with pytest.raises(Refused):
        desk.do(exceptions.end, month.coach, settings, made.id)
    with pytest.raises(NotFound):
        desk.do(exceptions.end, month.coach, settings, "0" * 32)


@pytest.mark.rule("SAM-2")
def test_one_to_come_is_taken_back_and_makes_room_for_another(desk: Desk) -> None:
    anna, settings = desk.centre.anna, desk.stores.settings
    made = desk.except_(anna)
    desk.do(exceptions.end, desk.month.coach, settings, made.id)
    assert limit(desk, date(2026, 11, 10)) == 4
    desk.except_(anna, calls=2)
    assert limit(desk, date(2026, 11, 10)) == 2


@pytest.mark.rule("SAM-2")
def test_the_employee_reads_reason_number_and_days(desk: Desk, browser_as: Callable[[str], Client]) -> None:
    """In Dutch and in English; what was explained is sealed in the database, and text on the page."""
    made = desk.except_(desk.centre.anna, explanation="Nieuw & <leert> de regeling.")
    assert b"regeling" not in made.explanation
    anna = browser_as(desk.centre.anna)
    page = anna.get("/selection-days").text
    assert "Inwerken van een nieuwe medewerker" in page
    assert "Nieuw &amp; &lt;leert&gt; de regeling." in page
    assert "woensdag 4 november 2026 tot en met vrijdag 4 december 2026" in page
    anna.flask.set_cookie("language", "en")
    assert "Induction of a new employee" in anna.get("/selection-days").text
    assert "Inwerken" not in browser_as(desk.centre.bob).get("/selection-days").text
