# ruff: noqa: S608 - names are quoted, and whoever runs it reads it first
"""The roles of the database in SQL, for whoever administers the server to run once; what each may do is built
by `kcc migrate`.
"""

from collections.abc import Mapping

from kcc.wall.building import quoted
from kcc.wall.rights import APPEND, WALL, Role

_HEAD = """\
-- Run once in the database of kcc, as a superuser: psql --single-transaction --file=-
-- Give each role a password or another way to sign in yourself (\\password), then run `kcc migrate`."""


def script(database: str, owner: str, names: Mapping[Role, str]) -> str:
    """SQL that makes the roles and takes from everybody what PostgreSQL gives; may be run twice."""
    place, who = quoted(database), quoted(owner)
    everybody = ", ".join(quoted(name) for name in names.values())
    logins = [(name, "LOGIN INHERIT") for name in names.values()]
    lines = [_HEAD, *(_role(*pair) for pair in [(owner, "LOGIN NOINHERIT"), *logins])]
    lines += [_role(name, "NOLOGIN") for name in (WALL, APPEND)]
    writers = ", ".join(quoted(names[role]) for role in Role if role is not Role.FIGURES)
    lines += [
        "-- The owner may act as kcc_wall to build the wall, and has none of its rights otherwise.",
        f"GRANT {WALL} TO {who};",
        f"GRANT {APPEND} TO {writers};",
        f"REVOKE ALL ON DATABASE {place} FROM PUBLIC;",
        f"GRANT CONNECT ON DATABASE {place} TO {who}, {everybody};",
        f"GRANT CREATE ON DATABASE {place} TO {who};",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {who};",
        "-- Large objects know no rows: nobody makes one.",
        *(f"REVOKE ALL ON FUNCTION pg_catalog.{name} FROM PUBLIC;" for name in _LARGE_OBJECTS),
    ]
    return "\n".join(lines) + "\n"


_LARGE_OBJECTS = ("lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)")


def _role(name: str, how: str) -> str:
    literal = name.replace("'", "''")
    plain = f"{how} NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION"
    found = f"SELECT 1 FROM pg_roles WHERE rolname = '{literal}'"
    return (
        f"DO $$ BEGIN IF NOT EXISTS ({found}) THEN CREATE ROLE {quoted(name)}; END IF;\n"
        f"IF EXISTS ({found} AND rolsuper) THEN RAISE EXCEPTION"
        f" 'a superuser passes every wall: choose another role than {literal}'; END IF; END $$;\n"
        f"ALTER ROLE {quoted(name)} {plain};"
    )
