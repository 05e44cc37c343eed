"""Building the second wall in a PostgreSQL database, and taking it down for a migration; what it says stands
in tables and functions.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql.base import PGDialect

from kcc.wall import functions
from kcc.wall.rights import APPEND, WALL, Role, Table
from kcc.wall.tables import TABLES

Names = Mapping[Role, str]
"""How an installation calls each role of the database."""


def lower(connection: Connection) -> None:
    """Take the wall's conditions away, so that the schema can change: its owner is no longer held back, and
    everybody else reaches no row of what was protected.
    """
    schema = _schema(connection)
    found = connection.execute(
        text("SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema()")
    )
    for table, policy in found.all():
        connection.execute(text(f"DROP POLICY {quoted(policy)} ON {schema}.{quoted(table)}"))
    forced = connection.execute(
        text(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
            " AND relforcerowsecurity"
        )
    )
    for table in forced.scalars().all():
        connection.execute(text(f"ALTER TABLE {schema}.{quoted(table)} NO FORCE ROW LEVEL SECURITY"))
    if connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": WALL}):
        connection.execute(text("SET LOCAL client_min_messages = warning"))
        _as_wall(connection, [f"DROP SCHEMA {WALL} CASCADE"])


def build(connection: Connection, names: Names) -> None:
    """Make functions, grants and conditions anew, from what the tables are now; in one transaction.

    Whoever connects owns the tables and may act as kcc_wall (`kcc database roles`).
    """
    lower(connection)
    schema, web = _schema(connection), quoted(names[Role.WEB])
    present = set(
        connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
    )
    tables = [table for table in TABLES if table.name in present]
    _execute(connection, _closed(schema, names, tables))
    connection.execute(text(f"CREATE SCHEMA {WALL} AUTHORIZATION {WALL}"))
    made = functions.statements(schema, web)
    owner = quoted(str(connection.scalar(text("SELECT current_user"))))
    usage = [f"GRANT USAGE ON SCHEMA {WALL} TO {web}, {owner}"]
    _as_wall(connection, [*usage, *made])
    for table in tables:
        _execute(connection, _opened(schema, names, table))
    connection.execute(text(functions.trigger(schema)))


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return PGDialect().identifier_preparer.quote(name)  # type: ignore[no-untyped-call]


def _closed(schema: str, names: Names, tables: list[Table]) -> list[str]:
    """Nobody but the owner has anything, but the way to the schema and the number of its last revision."""
    everybody = ", ".join([*map(quoted, names.values()), WALL, APPEND])
    said = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {everybody}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM PUBLIC, {everybody}",
        f"GRANT USAGE ON SCHEMA {schema} TO {everybody}",
        f"GRANT SELECT ON {schema}.alembic_version TO {everybody}",
    ]
    if any(table.append for table in tables):
        said.append(f"GRANT USAGE ON SEQUENCE {schema}.audit_line_id_seq TO {APPEND}")
    if any(table.name == "disclosure_entry" for table in tables):
        jobs = quoted(names[Role.JOBS])
        said.append(f"GRANT USAGE ON SEQUENCE {schema}.disclosure_entry_number_seq TO {jobs}")
    return said


def _opened(schema: str, names: Names, table: Table) -> list[str]:
    """One table's grants and conditions, which hold for its owner too."""
    place, said = f"{schema}.{quoted(table.name)}", []
    for who, grants in table.granted().items():
        role = quoted(names[Role(who)]) if who in set(Role) else who
        said.append(f"GRANT {grants} ON {place} TO {role}")
        verb = "INSERT" if who == APPEND else "ALL"
        using = "" if who == APPEND else "USING (true) "
        said.append(f"CREATE POLICY kcc_{who} ON {place} FOR {verb} TO {role} {using}WITH CHECK (true)")
    web = quoted(names[Role.WEB])
    for right in table.web:
        columns = f" ({right.columns})" if right.columns else ""
        said.append(f"GRANT {right.verb}{columns} ON {place} TO {web}")
        after = f"WITH CHECK ({right.after or right.rows})"
        using = f"USING ({right.rows})"
        clauses = {"INSERT": after, "UPDATE": f"{using} {after}"}.get(right.verb, using)
        name = f"kcc_web_{right.verb.lower()}"
        said.append(f"CREATE POLICY {name} ON {place} FOR {right.verb} TO {web} {clauses}")
    said.append(f"ALTER TABLE {place} ENABLE ROW LEVEL SECURITY")
    said.append(f"ALTER TABLE {place} FORCE ROW LEVEL SECURITY")
    return said


def _as_wall(connection: Connection, statements: list[str]) -> None:
    connection.execute(text(f"SET LOCAL ROLE {WALL}"))
    _execute(connection, statements)
    connection.execute(text("RESET ROLE"))


def _execute(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _schema(connection: Connection) -> str:
    return quoted(str(connection.scalar(text("SELECT current_schema()"))))
