"""kcc.db: what is written in a transaction that fails is not there afterwards, on either database."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from kcc import db
from kcc.db import Database
from kcc.people.model import Department
from kcc.recordings.model import IntakeCount, Tombstone
from kcc.stores import Stores


def test_a_block_that_ends_well_is_committed(stores: Stores) -> None:
    """What a writing block adds is there for the next reader."""
    with stores.database.write() as session:
        session.add(Department(code="a", name="A"))
    with stores.database.read() as session:
        assert session.scalar(select(Department.name)) == "A"


def test_a_block_that_raises_leaves_nothing(stores: Stores) -> None:
    """A fault rolls all of it back."""

    def fail() -> None:
        with stores.database.write() as session:
            session.add(Department(code="a", name="A"))
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with stores.database.read() as session:
        assert session.scalar(select(Department.name)) is None


def test_instants_come_back_as_they_went(stores: Stores) -> None:
    """Any offset goes in, the same instant in UTC comes out."""
    at = datetime(2026, 10, 25, 2, 30, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    with stores.database.write() as session:
        session.add(
            Tombstone(
                recording_id="a" * 32, call_digest=b"x", state="live", rule="RET-1", due_at=at, erased_at=at
            )
        )
    with stores.database.read() as session:
        found = session.scalars(select(Tombstone)).one()
    assert (found.due_at, found.due_at.tzinfo) == (at, UTC)


def test_a_naive_time_is_refused(stores: Stores) -> None:
    """A time without its zone is a programming error, not a guess."""
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the fault under test
    row = Tombstone(recording_id="a" * 32, call_digest=b"", state="", rule="", due_at=naive, erased_at=naive)

    def store() -> None:
        with stores.database.write() as session:
            session.add(row)

    with pytest.raises(StatementError, match="naive"):
        store()


def test_counting_up_twice_counts_two(stores: Stores) -> None:
    """The first count makes the row, the second adds to it."""
    key = {"day": date(2026, 1, 1), "line": "a", "code": "b"}
    for _ in range(2):
        with stores.database.write() as session:
            db.count_up(session, IntakeCount, key)
    with stores.database.read() as session:
        assert session.scalar(select(IntakeCount.count)) == 2


def test_new_ids_do_not_repeat() -> None:
    """128 random bits."""
    assert len({db.new_id() for _ in range(1000)}) == 1000


def test_a_database_that_is_not_there_is_told_plainly() -> None:
    """A server that does not answer is Unavailable, not a stack trace."""
    database = Database("postgresql+psycopg://kcc@127.0.0.1:1/none")
    with pytest.raises(db.Unavailable), database.read() as session:
        session.execute(select(1))
