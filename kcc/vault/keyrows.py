"""The key store's own engine, table and transactions on SQLite or PostgreSQL; not what they mean."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from kcc.errors import N_, Unavailable
from kcc.failpoints import durable

metadata = MetaData()
"""Deliberately not the application's: the key store is another database."""

keys = Table(
    "vault_key",
    metadata,
    Column("key_id", String(128), primary_key=True),
    Column("root_id", String(16), nullable=False),
    Column("wrapped", LargeBinary(60), nullable=False),
    sqlite_with_rowid=False,
)

_LOCK = 0x6B63_635F_6B65_7973  # "kcc_keys": one advisory lock per database
_WAIT = 10
"""Seconds that one transaction may wait for another."""

_POSTGRESQL = {
    "statement_timeout": "30s",
    "lock_timeout": f"{_WAIT}s",
    "idle_in_transaction_session_timeout": "30s",
    "client_connection_check_interval": "5s",
    "synchronous_commit": "on",
}
_SQLITE = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "trusted_schema=OFF")


class KeyRows:
    """Transactions on the key table: `reading`, `writing` (beside others), `alone` (no other writers)."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(make_url(url))
        self.embedded = self._engine.dialect.name == "sqlite"
        self._writer = self._engine.execution_options(kcc_writes=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only looks."""
        with _answering(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, step: str) -> Iterator[Connection]:
        """A transaction that changes rows; it sees a root file that nobody replaces meanwhile. `step` names
        its commit among the durable steps.
        """
        with self._committed(step, "pg_advisory_xact_lock_shared") as connection:
            yield connection

    @contextmanager
    def alone(self, step: str) -> Iterator[Connection]:
        """A transaction beside which no other writes: for the schema and for the root file."""
        with self._committed(step, "pg_advisory_xact_lock") as connection:
            yield connection

    def settle(self) -> None:
        """Bring SQLite's write-ahead log into its file and cut it off, so that no deleted row stays in it.

        With a reader in the way it waits as long as any transaction may; what then remains in the log goes
        with the next call, and is unreadable after the next rotation. PostgreSQL has no such thing.
        """
        if self.embedded:
            with _answering(), closing(self._engine.raw_connection()) as connection, durable("keys.settle"):
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _committed(self, step: str, lock: str) -> Iterator[Connection]:
        with (
            _answering(),
            self._writer.connect() as connection,
            connection.begin() as transaction,
        ):
            self._lock(connection, lock)
            yield connection
            with durable(step):
                transaction.commit()

    def _lock(self, connection: Connection, function: str) -> None:
        if not self.embedded:  # SQLite's BEGIN IMMEDIATE is the lock
            connection.execute(text(f"SELECT {function}(:lock)"), {"lock": _LOCK})


@contextmanager
def _answering() -> Iterator[None]:
    """Turn a database that does not answer into Unavailable, but leave a broken constraint alone."""
    try:
        yield
    except IntegrityError:
        raise
    except (SQLAlchemyError, sqlite3.Error) as fault:  # the second from outside a transaction
        reason = str(fault.orig if isinstance(fault, DBAPIError) else fault)
        raise Unavailable(N_("The key store does not answer: %(reason)s"), reason=reason) from fault


def _engine(url: URL) -> Engine:
    pool: dict[str, Any] = {"pool_size": 8, "max_overflow": 8, "pool_timeout": _WAIT, "hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        _own_file(url)
        engine = create_engine(url, connect_args={"timeout": _WAIT}, **pool)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = " ".join(f"-c {name}={value}" for name, value in _POSTGRESQL.items())
    url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, connect_args={"options": options}, pool_pre_ping=True, **pool)


def _own_file(url: URL) -> None:
    """Make the SQLite file ourselves, for the owner alone; its log takes over its mode."""
    if not url.database or url.database == ":memory:":
        raise Unavailable(
            N_("The key store needs a file of its own, not memory: it must outlive the process.")
        )
    path = Path(url.database)
    try:
        with durable("keys.folder"):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One that is there is not touched: closing it would drop the locks that SQLite holds on it here.
        with suppress(FileExistsError), durable("keys.file"):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as fault:
        raise Unavailable(N_("The key store does not answer: %(reason)s"), reason=fault.strerror) from fault


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    for pragma in _SQLITE:
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("kcc_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
