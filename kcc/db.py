"""The database: engine, transactions and column types; the only place that commits. Queries live with
their packages.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from kcc.errors import N_, Unavailable
from kcc.failpoints import durable

ID_LENGTH = 32
Id = String(ID_LENGTH)
"""128 random bits in hexadecimal: never sequential, and it tells no time."""
Serial = BigInteger().with_variant(Integer, "sqlite")
"""A number the database hands out in order; for logs, never for URLs."""

POSTGRESQL = {
    "client_connection_check_interval": "10s",
    "lock_timeout": "20s",
    "statement_timeout": "120s",
    "timezone": "UTC",
}
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


_WAITING, _SETTLING = 30_000, 2_000
"""Milliseconds that a statement waits for another on SQLite, and that a checkpoint waits for readers."""


def new_id() -> str:
    """A fresh random id."""
    return secrets.token_hex(ID_LENGTH // 2)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database; a naive time is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a naive datetime cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The root of every model; kcc.schema imports them all."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Database:
    """Reading and writing transactions on one SQL database (SQLite or PostgreSQL)."""

    def __init__(self, url: str | URL) -> None:
        self.url = make_url(url)
        self.engine = _engine(self.url)
        self._writing = self.engine.execution_options(kcc_writing=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that is never committed."""
        with _reached(), Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction committed when the block ends well, rolled back when it raises.

        On SQLite its first statement takes the write lock, so that what a verb has read is still true when it
        writes.
        """
        with _reached(), Session(self._writing, expire_on_commit=False) as session:
            yield session
            with durable("database.commit"):
                session.commit()

    def settle(self) -> None:
        """Bring SQLite's write-ahead log into its file and cut it off, so that nothing deleted stays in it.

        Readers in the way are given two seconds; what then remains goes with the next call. On PostgreSQL
        this is autovacuum's and the log's own turn (docs/operations.md).
        """
        if self.url.get_backend_name() != "sqlite":
            return
        with _reached(), self.engine.connect() as connection:
            driver = connection.connection.cursor()  # outside a transaction: in one it would wait for itself
            driver.execute(f"PRAGMA busy_timeout={_SETTLING}")
            with durable("database.settle"):
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            driver.execute(f"PRAGMA busy_timeout={_WAITING}")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


WALLED = "kcc_wall"
"""Marks a session behind PostgreSQL's second wall (kcc.wall), where what the policy refuses is absent."""


def walled(session: Session) -> bool:
    """Whether the database itself keeps from this session what its person may not reach."""
    return bool(session.info.get(WALLED))


def hidden(session: Session, kind: str, id_: str) -> bool:
    """Whether a thing that was not found stands behind the wall: asking for it is a refusal, to be noted.

    `kind` is one that kcc_wall.stands knows. Nothing else of it is told.
    """
    if not walled(session):
        return False
    return bool(session.scalar(text("SELECT kcc_wall.stands(:kind, :id)"), {"kind": kind, "id": id_}))


def inserting(session: Session, model: type[Base], **values: Any) -> SqliteInsert | PostgresqlInsert:
    """An insert of this database's own kind, that can say what happens when the row is there already."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    return insert(model).values(**values)


def put(session: Session, model: type[Base], key: dict[str, Any], **values: Any) -> None:
    """Make the row with this key be so, whether it is there or not; of two at once the later one stays."""
    statement = inserting(session, model, **key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def count_up(session: Session, model: type[Base], key: dict[str, Any], by: int = 1) -> None:
    """Add to the `count` of the row with this key, making it if absent; two at once both count."""
    statement = inserting(session, model, **key, count=by)
    columns = model.__table__.columns
    session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={"count": columns["count"] + by})
    )


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as fault:  # the second from outside a transaction
        raise Unavailable(
            N_("The database does not answer. Try again in a moment."), code="database"
        ) from fault


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30})
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,  # what people wrote never stands in a log
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        connect_args={"options": " ".join(f"-c {name}={value}" for name, value in POSTGRESQL.items())},
    )
    engine.dialect.use_insertmanyvalues_wo_returning = True  # many rows in one statement, not one each
    return engine


def _sqlite_connect(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # The driver's own idea of transactions is switched off: _sqlite_begin says when one starts, and how.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={_WAITING}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Any) -> None:
    writing = connection.get_execution_options().get("kcc_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
