"""A page of the list among 5 million recordings: the last against the first, on both engines."""

import statistics
import sys
import time
from datetime import datetime

from benchmarks import filling
from benchmarks.house import house
from benchmarks.ratio import report
from kcc import clock
from kcc.recordings import queries
from kcc.stores import Stores
from tests import postgres

NUMBER, DEEP, ROUNDS, LIMIT = 5_000_000, 4_900_000, 200, 1.2
Key = tuple[datetime, str] | None


def main() -> bool:
    """Measure on both engines and print; whether both keep the target."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER
    with house() as (centre, _):
        kept = measure("SQLite", centre.stores, centre.anna, number)
    with (
        postgres.server() as server,
        postgres.database(server) as url,
        house(f'[database]\nurl = "{url}"\n') as (centre, _),
    ):
        return measure("PostgreSQL", centre.stores, centre.anna, number) and kept


def measure(engine: str, stores: Stores, employee: str, number: int) -> bool:
    """One employee's list, which is all there is: page 1 and the page below `DEEP` calls, in turn."""
    filling.recordings(stores, employee, 0, number, number)
    deep = filling.started(number * DEEP // NUMBER, number)
    first, last = in_turn(stores, employee, deep)
    detail = f"{last * 1e3:.2f} ms at depth {number * DEEP // NUMBER:,} against {first * 1e3:.2f} ms"
    claim = f"list page of {number:,} on {engine}, deep against first"
    return report(claim, last / first, LIMIT, at_least=False, detail=detail)


def in_turn(stores: Stores, employee: str, deep: datetime, rounds: int = ROUNDS) -> tuple[float, float]:
    """Median seconds of the first page and of the one that begins at an instant, taken A B A B."""
    taken: dict[Key, list[float]] = {None: [], (deep, "f" * 32): []}
    for _ in range(rounds):
        for before, times in taken.items():
            with stores.database.read() as session:
                begin = time.perf_counter()
                page = queries.own_calls(session, employee, clock.now(), queries.Filter(), before)
                times.append(time.perf_counter() - begin)
            assert len(page.rows) == queries.PAGE
    first, last = (statistics.median(times) for times in taken.values())
    return first, last


if __name__ == "__main__":
    sys.exit(not main())
