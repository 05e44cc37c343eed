"""Sessions: how long they live, what ends them, and whom they stand for at each moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from kcc.access.actor import Function
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import NotFound
from kcc.people import farewells, sessions
from kcc.people.model import FunctionPeriod, SigninSession
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


def anna(*functions: str) -> str:
    """Anna's functions as an import file says them."""
    said = "".join(f"[[people.functions]]\n{function}\n" for function in functions)
    return f'[[people]]\nnumber = "1001"\nname = "Anna de Vries"\n{said}'


EMPLOYEE = 'function = "employee"\nteam = "red"\ncustomer_calls = true\nbegins = 2026-01-01'
COUNCIL = 'function = "works_council"\nbegins = 2026-11-03'


def farewell(centre: Centre, token: str) -> str:
    """What is told about a session that works no more."""
    with centre.stores.database.read() as session:
        return farewells.of(session, token, centre.stores.settings.signin)


@pytest.mark.rule("ACC-1", "ACC-6")
@pytest.mark.parametrize(
    "change",
    [
        (EMPLOYEE + "\nends = 2026-11-03",),
        (EMPLOYEE + "\nends = 2026-11-03", COUNCIL),
        (COUNCIL,),
        (EMPLOYEE + "\nends = 2026-11-03", EMPLOYEE.replace("red", "blue").replace("-01-01", "-11-03")),
    ],
    ids=["none left", "another", "one more", "another team"],
)
def test_a_session_ends_when_its_functions_change(centre: Centre, change: tuple[str, ...]) -> None:
    """Whichever way: what was begun with other functions is over, for pages and for what plays."""
    token = begin(centre)
    signed_in = found(centre, token)
    assert signed_in is not None
    centre.add(anna(*change))
    assert found(centre, token) is None
    with centre.stores.database.read() as session:
        limits = centre.stores.settings.signin
        assert sessions.actor_in(session, str(signed_in.actor.session_id), limits) is None
    assert farewell(centre, token) == farewells.SENTENCES[sessions.Why.FUNCTIONS]
    again = found(centre, begin(centre))
    assert (again is None) is (change == (EMPLOYEE + "\nends = 2026-11-03",))


@pytest.mark.rule("ACC-1")
def test_a_session_ended_by_a_function_stays_over_when_that_comes_back(centre: Centre) -> None:
    """Once it was noticed it is written down, with its audit line, and once only."""
    token, other = begin(centre), begin(centre, "2001")
    centre.add(anna(COUNCIL))
    for _ in range(2):
        with centre.stores.database.write() as session:
            for secret in (token, other, "of nobody"):
                farewells.note_changed_functions(session, secret, centre.stores.settings.signin)
    centre.add(anna(COUNCIL + "\nends = 2026-11-04"))
    with centre.stores.database.write() as session:
        posts = session.scalars(select(FunctionPeriod).where(FunctionPeriod.function == "works_council"))
        session.delete(posts.one())
    assert found(centre, token) is None
    assert farewell(centre, token) == farewells.SENTENCES[sessions.Why.FUNCTIONS]
    assert found(centre, other)
    with centre.stores.database.read() as session:
        query = select(AuditLine.actor_id, AuditLine.subject, AuditLine.about_id)
        (line,) = session.execute(query.where(AuditLine.action == "account:manage"))
    assert line == ("system:sessions", f"person:{centre.id('1001')}", centre.id("1001"))


@pytest.mark.rule("ACC-1")
def test_a_function_that_begins_or_ends_at_midnight_ends_the_session(centre: Centre, now: Frozen) -> None:
    """The day of the centre counts, not that of the server."""
    centre.add(anna(COUNCIL.replace("11-03", "11-04")))
    now.set(now.at.replace(hour=22, minute=50))  # 23:50 at the centre
    token = begin(centre)
    now.move(9 * MINUTE)
    assert use(centre, token)
    now.move(MINUTE)
    assert found(centre, token) is None
    signed_in = found(centre, begin(centre))
    assert signed_in is not None
    assert signed_in.actor.functions == {Function.EMPLOYEE, Function.WORKS_COUNCIL}


@pytest.mark.rule("SEC-1")
def test_the_third_session_ends_the_oldest(centre: Centre, now: Frozen) -> None:
    """Of those that still work, and of this person alone; both are told."""
    coach = begin(centre, "2001")
    tokens = []
    for _ in range(3):
        tokens.append(begin(centre))
        now.move(MINUTE)
    assert [found(centre, token) is not None for token in tokens] == [False, True, True]
    assert found(centre, coach)
    assert farewell(centre, tokens[0]) == farewells.SENTENCES[sessions.Why.DISPLACED]
    with centre.stores.database.read() as session:
        assert [sessions.displaced(session, token) for token in tokens] == [0, 0, 1]
    now.move(13 * MINUTE)
    use(centre, tokens[2])
    now.move(MINUTE)  # the second has run out, and takes nobody's place
    fourth = begin(centre)
    assert found(centre, tokens[2])
    with centre.stores.database.read() as session:
        assert sessions.displaced(session, fourth) == 0


@pytest.mark.rule("SEC-1")
def test_many_at_once_leave_two(centre: Centre) -> None:
    """Each waits for the one before: nobody finds room that another is taking."""
    with ThreadPoolExecutor(6) as pool:
        tokens = list(pool.map(lambda _: begin(centre), range(6)))
    assert sum(found(centre, token) is not None for token in tokens) == 2


def test_ones_own_session_can_be_ended_and_nobody_elses(centre: Centre) -> None:
    """Twice does no harm; another's is answered as one that does not exist."""
    here, there, coach = begin(centre), begin(centre), begin(centre, "2001")
    me, away, other = (found(centre, token) for token in (here, there, coach))
    assert me is not None
    assert away is not None
    assert other is not None
    for _ in range(2):
        with centre.stores.database.write() as session:
            sessions.end_one(session, me.actor, str(away.actor.session_id))
    assert found(centre, there) is None
    assert found(centre, here)
    for strange in (str(other.actor.session_id), "", "x" * 500):
        with pytest.raises(NotFound), centre.stores.database.write() as session:
            sessions.end_one(session, me.actor, strange)
    assert found(centre, coach)
    assert farewell(centre, there) == farewells.SENTENCES[sessions.Why.SIGNED_OUT]
    assert farewell(centre, "of nobody") == farewells.SENTENCES[""]


def test_signing_out_ends_this_session_others_or_all(centre: Centre, now: Frozen) -> None:
    """Each kind ends what it says, leaves other people alone, and has its line."""
    coach = begin(centre, "2001")
    for end, alive in (
        (sessions.end, [False, True]),
        (sessions.end_others, [True, False]),
        (sessions.end_all, [False, False]),
    ):
        now.move(MINUTE)
        tokens = [begin(centre) for _ in range(2)]
        who = found(centre, tokens[0])
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
