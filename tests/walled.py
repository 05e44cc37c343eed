"""A database with split roles and the second wall, made as an operator makes it; what it holds is tested in
tests/wall.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url

from kcc import clock, migrating
from kcc.db import Database
from kcc.wall import roles
from kcc.wall.rights import Role
from tests import postgres

OWNER = "kcc_owner"
NAMES = {role: f"kcc_{role}" for role in Role}
_CLOCK = """
CREATE OR REPLACE FUNCTION kcc_wall.now() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(nullif(current_setting('kcc_test.now', true), '')::timestamptz, pg_catalog.now()) $$
"""


def as_role(url: str, name: str) -> str:
    """The same database, for another role."""
    return make_url(url).set(username=name).render_as_string(hide_password=False)


def urls(url: str) -> dict[str, str]:
    """What stands under [database] for a database with split roles."""
    return {"url": as_role(url, OWNER)} | {f"{role}_url": as_role(url, name) for role, name in NAMES.items()}


def make_roles(url: str) -> None:
    """What a superuser does, with what `kcc database roles` prints."""
    engine = create_engine(url)
    script = roles.script(str(make_url(url).database), OWNER, NAMES)
    with engine.begin() as connection:
        connection.connection.cursor().execute(script)
    engine.dispose()


def migrate(url: str) -> None:
    """What `kcc migrate` does to the database: the schema, and the wall around it."""
    owned = Database(as_role(url, OWNER))
    migrating.upgrade(owned)
    migrating.wall(owned, NAMES)
    owned.close()


@contextmanager
def template(server_url: str) -> Iterator[str]:
    """A migrated, empty database behind the wall, to copy: its name. `keep_time` stops its clock."""
    with postgres.database(server_url) as url:
        make_roles(url)
        migrate(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(_CLOCK))
        engine.dispose()
        yield url.rsplit("/", 1)[1]


def keep_time(database: Database) -> None:
    """Let each transaction tell the database the test's time, as nothing outside of tests can."""

    def tell(connection: object) -> None:
        connection.exec_driver_sql(  # type: ignore[attr-defined]
            "SELECT set_config('kcc_test.now', %s, true)", (clock.now().isoformat(),)
        )

    event.listen(database.engine, "begin", tell)
