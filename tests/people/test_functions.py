"""Joining, changing and leaving: what may stand together, what can be undone, and what is written down."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Function, system
from kcc.access.facts import PersonFacts
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Invalid, NotFound, Refused
from kcc.notices.model import Notice
from kcc.people import assignments, endings, functions
from kcc.people.endings import CameBy
from kcc.people.model import CoachAssignment, FunctionEnding, FunctionPeriod, Team
from kcc.stores import Stores
from tests.centre import Centre, build
from tests.conftest import Client


@pytest.fixture
def centre(stores: Stores) -> Centre:
    """The small centre of all tests; the other tests of people import one of their own."""
    return build(stores)


HOST = system("cli")
TODAY = date(2026, 11, 3)
DAY = timedelta(days=1)


def periods(stores: Stores, person: str) -> list[FunctionPeriod]:
    """All periods of a person, oldest first."""
    with stores.database.read() as session:
        query = select(FunctionPeriod).where(FunctionPeriod.person_id == person)
        return list(session.scalars(query.order_by(FunctionPeriod.begins, FunctionPeriod.function)))


def only(stores: Stores, person: str) -> FunctionPeriod:
    (period,) = periods(stores, person)
    return period


def team(stores: Stores, code: str) -> str:
    with stores.database.read() as session:
        return session.scalars(select(Team.id).where(Team.code == code)).one()


def noted(stores: Stores, person: str) -> list[FunctionEnding]:
    with stores.database.read() as session:
        return endings.of_person(session, person)


def test_a_function_begins_today_or_on_another_day(stores: Stores, centre: Centre) -> None:
    """Held from that day; the administrator's act is written down about that person, and they are told."""
    actor = centre.actor(centre.administrator)
    with stores.database.write() as session:
        functions.begin(session, actor, centre.bob, Function.COACH, TODAY + DAY)
        functions.begin(session, actor, centre.council, Function.COACH, TODAY, ends=TODAY + 30 * DAY)
    assert centre.actor(centre.bob).functions == {Function.EMPLOYEE}
    assert Function.COACH in centre.actor(centre.council).functions
    assert [one.ends for one in noted(stores, centre.council)] == [TODAY + 30 * DAY]
    with stores.database.read() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.about_id == centre.bob)).one()
    assert line.actor_id == centre.administrator
    assert '"step":"begin"' in (line.body or "")


@pytest.mark.rule("ACC-6")
def test_nobody_changes_their_own_functions(stores: Stores, centre: Centre) -> None:
    """Nor does anybody else than an administrator, or the host."""
    for who in (centre.administrator, centre.lead, centre.anna, centre.manager):
        actor = centre.actor(who)
        with stores.database.write() as session, pytest.raises(AccessDenied):
            functions.begin(session, actor, who, Function.WORKS_COUNCIL, TODAY)
        if who != centre.administrator:
            with stores.database.write() as session, pytest.raises(AccessDenied):
                functions.end(session, actor, only(stores, centre.bob).id, TODAY)
    assert PersonFacts(centre.anna).about_id == centre.anna


@pytest.mark.rule("ACC-3", "ACC-6")
def test_what_cannot_stand_together_is_refused_with_its_rule(stores: Stores, centre: Centre) -> None:
    """And nothing of it stays; the day after the other one's end it can be."""
    red, blue = team(stores, "red"), team(stores, "blue")
    for person, function, more, rule in (
        (centre.administrator, Function.COACH, {}, "ACC-6"),
        (centre.coach, Function.ADMINISTRATOR, {}, "ACC-6"),
        (centre.coach, Function.TEAM_LEAD, {"team_id": red}, "ACC-3"),
        (centre.anna, Function.EMPLOYEE, {"team_id": blue}, "ACC-1"),
        (centre.anna, Function.EMPLOYEE, {"team_id": red}, "ACC-1"),
    ):
        before = len(periods(stores, person))
        with pytest.raises(Refused) as refused, stores.database.write() as session:
            functions.begin(session, HOST, person, function, TODAY, **more)  # type: ignore[arg-type]
        assert refused.value.rule == rule
        assert len(periods(stores, person)) == before
    with stores.database.write() as session:
        functions.end(session, HOST, only(stores, centre.coach).id, TODAY)
        functions.begin(session, HOST, centre.coach, Function.ADMINISTRATOR, TODAY)


def test_what_is_wrong_names_its_field(stores: Stores, centre: Centre) -> None:
    with stores.database.write() as session:
        for field, function, begins, more in (
            ("function", Function.RECORDER, TODAY, {}),
            ("team", Function.TEAM_LEAD, TODAY, {}),
            ("department", Function.DEPARTMENT_MANAGER, TODAY, {}),
            ("customer_calls", Function.COACH, TODAY, {"customer_calls": True}),
            ("team", Function.COACH, TODAY, {"team_id": "nowhere"}),
            ("begins", Function.COACH, TODAY - 29 * DAY, {}),
            ("ends", Function.COACH, TODAY, {"ends": TODAY}),
        ):
            with pytest.raises(Invalid) as fault:
                functions.begin(session, HOST, centre.council, function, begins, **more)  # type: ignore[arg-type]
            assert fault.value.field == field
        with pytest.raises(NotFound):
            functions.begin(session, HOST, "nobody", Function.COACH, TODAY)
        with pytest.raises(NotFound):
            functions.end(session, HOST, "nothing", TODAY)
        period = session.scalars(select(FunctionPeriod).where(FunctionPeriod.person_id == centre.bob)).one()
        for ends in (TODAY - 29 * DAY, date(2023, 1, 1)):
            with pytest.raises(Invalid):
                functions.end(session, HOST, period.id, ends)


def test_an_end_can_be_undone_until_its_day(stores: Stores, centre: Centre, now: Frozen) -> None:
    """Planned again and again: the last one counts; on the day itself it is too late."""
    period = only(stores, centre.bob)
    with stores.database.write() as session:
        functions.end(session, HOST, period.id, TODAY + 5 * DAY)
        ending = functions.end(session, HOST, period.id, TODAY + 7 * DAY)
    assert only(stores, centre.bob).ends == TODAY + 7 * DAY
    with stores.database.write() as session:
        functions.withdraw_end(session, HOST, ending.id)
    assert only(stores, centre.bob).ends == TODAY + 5 * DAY, "what was planned before"
    standing = [one for one in noted(stores, centre.bob) if one.withdrawn_at is None]
    now.move(5 * DAY)
    with stores.database.write() as session, pytest.raises(Refused) as refused:
        functions.withdraw_end(session, HOST, standing[0].id)
    assert refused.value.code == "in_effect"
    with stores.database.write() as session, pytest.raises(Refused):
        functions.end(session, HOST, period.id, TODAY + 9 * DAY)
    assert centre.actor(centre.bob).functions == set()


def test_a_beginning_can_be_undone_until_its_day(stores: Stores, centre: Centre, now: Frozen) -> None:
    with stores.database.write() as session:
        first = functions.begin(session, HOST, centre.council, Function.COACH, TODAY + DAY)
        second = functions.begin(session, HOST, centre.bob, Function.COACH, TODAY + DAY)
        functions.withdraw_begin(session, HOST, first.id)
    assert [one.function for one in periods(stores, centre.council)] == ["works_council"]
    now.move(DAY)
    with stores.database.write() as session, pytest.raises(Refused):
        functions.withdraw_begin(session, HOST, second.id)


@pytest.mark.rule("REP-5")
def test_another_team_is_no_change_of_function(stores: Stores, centre: Centre, now: Frozen) -> None:
    """One period follows the other without a gap; undone, the first goes on as before."""
    period, blue = only(stores, centre.anna), team(stores, "blue")
    with stores.database.write() as session:
        new = functions.change(session, HOST, period.id, TODAY + DAY, team_id=blue, customer_calls=True)
    assert [(one.begins, one.ends) for one in periods(stores, centre.anna)][1] == (TODAY + DAY, None)
    with stores.database.write() as session:
        functions.withdraw_begin(session, HOST, new.id)
    assert only(stores, centre.anna).ends is None
    with stores.database.write() as session:
        functions.change(session, HOST, period.id, TODAY, team_id=blue, customer_calls=True)
    (ending,) = [one for one in noted(stores, centre.anna) if one.withdrawn_at is None]
    with stores.database.read() as session:
        ended = endings.seen(session, ending)
    assert (ended.continues, ended.with_calls) == (True, True)
    assert {post.team_id for post in centre.actor(centre.anna).posts} == {blue}
    assert now.at == clock.now()


@pytest.mark.rule("REP-5")
def test_whoever_is_to_change_function_is_told_what_ends(stores: Stores, centre: Centre) -> None:
    """An employee that reports go with the day, a coach that the function ends; another team tells none."""
    with stores.database.write() as session:
        blue, day = team(stores, "blue"), TODAY + DAY
        anna, bob = only(stores, centre.anna).id, only(stores, centre.bob).id
        functions.change(session, HOST, anna, day, function=Function.COACH)
        functions.change(session, HOST, bob, day, team_id=blue, customer_calls=True)
        other = only(stores, centre.other_coach).id
        functions.change(session, HOST, other, day, function=Function.WORKS_COUNCIL)
    with stores.database.read() as session:
        words = {
            who: set(session.scalars(select(Notice.word).where(Notice.person_id == getattr(centre, who))))
            for who in ("anna", "bob", "other_coach")
        }
    assert words["anna"] == {"reports.ending", "function.begun"}
    assert words["bob"] == {"function.begun"}
    assert words["other_coach"] == {"function.ending", "function.begun"}


def test_a_function_of_no_day_goes(stores: Stores, centre: Centre) -> None:
    """Begun today by mistake and ended today: over at once; the audit keeps both."""
    with stores.database.write() as session:
        period = functions.begin(session, HOST, centre.council, Function.COACH, TODAY)
        functions.end(session, HOST, period.id, TODAY)
    assert centre.actor(centre.council).functions == {Function.WORKS_COUNCIL}
    with stores.database.read() as session:
        bodies = session.scalars(select(AuditLine.body).where(AuditLine.about_id == centre.council)).all()
    assert len(bodies) == 2


def test_leaving_ends_everything(stores: Stores, centre: Centre) -> None:
    with stores.database.write() as session:
        functions.begin(session, HOST, centre.bob, Function.WORKS_COUNCIL, TODAY - DAY)
        functions.begin(session, HOST, centre.bob, Function.COACH, TODAY + 3 * DAY)
        assert len(functions.leave(session, HOST, centre.bob, TODAY)) == 2
        assert functions.leave(session, HOST, centre.bob, TODAY) == []
    assert centre.actor(centre.bob).functions == set()
    assert {one.ends for one in periods(stores, centre.bob)} == {TODAY}


@pytest.mark.rule("ACC-6")
def test_there_is_always_an_administrator(stores: Stores, centre: Centre) -> None:
    period = only(stores, centre.administrator)
    with stores.database.write() as session, pytest.raises(Refused) as refused:
        functions.end(session, HOST, period.id, TODAY)
    assert refused.value.code == "last"
    with stores.database.write() as session:
        functions.begin(session, HOST, centre.council, Function.ADMINISTRATOR, TODAY)
        functions.end(session, HOST, period.id, TODAY)


@pytest.mark.rule("REP-5")
def test_what_an_import_ended_waits_for_a_person(stores: Stores, centre: Centre, now: Frozen) -> None:
    """Access is over at once; confirmed, it follows; a mistake, it never was; after 7 days it counts."""
    anna, bob, carla = (only(stores, one).id for one in (centre.anna, centre.bob, centre.carla))
    with stores.database.write() as session:
        right = functions.end(session, HOST, anna, TODAY, came_by=CameBy.IMPORT)
        wrong = functions.end(session, HOST, bob, TODAY, came_by=CameBy.SCIM)
        slow = functions.end(session, HOST, carla, TODAY, came_by=CameBy.IMPORT)
        functions.confirm(session, HOST, right.id)
        functions.reopen(session, HOST, wrong.id)
    assert centre.actor(centre.anna).functions == set()
    assert centre.actor(centre.bob).functions == {Function.EMPLOYEE}
    for ending in (right.id, wrong.id):
        with stores.database.write() as session, pytest.raises((Refused, NotFound)):
            functions.reopen(session, HOST, ending)
    for days, ripe in ((0, {right.id}), (6, {right.id}), (7, {right.id, slow.id})):
        now.set(clock.start_of_day(TODAY + days * DAY))
        with stores.database.read() as session:
            assert {one.id for one in endings.ripe(session, clock.now())} == ripe
            assert [one.id for one in endings.waiting(session)] == [slow.id]


@pytest.mark.rule("ACC-2", "ACC-3")
def test_a_coach_is_assigned_from_today_on(stores: Stores, centre: Centre) -> None:
    """To somebody else, once, with both in their function, and never by whom they are led."""
    with stores.database.write() as session:
        assignments.assign(session, HOST, centre.other_coach, centre.anna, TODAY)
        functions.begin(session, HOST, centre.lead, Function.COACH, TODAY)
    for coach, employee, begins, kind in (
        (centre.coach, centre.anna, TODAY, Refused),
        (centre.lead, centre.anna, TODAY, Refused),
        (centre.council, centre.anna, TODAY, Invalid),
        (centre.coach, centre.council, TODAY, Invalid),
        (centre.coach, centre.carla, TODAY - DAY, Invalid),
    ):
        with pytest.raises(kind), stores.database.write() as session:
            assignments.assign(session, HOST, coach, employee, begins)
    with stores.database.write() as session:
        assignments.assign(session, HOST, centre.lead, centre.carla, TODAY)
        functions.begin(session, HOST, centre.carla, Function.COACH, TODAY)
    with pytest.raises(Refused) as refused, stores.database.write() as session:
        assignments.assign(session, HOST, centre.carla, centre.carla, TODAY)
    assert refused.value.rule == "ACC-2"


def test_an_assignment_ends_and_can_be_undone_in_time(stores: Stores, centre: Centre, now: Frozen) -> None:
    with stores.database.read() as session:
        query = select(CoachAssignment).where(CoachAssignment.employee_id == centre.anna)
        row = session.scalars(query).one()
    with stores.database.write() as session:
        assignments.end(session, HOST, row.id, TODAY + DAY)
        assignments.withdraw(session, HOST, row.id)
        with pytest.raises(Refused):
            assignments.withdraw(session, HOST, row.id)
        assignments.end(session, HOST, row.id, TODAY + DAY)
        coming = assignments.assign(session, HOST, centre.other_coach, centre.anna, TODAY + DAY)
        assignments.withdraw(session, HOST, coming.id)
    now.move(DAY)
    with stores.database.write() as session:
        with pytest.raises(Refused):
            assignments.end(session, HOST, row.id, TODAY + 2 * DAY)
        assert assignments.needing_successor(session, centre.coach, TODAY + DAY) == {centre.anna, centre.bob}


def test_both_are_told_what_is_true_of_their_coaching(
    stores: Stores, centre: Centre, browser_as: Callable[[str], Client]
) -> None:
    """A later end names its day, what is undone was told before, and only what is over is called so."""
    with stores.database.read() as session:
        query = select(CoachAssignment.id).where(CoachAssignment.employee_id == centre.anna)
        pair = session.scalars(query).one()
    with stores.database.write() as session:
        assignments.end(session, HOST, pair, TODAY + DAY)
    with stores.database.write() as session:
        assignments.withdraw(session, HOST, pair)
        for undo in (
            assignments.withdraw,
            lambda session, actor, one: assignments.end(session, actor, one, TODAY + DAY),
        ):
            coming = assignments.assign(session, HOST, centre.other_coach, centre.anna, TODAY + DAY)
            undo(session, HOST, coming.id)
        assignments.end(session, HOST, pair, TODAY)
    said = {
        centre.anna: ["assigned"] * 2 + ["ending", "ending_withdrawn", "gone"] + ["withdrawn"] * 2,
        centre.coach: ["employee_ending", "employee_ending_withdrawn", "employee_gone"],
        centre.other_coach: ["employee_assigned"] * 2 + ["employee_withdrawn"] * 2,
    }
    with stores.database.read() as session:
        for person, words in said.items():
            found = session.scalars(select(Notice.word).where(Notice.person_id == person))
            assert sorted(found) == [f"coach.{word}" for word in words]
    page = browser_as(centre.anna).get("/notices").text
    for sentence in (
        "Vanaf woensdag 4 november 2026 is ",
        " blijft je coach, ook vanaf woensdag 4 november 2026.",
        "wordt toch niet je coach op woensdag 4 november 2026.",
        " is niet meer je coach. Totdat er een opvolger is",
    ):
        assert sentence in page, sentence
