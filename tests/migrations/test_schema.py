"""The migrations: they make exactly the models' schema, and each goes up and down with data in it, on both
databases.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from kcc import migrating
from kcc.db import Database
from kcc.schema import metadata
from tests import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
        return
    with postgres.database(request.getfixturevalue("postgres_url")) as url:
        database = Database(url)
        yield database
        database.close()


def test_the_migrations_make_the_models_schema(empty: Database) -> None:
    """Nothing that a model says is missing from the database, and nothing else is in it."""
    migrating.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert migrating.current(empty) == migrating.head()


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    """`kcc migrate` may be run at every start."""
    migrating.upgrade(empty)
    migrating.upgrade(empty)
    assert migrating.current(empty) == migrating.head()


def test_the_first_schema_goes_up_and_down_with_data(empty: Database) -> None:
    """Rows go in by plain SQL; down leaves no table behind, and up again works."""
    migrating.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        connection.execute(text("INSERT INTO department (id, code, name) VALUES ('d', 'd', 'Dienst')"))
        connection.execute(
            text("INSERT INTO team (id, code, name, department_id) VALUES ('t', 't', 'Team', 'd')")
        )
        connection.execute(
            text("INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl')")
        )
    migrating.downgrade(empty, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    migrating.upgrade(empty)
    assert "recording" in inspect(empty.engine).get_table_names()


def test_revisions_import_nothing_of_ours() -> None:
    """A revision says what it did then, whatever the models say now."""
    for revision in (migrating.scripts() / "versions").glob("*.py"):
        assert "kcc" not in revision.read_text().replace("kcc_", ""), revision.name


def test_webhook_deliveries_go_up_and_down_with_data(empty: Database) -> None:
    """Down forgets the deliveries and nothing else."""
    migrating.upgrade(empty, "0003")
    with empty.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO webhook_delivery (key_digest, body_digest, came_at) VALUES (:d, :d, :at)"),
            {"d": b"x" * 32, "at": "2026-11-03 09:00:00+00:00"},
        )
    migrating.downgrade(empty, "0001")
    assert "webhook_delivery" not in inspect(empty.engine).get_table_names()
    migrating.upgrade(empty)
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM webhook_delivery")).scalar() == 0
