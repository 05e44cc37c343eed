"""What somebody tries who has the web's connection to the database and writes SQL as they like."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import DBAPIError

from kcc import clock
from kcc.clock import Frozen
from kcc.people import sessions
from kcc.people.model import FunctionPeriod, SigninSession
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.wall.rights import Role
from tests import walled
from tests.centre import Centre
from tests.wall import raw

DENIED = "42501"
COUNT = text("SELECT count(*) FROM recording")
REFUSED = (
    # Whose session is whose: nobody can enter as somebody else.
    "SELECT token_digest FROM signin_session",
    "SELECT * FROM signin_session",
    "SELECT s FROM signin_session s",
    "SELECT id FROM signin_session ORDER BY token_digest",
    "UPDATE signin_session SET token_digest = '\\x00'",
    "UPDATE signin_session SET person_id = 'x' RETURNING id",
    "INSERT INTO signin_session (id, token_digest, person_id, created_at, seen_at)"
    " SELECT 'x', '\\x00', id, now(), now() FROM person",
    "SELECT password_hash FROM person",
    "UPDATE person SET password_hash = 'x'",
    "SELECT * FROM signin_throttle",
    "SELECT * FROM service_token",
    # The context: written by one function alone.
    "SELECT * FROM kcc_wall.context",
    "INSERT INTO kcc_wall.context VALUES (pg_backend_pid(), pg_current_xact_id(), 'x', 'x')",
    "UPDATE kcc_wall.context SET person_id = 'x'",
    "DELETE FROM kcc_wall.context",
    "TRUNCATE kcc_wall.context",
    "CREATE TABLE kcc_wall.mine (id int)",
    # Becoming somebody else.
    f"SET ROLE {walled.OWNER}",
    "SET ROLE kcc_wall",
    "SET ROLE kcc_jobs",
    "SET ROLE kcc_gate",
    f"SET SESSION AUTHORIZATION {walled.OWNER}",
    "GRANT kcc_jobs TO kcc_web",
    "ALTER ROLE kcc_web BYPASSRLS",
    "ALTER ROLE kcc_web SUPERUSER",
    # Taking the wall down.
    "ALTER TABLE recording DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE recording NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY kcc_web_select ON recording",
    "CREATE POLICY mine ON recording USING (true)",
    "ALTER POLICY kcc_web_select ON recording USING (true)",
    "DROP TRIGGER kcc_only_read ON report",
    "CREATE OR REPLACE FUNCTION kcc_wall.person() RETURNS varchar LANGUAGE sql AS 'SELECT ''x'''",
    "ALTER FUNCTION kcc_wall.person() RESET ALL",
    "DROP FUNCTION kcc_wall.person()",
    "DROP SCHEMA kcc_wall CASCADE",
    "SET session_replication_role = replica",
    # Names that the functions would find first.
    "CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql AS 'SELECT timestamptz ''infinity'''",
    "CREATE FUNCTION kcc_wall.pg_backend_pid() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE mine (id int)",
    "CREATE TEMP TABLE signin_session (id int)",
    "CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE sql AS 'SELECT true'",
    "CREATE SCHEMA mine",
    "CREATE VIEW mine AS SELECT 1",
    # Other ways to rows and files.
    "TRUNCATE recording",
    "TRUNCATE audit_line",
    "COPY recording TO '/tmp/kcc'",
    "COPY recording TO PROGRAM 'cat'",
    "COPY audit_line FROM '/etc/passwd'",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT setval('audit_line_id_seq', 1)",
    "DELETE FROM recording",
    "DELETE FROM report",
    "UPDATE recording SET employee_id = NULL",
    "UPDATE report SET employee_id = coach_id",
    "INSERT INTO recording (id) VALUES ('x')",
    "INSERT INTO sampled_call (id) VALUES ('x')",
    "SELECT * FROM draw",
    "SELECT call_digest FROM tombstone",
    "SELECT * FROM seed_chain",
    "SELECT * FROM person",
    # The log: added to, in its own words, and never changed.
    "UPDATE audit_line SET body = NULL",
    "DELETE FROM audit_line",
    "INSERT INTO audit_line (id, xid, at, commitment, action, allowed)"
    " VALUES (1, 0, now(), '\\x00', 'x', true)",
    "INSERT INTO audit_leaf (position, line_id) VALUES (0, 1)",
    "UPDATE audit_seal SET size = 0",
    "DELETE FROM audit_checkpoint",
)


@pytest.fixture
def web(stores: Stores) -> Iterator[Engine]:
    """The web's role, one connection at a time from a pool."""
    engine = raw.engine_of(stores, poolclass=None, pool_size=1, max_overflow=0)
    yield engine
    engine.dispose()


@pytest.fixture
def digest(stores: Stores, centre: Centre) -> bytes:
    """Anna's session; she has had one call."""
    centre.call()
    return raw.token_of(stores, centre.anna)


def test_what_postgresql_refuses_the_web(stores: Stores, centre: Centre, web: Engine, digest: bytes) -> None:
    """Each of these, in the context of an employee and of an administrator: not allowed, not just in vain."""
    with raw.within(web, digest) as connection:
        assert connection.scalar(COUNT) == 1, "what is Anna's, she reaches"
        wrong = {one: come for one in REFUSED if (come := raw.tried(connection, one)) != DENIED}
    assert wrong == {}
    with raw.within(web, raw.token_of(stores, centre.administrator)) as connection:
        assert connection.scalar(COUNT) == 0
        wrong = {one: come for one in REFUSED if (come := raw.tried(connection, one)) != DENIED}
    assert wrong == {}


def test_copying_out_gives_no_more_than_reading(web: Engine, digest: bytes, centre: Centre) -> None:
    """COPY reads through the same conditions; Bob's call stays where it is."""
    centre.call("bob")
    with (
        raw.within(web, digest) as connection,
        connection.connection.cursor() as cursor,
        cursor.copy("COPY recording TO STDOUT") as copied,  # type: ignore[attr-defined]
    ):
        lines = b"".join(copied).splitlines()
    assert len(lines) == 1


@pytest.mark.parametrize("how", ["commit", "rollback"])
def test_a_context_ends_with_its_transaction(web: Engine, digest: bytes, how: str) -> None:
    """The next transaction of the same connection, out of the pool or not, begins with nobody."""
    with web.connect() as connection:
        assert raw.begin(connection, digest)
        assert connection.scalar(COUNT) == 1
        getattr(connection, how)()
        raw.begin(connection, None)
        assert connection.scalar(COUNT) == 0
        assert raw.begin(connection, digest), "it can enter again"
        getattr(connection, how)()
    with web.connect() as connection:
        raw.begin(connection, None)
        assert connection.scalar(COUNT) == 0


def test_a_context_that_is_taken_back_is_none(web: Engine, digest: bytes, stores: Stores) -> None:
    """Entered within a savepoint that is rolled back; and what one connection entered is no other's."""
    with raw.within(web, None) as connection:
        savepoint = connection.begin_nested()
        assert raw.begin(connection, digest)
        savepoint.rollback()
        assert connection.scalar(COUNT) == 0
    with (
        raw.within(raw.engine_of(stores), digest) as one,
        raw.within(raw.engine_of(stores), None) as other,
    ):
        assert (one.scalar(COUNT), other.scalar(COUNT)) == (1, 0)
        forged = "INSERT INTO kcc_wall.context SELECT pg_backend_pid(), xid, person_id FROM kcc_wall.context"
        assert raw.tried(other, forged) == DENIED


def test_no_variable_opens_anything(web: Engine, centre: Centre, digest: bytes) -> None:
    """A session variable of any name is what anybody can set: the wall reads none."""
    assert digest
    with raw.within(web, None) as connection:
        for name in ("kcc.person_id", "kcc_wall.person", "kcc.token", "kcc_wall.context", "role.person"):
            set_it = text("SELECT set_config(:name, :value, false)")
            connection.execute(set_it, {"name": name, "value": centre.anna})
        assert connection.scalar(COUNT) == 0
    with raw.within(web, None) as connection:
        connection.execute(text("SET LOCAL row_security = off"))
        assert raw.tried(connection, "SELECT * FROM recording") == DENIED, "an error, not rows"


def test_only_an_open_session_is_taken(
    web: Engine, digest: bytes, stores: Stores, centre: Centre, now: Frozen
) -> None:
    """Not a guess, not an ended one, not one too long unused or too old; and not one without a function."""
    with raw.within(web, b"\0" * 32) as connection:
        assert connection.scalar(COUNT) == 0
        assert not raw.begin(connection, b"")
    stopped = clock.now()
    for passed, taken in ((timedelta(minutes=14), True), (timedelta(minutes=15), False)):
        now.set(stopped + passed)
        with web.connect() as connection:
            assert raw.begin(connection, digest) is taken, passed
    fresh = raw.token_of(stores, centre.anna)
    for passed, taken in ((timedelta(hours=10) - timedelta(minutes=1), True), (timedelta(hours=10), False)):
        now.set(stopped + timedelta(minutes=15) + passed)
        with stores.database.write() as session:  # used all the time
            session.execute(update(SigninSession).values(seen_at=clock.now()))
        with web.connect() as connection:
            assert raw.begin(connection, fresh) is taken, passed
    another = raw.token_of(stores, centre.anna)
    with stores.database.write() as session:
        session.execute(
            update(FunctionPeriod).where(FunctionPeriod.person_id == centre.anna).values(ends=clock.today())
        )
    with raw.within(web, another) as connection:
        assert connection.scalar(COUNT) == 0, "whoever has no function any more reaches nothing"
    with stores.database.write() as session:
        sessions.end_of_person(session, centre.anna)
    with web.connect() as connection:
        assert not raw.begin(connection, another)
        revive = "UPDATE signin_session SET ended_at = NULL, seen_at = now()"
        assert raw.tried(connection, revive) == 0


def test_nobody_sees_what_another_connection_shows(stores: Stores, digest: bytes) -> None:
    """The list of running statements tells a role its own: a digest is a parameter, and in no text."""
    with raw.within(raw.engine_of(stores), digest), raw.within(raw.engine_of(stores), None) as other:
        asked = text("SELECT query FROM pg_stat_activity WHERE usename = current_user")
        told = other.scalars(asked).all()
        assert any("kcc_wall.enter" in query for query in told)
        assert not any(digest.hex() in query for query in told)


def test_a_role_has_what_its_work_needs_and_no_more(stores: Stores, digest: bytes) -> None:
    """The gate reaches no call, intake no report, counting nobody; the log is no more than added to; even the
    owner, who built all this, reads nothing of it.
    """
    assert digest
    refused: dict[Role | str, tuple[str, ...]] = {
        Role.GATE: ("SELECT id FROM recording", "SELECT id FROM report", "SELECT id FROM audit_line"),
        Role.INTAKE: (
            "SELECT id FROM report",
            "SELECT id FROM sampled_call",
            "SELECT body FROM audit_line",
            "SELECT password_hash FROM person",
            "DELETE FROM recording",
            "SELECT kcc_wall.enter('x')",
        ),
        Role.FIGURES: (
            "SELECT employee_id FROM recording",
            "SELECT id FROM recording",
            "SELECT employee_id FROM report",
            "SELECT body FROM audit_line",
            "SELECT name FROM person",
            "UPDATE recording SET due_at = now()",
        ),
        Role.JOBS: (
            "DELETE FROM audit_line",
            "TRUNCATE audit_line",
            "UPDATE audit_line SET commitment = '\\x00'",
            "UPDATE audit_line SET at = now()",
            "UPDATE audit_line SET action = 'x'",
            "DELETE FROM audit_leaf",
            "DELETE FROM audit_tile",
            "DELETE FROM audit_checkpoint",
            "UPDATE audit_checkpoint SET note = 'x'",
            "ALTER TABLE recording NO FORCE ROW LEVEL SECURITY",
        ),
    }
    for role, statements in refused.items():
        with raw.within(raw.engine_of(stores, role), None) as connection:
            wrong = {one: come for one in statements if (come := raw.tried(connection, one)) != DENIED}
        assert wrong == {}, role
    with raw.engine_of(stores, walled.OWNER).connect() as owner:
        assert owner.scalar(COUNT) == 0
        assert owner.scalar(text("SELECT count(*) FROM audit_line")) == 0
    with stores.database.read() as session:
        assert session.scalar(select(Recording.id))


def test_a_line_of_the_log_takes_the_place_the_database_gives(web: Engine, digest: bytes) -> None:
    """Whoever adds one names neither its number nor its transaction."""
    add = (
        "INSERT INTO audit_line (at, commitment, salt, body, actor_id, action, allowed)"
        " VALUES (now(), '\\x00', '\\x00', '{}', 'x', 'x', true)"
    )
    with raw.within(web, digest) as connection:
        assert raw.tried(connection, add) == 1
        assert raw.tried(connection, add.replace("(at", "(xid, at").replace("(now", "(0, now")) == DENIED
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql(f"{add} RETURNING body")
