"""Sessions: how long they live, what ends them, and whom they stand for at each moment."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from kcc.access.actor import Function
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.people import sessions
from kcc.people.model import SigninSession
from kcc.people.sessions import SignedIn
from tests.people.centre import Centre

MINUTE = timedelta(minutes=1)


def begin(centre: Centre, number: str = "1001") -> str:
    """Sign somebody in."""
    person_id = centre.id(number)
    with centre.stores.database.write() as session:
        return sessions.begin(session, person_id)


def found(centre: Centre, token: str) -> SignedIn | None:
    """Whom a token stands for now."""
    with centre.stores.database.read() as session:
        return sessions.look_up(session, token, centre.stores.settings.signin)


def use(centre: Centre, token: str) -> SignedIn | None:
    """Look up and touch, as a request does."""
    signed_in = found(centre, token)
    if signed_in and signed_in.stale:
        with centre.stores.database.write() as session:
            sessions.touch(session, str(signed_in.actor.session_id))
    return signed_in


def test_a_token_stands_for_its_person_and_is_kept_as_a_digest(centre: Centre) -> None:
    """256 random bits, of which the database knows only a hash."""
    token, other = begin(centre), begin(centre)
    assert len(token) == 43
    assert token != other
    signed_in = found(centre, token)
    assert signed_in is not None
    assert signed_in.actor.person_id == centre.id("1001")
    assert signed_in.actor.functions == {Function.EMPLOYEE}
    assert signed_in.language == "nl"
    with centre.stores.database.read() as session:
        rows = session.scalars(select(SigninSession)).all()
        assert {row.token_digest for row in rows} == {sessions.digest(token), sessions.digest(other)}
        assert signed_in.actor.session_id in {row.id for row in rows}
    assert found(centre, "") is None
    assert found(centre, token[:-1]) is None


@pytest.mark.rule("SEC-1")
def test_a_session_ends_after_a_quarter_of_an_hour_of_silence(centre: Centre, now: Frozen) -> None:
    """Each use gives another 15 minutes; 15 minutes without one is the end."""
    token = begin(centre)
    for _ in range(4):
        now.move(14 * MINUTE)
        assert use(centre, token)
    now.move(15 * MINUTE)
    assert use(centre, token) is None


@pytest.mark.rule("SEC-1")
def test_a_session_ends_after_ten_hours_however_busy(centre: Centre, now: Frozen) -> None:
    """A working day, then sign in again."""
    token = begin(centre)
    for _ in range(59):
        now.move(10 * MINUTE)
        assert use(centre, token)
    now.move(10 * MINUTE)
    assert use(centre, token) is None


def test_last_use_is_written_at_most_once_a_minute(centre: Centre, now: Frozen) -> None:
    """Within the minute nothing is written."""
    token = begin(centre)
    seen = []
    for seconds in (30, 29, 1, 59):
        now.move(timedelta(seconds=seconds))
        use(centre, token)
        with centre.stores.database.read() as session:
            seen.append(session.scalars(select(SigninSession.seen_at)).one())
    start = now.at - timedelta(seconds=119)
    assert [(at - start).total_seconds() for at in seen] == [0, 0, 60, 60]


@pytest.mark.rule("ACC-1")
def test_whose_functions_are_over_is_signed_out_at_once(centre: Centre, now: Frozen) -> None:
    """Rights are those of this moment: a function added counts at the next look, and the last one ended ends
    all.
    """
    token = begin(centre)
    centre.add(
        '[[people]]\nnumber = "1001"\nname = "Anna de Vries"\n'
        '[[people.functions]]\nfunction = "works_council"\nbegins = 2026-11-03\n'
        '[[people.functions]]\nfunction = "employee"\nteam = "red"\ncustomer_calls = true\n'
        "begins = 2026-01-01\nends = 2026-11-03\n"
    )
    signed_in = found(centre, token)
    assert signed_in is not None
    assert signed_in.actor.functions == {Function.WORKS_COUNCIL}
    with centre.stores.database.read() as session:
        limits = centre.stores.settings.signin
        assert sessions.actor_in(session, str(signed_in.actor.session_id), limits) == signed_in.actor
    centre.add(
        '[[people]]\nnumber = "1001"\nname = "Anna de Vries"\n'
        '[[people.functions]]\nfunction = "works_council"\nbegins = 2026-11-03\nends = 2026-11-04\n'
    )
    now.move(timedelta(minutes=10))
    assert found(centre, token)
    now.set(now.at.replace(hour=22, minute=50))  # 23:50 at the centre
    assert use(centre, begin(centre))
    token = begin(centre)
    now.move(timedelta(minutes=10))  # and now it is tomorrow
    assert found(centre, token) is None
    with centre.stores.database.read() as session:
        assert sessions.actor_in(session, str(signed_in.actor.session_id), limits) is None


def test_signing_out_ends_this_session_others_or_all(centre: Centre) -> None:
    """Each kind ends what it says, leaves other people alone, and has its line."""
    tokens = [begin(centre) for _ in range(4)]
    coach = begin(centre, "2001")
    for end, alive in (
        (sessions.end, [False, True, True, True]),
        (sessions.end_others, [False, True, False, False]),
        (sessions.end_all, [False, False, False, False]),
    ):
        who = found(centre, tokens[0] if end is sessions.end else tokens[1])
        assert who is not None
        with centre.stores.database.write() as session:
            end(session, who.actor)
        assert [found(centre, token) is not None for token in tokens] == alive
    assert found(centre, coach)
    with centre.stores.database.read() as session:
        query = select(AuditLine.actor_id).where(AuditLine.action == "account:manage", AuditLine.allowed)
        assert session.scalars(query).all() == [centre.id("1001")] * 3


def test_the_open_sessions_are_those_that_still_work(centre: Centre, now: Frozen) -> None:
    """Latest used first; ended and expired ones are gone from the list."""
    old = begin(centre)
    now.move(14 * MINUTE)
    begin(centre)
    now.move(MINUTE)
    newest = begin(centre)
    assert found(centre, old) is None
    with centre.stores.database.read() as session:
        listed = sessions.open_sessions(session, centre.id("1001"), centre.stores.settings.signin)
    signed_in = found(centre, newest)
    assert signed_in is not None
    first, _ = listed
    assert first.id == signed_in.actor.session_id


@pytest.mark.rule("ACC-5")
def test_a_sign_in_is_written_down(centre: Centre) -> None:
    """Who, when, allowed."""
    begin(centre)
    with centre.stores.database.read() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.action == "signin:start")).one()
    assert (line.allowed, line.actor_id) == (True, centre.id("1001"))


def test_looking_up_is_one_query(centre: Centre) -> None:
    """Session, person and posts come together: every page asks."""
    token = begin(centre)
    statements: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(centre.stores.database.engine, "before_cursor_execute", note)
    try:
        assert found(centre, token)
    finally:
        event.remove(centre.stores.database.engine, "before_cursor_execute", note)
    assert len([statement for statement in statements if "SELECT" in statement]) == 1
