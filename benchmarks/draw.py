"""The draw of 1,000 employees with 400 calls each, against streaming the same ids and hashing them bare.

Another number of employees can be named: python -m benchmarks.draw 10000
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from sqlalchemy import insert

from benchmarks.house import house
from benchmarks.ratio import report
from kcc import clock
from kcc.access.actor import system
from kcc.audit import tree
from kcc.coaching import drawing, planning, queries, rules
from kcc.db import new_id
from kcc.people.model import FunctionPeriod, Person
from kcc.recordings.model import Recording
from kcc.stores import Stores
from tests import postgres
from tests.coaching.conftest import recording

CALLS, LIMIT = 400, 1.5
EMPLOYEES = next((int(word) for word in sys.argv[1:] if word.isdecimal()), 1000)
ANNOUNCED = datetime(2026, 11, 3, 9, tzinfo=clock.LOCAL)
DRAWN = datetime(2026, 11, 16, 9, tzinfo=clock.LOCAL)


def main() -> bool:
    """Measure on both engines and print; whether both keep the target."""
    with house() as (centre, _):
        kept = measure("SQLite", centre.stores)
    with (
        postgres.server() as server,
        postgres.database(server) as url,
        house(f'[database]\nurl = "{url}"\n') as (centre, _),
    ):
        return measure("PostgreSQL", centre.stores) and kept


def measure(engine: str, stores: Stores) -> bool:
    """One draw of the whole centre between two runs of its floor."""
    with filled(stores) as employees:
        before = floor(stores, employees)
        begin = time.perf_counter()
        outcome = drawing.run(stores, clock.today())
        took = time.perf_counter() - begin
        after = floor(stores, employees)
        bare = (before + after) / 2
        detail = f"{took:.1f} s against {bare:.1f} s, {outcome}"
        return report(f"draw on {engine}", took / bare, LIMIT, at_least=False, detail=detail)


@contextmanager
def filled(stores: Stores) -> Iterator[list[str]]:
    """Employees with their dates announced and their calls registered, on the morning of the draw."""
    employees = [new_id() for _ in range(EMPLOYEES)]
    with clock.frozen(ANNOUNCED) as at:
        with stores.database.write() as session:
            session.execute(insert(Person), [{"id": i, "number": i, "name": i} for i in employees])
            period = {"function": "employee", "customer_calls": True, "begins": date(2024, 1, 1)}
            session.execute(insert(FunctionPeriod), [{"person_id": i, **period} for i in employees])
            planning.propose(session, system("benchmark"), clock.today(), stores.settings)
        at.set(DRAWN)
        for first in range(0, EMPLOYEES, 50):
            rows = [
                recording(employee, clock.now() - timedelta(hours=1 + hours))
                for employee in employees[first : first + 50]
                for hours in range(CALLS)
            ]
            with stores.database.write() as session:
                session.execute(insert(Recording), rows)
        with stores.database.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
        yield employees


def floor(stores: Stores, employees: list[str]) -> float:
    """Seconds for what no draw can do without: streaming the ids, their Merkle roots and HMACs."""
    begin = time.perf_counter()
    pools: dict[str, list[str]] = {}
    query = queries.pool_query(employees, clock.now(), stores.settings.sampling)
    with stores.database.read() as session:
        for employee, recording_id in session.execute(query.execution_options(yield_per=1000)):
            pools.setdefault(str(employee), []).append(recording_id)
    for number, pool in enumerate(pools.values()):
        pool.sort()
        tree.root(name.encode() for name in pool)
        rules.order(bytes(32), str(number), pool)
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(not main())
