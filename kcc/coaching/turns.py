"""Taking turns: how one transaction at a time may write to a table, on either database."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from kcc.db import Base


def alone(session: Session, table: type[Base]) -> None:
    """Wait until no other transaction writes to this table, and let none begin before this one ends.

    SQLite has one writer anyway. Reading goes on beside it.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {table.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))
