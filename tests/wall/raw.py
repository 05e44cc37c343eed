"""Plain SQL by a role of the database, as whoever got hold of its connection would send it; what must come
of it is told in the tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from kcc import clock
from kcc.people import sessions
from kcc.stores import Stores
from kcc.wall.rights import Role
from tests import walled

TELL = text("SELECT set_config('kcc_test.now', :now, true)")
ENTER = text("SELECT kcc_wall.enter(:digest)")


def engine_of(stores: Stores, role: Role | str = Role.WEB, **more: Any) -> Engine:
    """An engine of a role's own."""
    name = walled.NAMES[role] if isinstance(role, Role) else role
    return create_engine(walled.as_role(stores.settings.database.url, name), **{"poolclass": NullPool} | more)


def token_of(stores: Stores, person_id: str) -> bytes:
    """Sign somebody in: the digest of their cookie's secret."""
    with stores.database.write() as session:
        return sessions.digest(sessions.begin(session, person_id))


@contextmanager
def within(engine: Engine, digest: bytes | None) -> Iterator[Connection]:
    """A transaction that has shown a session; rolled back at its end."""
    with engine.connect() as connection:
        begin(connection, digest)
        yield connection
        connection.rollback()


def begin(connection: Connection, digest: bytes | None) -> bool:
    """Begin a transaction at the test's time, and show a session; whether it was taken."""
    connection.execute(TELL, {"now": clock.now().isoformat()})
    return digest is not None and bool(connection.scalar(ENTER, {"digest": digest}))


def rows(connection: Connection, table: str, key: str) -> set[Any]:
    """The keys of all that SELECT * gives."""
    return {row._mapping[key] for row in connection.execute(text(f"SELECT * FROM {table}"))}  # noqa: S608 - a table of ours


def tried(connection: Connection, statement: str) -> str | int:
    """What comes of a statement: how many rows it touched or gave, or the code of the refusal; undone."""
    savepoint = connection.begin_nested()
    try:
        done = connection.exec_driver_sql(statement)
        return len(done.all()) if done.returns_rows else done.rowcount
    except DBAPIError as fault:
        return str(getattr(fault.orig, "sqlstate", "") or type(fault.orig).__name__)
    finally:
        savepoint.rollback()
