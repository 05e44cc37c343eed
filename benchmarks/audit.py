"""Writing audit lines, eight writers at once, a transaction each, against plain inserts of the same rows."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import insert, text

from benchmarks.house import house
from benchmarks.ratio import in_turn, report
from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject, permit
from kcc.audit import record
from kcc.audit.model import AuditLine
from kcc.db import new_id
from kcc.stores import Stores
from tests import postgres

WRITERS, LINES, ROUNDS, LIMIT = 8, 100, 5, 0.9
DURABLE = ("synchronous_commit = on", "fsync = on")


def main() -> bool:
    """Measure on both engines and print; whether both keep the target."""
    with house() as (centre, _):
        kept = measure("SQLite", centre.stores)
    with (
        postgres.server() as server,
        postgres.database(server) as url,
        house(f'[database]\nurl = "{url}"\n') as (centre, _),
    ):
        with centre.stores.database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            for setting in DURABLE:
                connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        return measure("PostgreSQL", centre.stores) and kept


def measure(engine: str, stores: Stores) -> bool:
    """Our lines and bare rows in turn, into the same table."""
    ours, theirs = in_turn(lambda: together(stores, _line), lambda: together(stores, _row), ROUNDS)
    detail = f"{WRITERS * LINES / ours:.0f}/s against {WRITERS * LINES / theirs:.0f}/s"
    claim = f"audit lines of {WRITERS} writers on {engine}, plain insert = 1"
    return report(claim, theirs / ours, LIMIT, at_least=True, detail=detail)


def together(stores: Stores, write: Any) -> None:
    """So many lines by each writer, each durable before the next."""

    def one(_: int) -> None:
        for _line_number in range(LINES):
            write(stores)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(one, range(WRITERS)))


def _line(stores: Stores) -> None:
    subject = Subject("recording", new_id())
    with stores.database.write() as session:
        record.act(session, permit(system("bench"), Action.RECORDING_ERASE, subject), step="erased")


def _row(stores: Stores) -> None:
    with stores.database.write() as session:
        session.execute(insert(AuditLine), [_PLAIN | {"subject": f"recording:{new_id()}"}])


def _plain() -> dict[str, Any]:
    """The columns of a line, made beforehand: a plain insert hashes nothing."""
    act = permit(system("bench"), Action.RECORDING_ERASE, Subject("recording", new_id()))
    return record._row(clock.now(), act, allowed=True, rule=None, detail={"step": "erased"})


_PLAIN = _plain()

if __name__ == "__main__":
    sys.exit(not main())
