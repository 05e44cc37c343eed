"""Entering the wall: each transaction of the web begins by showing the database whose session it serves; what
that opens, the database decides.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session, SessionTransaction

from kcc.db import WALLED, Database

_ENTER = text("SELECT kcc_wall.enter(:digest)")


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a transaction is: the digest of the cookie's secret, None for nobody; `gate` when it is about
    who somebody is, before or beside all else.
    """

    digest: bytes | None = None
    gate: bool = False


def nobody() -> Asker:
    """Outside of a request nothing is reached."""
    return Asker()


class Walled(Database):
    """The web's database: what a transaction reaches is what the session reaches that it shows."""

    def __init__(self, url: str | URL, gate: Database) -> None:
        super().__init__(url)
        self._gate = gate
        self.asker: Callable[[], Asker] = nobody

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that is never committed, for whoever asks."""
        asker = self.asker()
        with self._gate.read() if asker.gate else super().read() as session:
            if not asker.gate:
                _enter(session, asker)
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed, for whoever asks."""
        asker = self.asker()
        with self._gate.write() if asker.gate else super().write() as session:
            if not asker.gate:
                _enter(session, asker)
            yield session


def _enter(session: Session, asker: Asker) -> None:
    """Let each transaction of the session show the digest first: what one entered ends with it."""
    session.info[WALLED] = True
    if asker.digest is None:
        return

    def enter(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
        connection.execute(_ENTER, {"digest": asker.digest})

    event.listen(session, "after_begin", enter)
