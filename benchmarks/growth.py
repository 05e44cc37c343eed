"""How each cost grows with the store: the same work beside 10 thousand to 5 million recordings, in turn.

Writes the table in docs/performance.md and the chart docs/growth.svg.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import randrange

from sqlalchemy import func, insert, select, update

from benchmarks import erasure as erasing
from benchmarks import filling, growth_chart, listing
from benchmarks.draw import ANNOUNCED, DRAWN
from benchmarks.house import house
from benchmarks.intake import filled
from benchmarks.ratio import report, timed
from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.coaching import drawing, planning
from kcc.coaching.model import Draw
from kcc.db import new_id
from kcc.people import sessions
from kcc.people.model import FunctionPeriod, Person
from kcc.recordings import erasure, listening, queries
from kcc.recordings.delivery import deliver
from kcc.recordings.model import Recording
from kcc.recordings.playback import Player
from tests.centre import Centre
from tests.coaching.conftest import recording
from tests.sounds import wav

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
ROUNDS, FLAT = 3, 1.5
FILES, RANGES, EMPLOYEES, CALLS, DUE = 24, 200, 50, 200, 1_000
RANGE = 65_536


@dataclass
class Store:
    """One installation with so many recordings in it, nearly all of them one person's."""

    size: int
    centre: Centre
    folder: Path
    at: Frozen
    archive: str

    def intake(self) -> float:
        """Seconds a file: short calls, delivered as `kcc ingest` does, durable each."""
        folder = filled(Path(tempfile.mkdtemp(dir=self.folder)) / new_id(), bytearray(wav(20)), FILES)
        taken = timed(lambda: [*deliver(self.centre.stores, system("bench"), [folder])])
        assert not any(folder.iterdir()), "something was not taken"
        return taken / FILES

    def range(self) -> float:
        """Seconds a range of 64 KiB, of a call opened for these: the key, the blob, the right included."""
        stores = self.centre.stores
        with stores.database.write() as session:
            secret = sessions.begin(session, self.centre.anna)
        with stores.database.write() as session:
            found = sessions.look_up(session, secret, stores.settings.signin)
            assert found
            heard = session.scalars(
                select(Recording.id).where(Recording.employee_id == self.centre.anna).limit(1)
            )
            lease = listening.open_own(session, found.actor, heard.one(), 60)
        player = Player(stores, {Action.RECORDING_PLAY: queries.facts})

        def listen() -> None:
            for _ in range(RANGES):
                sound = player.fetch(lease.id, secret).rendition
                assert len(sound.read(randrange(sound.size - RANGE), RANGE)) == RANGE  # noqa: S311 - no secret

        return timed(listen) / RANGES

    def page(self) -> float:
        """Seconds for the list's page of 50 at 49/50 of the way down."""
        deep = filling.started(self.size * 49 // 50, self.size)
        return listing.in_turn(self.centre.stores, self.archive, deep, 20)[1]

    def draw(self) -> float:
        """Seconds a candidate, of the draws of some employees with their own calls."""
        stores = self.centre.stores
        employees = [new_id() for _ in range(EMPLOYEES)]
        rows = [
            recording(employee, DRAWN - timedelta(hours=hours, seconds=1), recorder=employee)
            for employee in employees
            for hours in range(CALLS)
        ]
        with clock.by(self.at):
            self.at.set(ANNOUNCED)
            with stores.database.write() as session:
                session.execute(insert(Person), [{"id": i, "number": i, "name": i} for i in employees])
                period = {"function": "employee", "customer_calls": True, "begins": date(2024, 1, 1)}
                session.execute(insert(FunctionPeriod), [{"person_id": i, **period} for i in employees])
                planning.propose(session, system("bench"), clock.today(), stores.settings)
                session.execute(insert(Recording), rows)
            self.at.set(DRAWN)
            taken = timed(lambda: drawing.run(stores, clock.today()))
            with stores.database.write() as session:
                of_theirs = select(func.sum(Draw.pool_size)).where(Draw.employee_id.in_(employees))
                pool = session.scalar(of_theirs)
                session.execute(
                    update(FunctionPeriod)
                    .where(FunctionPeriod.person_id.in_(employees))
                    .values(ends=clock.today())
                )
        assert pool is not None, "nothing was drawn"
        return taken / int(pool)

    def erasure(self) -> float:
        """Seconds an item that is due, its key and its blob."""
        stores = self.centre.stores
        erasing.due(stores, self.centre.anna, DUE)
        taken = timed(lambda: erasure.erase_due(stores, system("bench")))
        return taken / DUE


WORK: dict[str, Callable[[Store], float]] = {
    "intake, a file of 20 s": Store.intake,
    "range of 64 KiB": Store.range,
    "page of 50, deep in the list": Store.page,
    "draw, a candidate": Store.draw,
    "erasure, an item": Store.erasure,
}


def main() -> bool:
    """Fill, measure in turn, print, and write table and chart; whether every cost stays flat."""
    sizes = tuple(int(one) for one in sys.argv[1:]) or SIZES
    taken: dict[tuple[str, int], list[float]] = defaultdict(list)
    with ExitStack() as open_houses, clock.frozen(DRAWN) as at:
        stores = [opened(open_houses, size, at) for size in sizes]
        for number in range(-1, ROUNDS):  # the first round warms up and does not count
            for what, measure in WORK.items():
                for store in stores:
                    seconds = measure(store)
                    if number >= 0:
                        taken[what, store.size].append(seconds)
    medians = {what: [statistics.median(taken[what, size]) for size in sizes] for what in WORK}
    if sizes == SIZES:
        growth_chart.write(sizes, medians)
    kept = True
    for what, costs in medians.items():
        shown = ", ".join(growth_chart.seconds(cost) for cost in costs)
        claim = f"{what}: beside {sizes[-1]:,} against beside {sizes[0]:,}"
        kept &= report(claim, costs[-1] / costs[0], FLAT, at_least=False, detail=shown)
    return kept


def opened(open_houses: ExitStack, size: int, at: Frozen) -> Store:
    """A house filled to its size, with one call of anna's to listen to."""
    centre, file = open_houses.enter_context(house())
    with centre.stores.database.write() as session:
        archive = Person(number="archive", name="Archive")
        session.add(archive)
        session.flush()
        owner = archive.id
    centre.call(content=wav(300))
    filling.keys(centre.stores, size)
    begin = time.perf_counter()
    filling.recordings(centre.stores, owner, 0, size, size)
    print(f"        filled {size:,} in {time.perf_counter() - begin:.0f} s", flush=True)
    open_houses.callback(shutil.rmtree, file.parent / "growth", ignore_errors=True)
    (file.parent / "growth").mkdir()
    return Store(size, centre, file.parent / "growth", at, owner)


if __name__ == "__main__":
    sys.exit(not main())
