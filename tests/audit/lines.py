"""Reading the audit's lines in tests, all rows of all tables, and a database that refuses every line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select, text

from kcc import schema
from kcc.audit.model import AuditLine
from kcc.db import Base
from kcc.stores import Stores

assert schema, "every table is known"
FUNCTION = (
    "CREATE FUNCTION no_line() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no line''; END'"
)
TRIGGER = {
    "sqlite": [
        "CREATE TRIGGER no_line BEFORE INSERT ON audit_line BEGIN SELECT RAISE(ABORT, 'no line'); END"
    ],
    "postgresql": [
        FUNCTION,
        "CREATE TRIGGER no_line BEFORE INSERT ON audit_line FOR EACH ROW EXECUTE FUNCTION no_line()",
    ],
}
REPAIR = {
    "sqlite": ["DROP TRIGGER no_line"],
    "postgresql": ["DROP TRIGGER no_line ON audit_line", "DROP FUNCTION no_line"],
}


@contextmanager
def refused_by_the_database(stores: Stores) -> Iterator[None]:
    """No audit line can be written inside the block: the database itself refuses it."""
    name = stores.database.engine.dialect.name
    _run(stores, TRIGGER[name])
    try:
        yield
    finally:
        _run(stores, REPAIR[name])


def _run(stores: Stores, statements: list[str]) -> None:
    with stores.database.write() as session:
        for statement in statements:
            session.execute(text(statement))


def all_lines(stores: Stores) -> list[AuditLine]:
    """Every line in the order in which it was written."""
    with stores.database.read() as session:
        return list(session.scalars(select(AuditLine).order_by(AuditLine.id)))


def body(line: AuditLine) -> dict[str, Any]:
    """What a line says."""
    found: dict[str, Any] = json.loads(line.body or "")
    return found


class Watch:
    """The lines written since a moment."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._known = {line.id for line in all_lines(stores)}

    def new(self) -> list[tuple[str, str, bool]]:
        """(action, subject, allowed) of the lines since the last call, in order."""
        fresh = [line for line in all_lines(self._stores) if line.id not in self._known]
        self._known |= {line.id for line in fresh}
        return [(line.action, str(line.subject), line.allowed) for line in fresh]


def everything(stores: Stores) -> dict[str, Any]:
    """All that is kept: the rows of all tables, the ids of all keys, the names of all blobs."""
    kept: dict[str, Any] = {"keys": sorted(stores.keys.ids()), "blobs": sorted(stores.blobs.names())}
    with stores.database.read() as session:
        for table in Base.metadata.sorted_tables:
            kept[table.name] = sorted(map(repr, session.execute(select(table))))
    return kept
