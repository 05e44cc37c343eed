"""Agreeing when both talk: proposed, answered, moved, cancelled; at once, twice, too late."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kcc import clock
from kcc.access.actor import system
from kcc.coaching.conversation import appointments, queries
from kcc.coaching.conversation.rules import Arranged, Standing
from kcc.errors import AccessDenied, Invalid, Refused
from kcc.notices.model import Notice
from kcc.people import assignments, functions
from kcc.people.model import FunctionPeriod, Person
from kcc.scheduler import following
from tests.coaching.conversation.conftest import Table


def told(table: Table, person_id: str) -> list[str]:
    """The words that somebody was told about a report since it was finished, in their order."""
    since = Notice.word.startswith("reports.") & (Notice.word != "reports.finished")
    query = select(Notice.word).where(Notice.person_id == person_id, since)
    with table.month.stores.database.read() as session:
        return list(session.scalars(query.order_by(Notice.told_at, Notice.word)))


def stands(table: Table) -> Standing:
    """Where the conversation stands, as a board asks it."""
    with table.month.stores.database.read() as session:
        return queries.standings(session, [table.report_id])[table.report_id]


@pytest.mark.rule("REP-3")
def test_proposed_and_accepted(table: Table) -> None:
    """Both are told; accepting the same twice is once; the moment stands in both calendars' number."""
    assert stands(table) is Standing.NONE
    first, second = table.moment(2), table.moment(3, 14)
    table.propose(second, first)
    assert stands(table) is Standing.PROPOSED
    assert table.read(table.anna).appointment.options == (first, second)
    for _ in range(2):
        table.do(appointments.accept, table.anna, second)
    talk = table.read(table.coach)
    assert (talk.begins_at, talk.minutes, talk.sequence) == (second, 45, 1)
    assert told(table, table.anna.person_id) == ["reports.talk_agreed", "reports.talk_proposed"]
    assert told(table, table.coach.person_id) == ["reports.talk_agreed"]
    assert stands(table) is Standing.AGREED
    table.month.now.set(second)
    assert stands(table) is Standing.HELD


@pytest.mark.rule("REP-3")
def test_another_time_moved_and_cancelled(table: Table) -> None:
    """An agreed moment that is off raises the number by which calendars know."""
    table.propose()
    table.do(appointments.accept, table.anna, table.moment())
    table.do(appointments.ask_another, table.anna, "Liever na de lunch.")
    talk = table.read(table.coach)
    assert (talk.standing, talk.appointment.asked, talk.sequence) == (
        Standing.ANOTHER,
        "Liever na de lunch.",
        2,
    )
    table.propose(table.moment(4, 13))
    table.do(appointments.accept, table.anna, table.moment(4, 13))
    table.propose(table.moment(5))
    assert "reports.talk_moved" in told(table, table.anna.person_id)
    for _ in range(2):
        table.do(appointments.cancel, table.coach)
    talk = table.read(table.anna)
    assert (talk.standing, talk.sequence, talk.begins_at) == (Standing.NONE, 4, table.moment(4, 13))
    words = told(table, table.anna.person_id)
    assert (words.count("reports.talk_withdrawn"), words.count("reports.talk_cancelled")) == (1, 2)


@pytest.mark.rule("REP-3")
def test_both_calendars_get_the_entry_with_the_letter(table: Table) -> None:
    """In each one's language, with the same id and a higher number when it is off; without the place."""
    stores = table.month.stores
    with stores.database.write() as session:
        session.execute(update(Person).where(Person.id == table.coach.person_id).values(language="en"))
    table.propose(where="Kamer 2.14")
    table.do(appointments.accept, table.anna, table.moment())
    table.do(appointments.cancel, table.coach)
    with stores.database.read() as session:
        query = select(Notice.person_id, Notice.entry).where(Notice.entry.is_not(None))
        query = query.where(Notice.word.startswith("reports.")).order_by(Notice.word)
        found: dict[str, list[str]] = {}
        for row in session.execute(query):
            found.setdefault(row.person_id, []).append(row.entry)
    for person, summary in ((table.anna, "Coachgesprek"), (table.coach, "Coaching conversation")):
        agreed, cancelled = found[person.person_id]
        assert ("STATUS:CONFIRMED" in agreed, "SEQUENCE:1" in agreed) == (True, True)
        assert ("STATUS:CANCELLED" in cancelled, "SEQUENCE:2" in cancelled) == (True, True)
        assert f"SUMMARY:{summary}" in agreed
        assert "2.14" not in agreed
        assert table.report_id in agreed.replace("\r\n ", "")


WRONG: list[tuple[str, list[timedelta], int, str]] = [
    ("option-1", [], 45, "Kamer"),
    ("option-1", [-timedelta(minutes=1)], 45, "Kamer"),
    ("option-1", [timedelta(days=200)], 45, "Kamer"),
    ("option-1", [timedelta(days=n) for n in (1, 2, 3, 4)], 45, "Kamer"),
    ("minutes", [timedelta(days=1)], 5, "Kamer"),
    ("minutes", [timedelta(days=1)], 999, "Kamer"),
    ("where", [timedelta(days=1)], 45, "  "),
    ("where", [timedelta(days=1)], 45, "x" * 201),
]


@pytest.mark.rule("REP-3")
def test_what_cannot_be_proposed(table: Table) -> None:
    """No moment, one that is past, too far or one too many; no time set aside; no place."""
    for field, spans, minutes, where in WRONG:
        options = [clock.now() + span for span in spans]
        with pytest.raises(Invalid) as wrong:
            table.do(appointments.propose, table.coach, options, minutes, where)
        assert wrong.value.field == field
    assert stands(table) is Standing.NONE


def test_too_late_or_from_an_old_page(table: Table) -> None:
    """A moment that passed, or is not offered any more, is not agreed to; nothing to answer is refused."""
    with pytest.raises(Refused):
        table.do(appointments.ask_another, table.anna, "Morgen.")
    with pytest.raises(Refused):
        table.do(appointments.cancel, table.coach)
    old, new = table.moment(2), table.moment(3)
    table.propose(old)
    table.propose(new)
    with pytest.raises(Refused):
        table.do(appointments.accept, table.anna, old)
    table.month.now.set(new)
    with pytest.raises(Refused):
        table.do(appointments.accept, table.anna, new)
    with pytest.raises(Invalid):
        table.do(appointments.ask_another, table.anna, " ")
    assert stands(table) is Standing.PROPOSED


def leaves(table: Table) -> None:
    """The coach is none any more from today on."""
    with table.month.stores.database.write() as session:
        mine = FunctionPeriod.person_id == table.coach.person_id
        held = session.scalars(select(FunctionPeriod.id).where(mine)).one()
        functions.end(session, system("cli"), held, clock.today())


def succeeded(table: Table) -> None:
    """Another coach goes on with the work, from today."""
    stores, centre = table.month.stores, table.month.centre
    with stores.database.write() as session:
        assignments.name_successor(session, system("cli"), centre.coach, centre.other_coach, clock.today())
    following.follow(stores)


@pytest.mark.rule("REP-6")
def test_nobody_agrees_with_a_coach_who_left(table: Table) -> None:
    """Without a successor the proposal is not taken; with one it is off, and the successor makes another."""
    table.propose()
    leaves(table)
    with pytest.raises(Refused):
        table.do(appointments.accept, table.anna, table.moment())
    table.do(appointments.ask_another, table.anna, "Met de opvolger graag.")
    table.view(table.anna, "Ik schrijf door.")
    assert told(table, table.coach.person_id) == [], "it is no report of theirs any more"
    succeeded(table)
    assert stands(table) is Standing.ANOTHER, "what she asks is for whoever comes"
    assert "reports.talk_withdrawn" not in told(table, table.anna.person_id)
    successor = table.month.centre.actor(table.month.centre.other_coach)
    table.do(appointments.propose, successor, [table.moment(3)], 45, "Kamer 1")
    table.do(appointments.accept, table.anna, table.moment(3))
    assert stands(table) is Standing.AGREED


@pytest.mark.rule("REP-6")
@pytest.mark.parametrize("agreed", [False, True])
def test_what_a_coach_who_left_arranged_is_off(table: Table, agreed: bool) -> None:
    """Both are told of an agreed moment, with an entry that takes it out of their calendars."""
    table.propose()
    if agreed:
        table.do(appointments.accept, table.anna, table.moment())
    leaves(table)
    succeeded(table)
    successor = table.month.centre.actor(table.month.centre.other_coach)
    talk = table.read(successor)
    assert (talk.state, talk.sequence) == (Arranged.CANCELLED, 2 if agreed else 0)
    word = "reports.talk_cancelled" if agreed else "reports.talk_withdrawn"
    assert word in told(table, table.anna.person_id)
    assert (word in told(table, table.coach.person_id)) is agreed
    assert word not in told(table, successor.person_id)


@pytest.mark.rule("REP-6")
def test_a_conversation_that_was_held_stays(table: Table) -> None:
    """The successor writes down with the employee what came of it."""
    table.propose()
    table.do(appointments.accept, table.anna, table.moment())
    table.month.now.set(table.moment() + timedelta(hours=1))
    leaves(table)
    succeeded(table)
    assert stands(table) is Standing.HELD


@pytest.mark.rule("REP-4", "ACC-1")
def test_by_the_wrong_person(table: Table) -> None:
    """The coach does not accept for the employee, nor does the employee propose; strangers do nothing."""
    centre = table.month.centre
    with pytest.raises(AccessDenied):
        table.do(appointments.propose, table.anna, [table.moment()], 45, "Kamer")
    table.propose()
    for other in (centre.coach, centre.bob, centre.other_coach, centre.lead, centre.administrator):
        with pytest.raises(AccessDenied):
            table.do(appointments.accept, centre.actor(other), table.moment())
