"""Erasing 10,000 recordings, against unlinking as many files and the bare statements; one run, in turn."""

import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, insert, update

from benchmarks.house import house
from benchmarks.ratio import report
from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject, permit
from kcc.audit import record
from kcc.recordings import erasure
from kcc.recordings.model import Recording
from kcc.stores import Stores
from tests.coaching.conftest import recording

NUMBER, BATCH, LIMIT, SIZE = 10_000, 200, 1.5, 8_192


def main() -> bool:
    """Measure and print; whether the target is kept."""
    with house() as (centre, _):
        stores = centre.stores
        ours, theirs = [], []
        for _ in range(3):
            due(stores, centre.anna)
            begin = time.perf_counter()
            done = erasure.erase_due(stores, system("benchmark"))
            ours.append(time.perf_counter() - begin)
            assert (done.erased, done.failed) == (NUMBER, 0)
            theirs.append(bare(stores, centre.anna))
        took, floor = sorted(ours)[1], sorted(theirs)[1]
        detail = f"{NUMBER / took:.0f}/s against {NUMBER / floor:.0f}/s"
        return report(f"erasing {NUMBER} recordings", took / floor, LIMIT, at_least=False, detail=detail)


def due(stores: Stores, employee: str, number: int = NUMBER) -> list[str]:
    """Recordings past their deadline, with a key and a blob each."""
    rows = [recording(employee, clock.now() - timedelta(days=29)) for _ in range(number)]
    ids = [str(row["id"]) for row in rows]
    stores.keys.create_many(ids)
    for name in ids:
        with stores.blobs.writer(name) as blob:
            blob.write(bytes(SIZE))
            blob.commit()
    with stores.database.write() as session:
        session.execute(insert(Recording), rows)
    return ids


def bare(stores: Stores, employee: str) -> float:
    """Seconds for unlinking as many files, fsync per folder, and one update and one audit insert a batch."""
    rows = [recording(employee, clock.now() - timedelta(days=1)) for _ in range(NUMBER)]
    with stores.database.write() as session:
        session.execute(insert(Recording), rows)
    ids = [str(row["id"]) for row in rows]
    with tempfile.TemporaryDirectory(dir=stores.settings.blobs.folder.parent) as name:
        folder = Path(name)
        for id_ in ids:
            shard = folder / id_[:2]
            shard.mkdir(exist_ok=True)
            (shard / id_).write_bytes(bytes(SIZE))
        os.sync()
        begin = time.perf_counter()
        for first in range(0, NUMBER, BATCH):
            _bare_batch(stores, folder, ids[first : first + BATCH])
        took = time.perf_counter() - begin
    with stores.database.write() as session:
        session.execute(delete(Recording))
    return took


def _bare_batch(stores: Stores, folder: Path, ids: list[str]) -> None:
    for id_ in ids:
        (folder / id_[:2] / id_).unlink()
    for shard in {id_[:2] for id_ in ids}:
        descriptor = os.open(folder / shard, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    with stores.database.write() as session:
        session.execute(update(Recording).where(Recording.id.in_(ids)).values(reason="erased"))
        lines = [
            (permit(system("b"), Action.RECORDING_ERASE, Subject("recording", id_)), {"step": "erased"})
            for id_ in ids
        ]
        record.acts(session, lines)


if __name__ == "__main__":
    sys.exit(not main())
