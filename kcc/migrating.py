"""Bringing the database's schema up to date; what changed when lies in migrations/versions."""

from collections.abc import Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from kcc.db import Database
from kcc.errors import N_, Unavailable
from kcc.wall import building
from kcc.wall.rights import Role

_HERE = Path(__file__).parent


def scripts() -> Path:
    """Where the revisions lie: beside the package in a checkout, inside it when installed."""
    installed = _HERE / "_migrations"
    return installed if installed.exists() else _HERE.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to a revision, in transactions of their own; the second wall is down meanwhile and
    afterwards, which opens nothing to anybody but the owner.
    """
    _lower(database)
    _run(database, command.upgrade, revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to a revision; the second wall stays down."""
    _lower(database)
    _run(database, command.downgrade, revision)


def wall(database: Database, names: Mapping[Role, str]) -> None:
    """Build the second wall anew over the present schema, for roles of these names."""
    with database.engine.connect() as connection:
        building.build(connection, names)
        connection.commit()


def _lower(database: Database) -> None:
    if database.url.get_backend_name() == "sqlite":
        return
    with database.engine.connect() as connection:
        building.lower(connection)
        connection.commit()


def _run(database: Database, how: object, revision: str) -> None:
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        how(config, revision)  # type: ignore[operator]
        connection.commit()


def current(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(url: str) -> bool:
    """Whether there is a database at the URL, at the newest revision; makes none."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite" and not Path(str(place.database)).exists():
        return False
    database = Database(url)
    try:
        return current(database) == head()
    except OperationalError as fault:
        raise Unavailable(
            N_("The database does not answer. Try again in a moment."), code="database"
        ) from fault
    finally:
        database.close()


def head() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory.from_config(_config()).get_current_head()
