"""One runner at a time: a lock that dies with its holder, by PostgreSQL's sessions or the embedded database's
folder; what the leader runs is in runner.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from kcc.db import Database

_LOCK = 0x6B63_635F_6A6F_6273  # "kcc_jobs"


class Leadership:
    """Held by at most one process on one database; `held` tells truly, also after a connection was lost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._file: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def take(self) -> bool:
        """Try to lead; whether this process does now."""
        if self.held():
            return True
        return self._take_file() if self._embedded else self._take_session()

    def held(self) -> bool:
        """Whether this process still leads."""
        if self._embedded:
            return self._file is not None
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
            self._connection.rollback()
        except SQLAlchemyError:
            self._connection = None  # the server has forgotten us, and with us the lock
        return self._connection is not None

    def release(self) -> None:
        """Let another lead."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            self._connection.invalidate()  # a pooled connection would keep the lock
            self._connection.close()
            self._connection = None

    @property
    def _embedded(self) -> bool:
        return self._database.engine.dialect.name == "sqlite"

    def _take_file(self) -> bool:
        place = Path(f"{self._database.url.database}.jobs")
        file = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def _take_session(self) -> bool:
        try:
            connection = self._database.engine.connect()
            got = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK})
            connection.rollback()
        except SQLAlchemyError:
            return False
        if not got:
            connection.close()
            return False
        self._connection = connection
        return True
