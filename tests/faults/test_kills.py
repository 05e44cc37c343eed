"""kill -9 before each durable step of intake and erasure: nothing lost, nothing half, no orphan left."""

from datetime import timedelta
from pathlib import Path

import pytest

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.recordings.erasure import erase_due
from kcc.recordings.model import Recording
from kcc.recordings.reconcile import clear_strays, missing
from kcc.stores import Stores
from kcc.vault.sealing import SealedReader
from tests.centre import Centre
from tests.faults.conftest import Doomed, live_by_the_files_clock
from tests.recordings import traces
from tests.recordings.inbox import left, put, run
from tests.sounds import wav
from tests.waiting import wait_for
from tests.whole import WHOLE

pytestmark = pytest.mark.faults

KINDS = {
    "stored": {},
    "waiting": {"agent_id": "nobody"},
    "sealed": {"scope": "internal"},
    "private": {"line": "private"},
    "refused": {"line": "silent"},
}
STEP = 1 if WHOLE else 2
"""Every other step is died at in each run, all of them in `make whole`."""
AT_MOST = 200
"""A deed of a few calls takes fewer durable steps than this; more would be a run that never ends."""


def fill(folder: Path, number: int) -> dict[str, bytes]:
    """One call of each kind, unlike those of any other round; the sounds by call id."""
    sounds = {}
    for place, (kind, described) in enumerate(KINDS.items()):
        call_id = f"{kind}-{number}"
        sounds[call_id] = wav(0.3 + 0.1 * place, hertz=300.0 + number)
        put(folder, f"{call_id}.wav", sounds[call_id], **described)
    return sounds


def opened(stores: Stores, row: Recording) -> bytes:
    with stores.blobs.open(row.id) as blob:
        reader = SealedReader(stores.keys.get(row.id), row.id.encode(), blob.read_at, blob.size)
        return reader.read(0, reader.size)


def nothing_lost_nothing_half(stores: Stores, folder: Path, sounds: dict[str, bytes], number: int) -> None:
    rows = {row.call_id: row for row in traces.recordings(stores)}
    for call_id, sound in sounds.items():
        source = folder / f"{call_id}.wav"
        there = source.exists() and source.read_bytes() == sound
        row = rows.get(call_id)
        if call_id.startswith(("stored", "waiting")):
            assert there or row, f"{call_id} is lost"
            assert row is None or opened(stores, row) == sound
        elif call_id.startswith("refused"):
            assert there
            assert row is None
    assert list(missing(stores)) == [], f"half a recording after a kill at {number}"


@pytest.mark.usefixtures("centre")
@pytest.mark.in_part("postgresql")
def test_a_killed_intake_loses_nothing_and_leaves_nothing(
    stores: Stores, doomed: Doomed, now: Frozen, tmp_path: Path
) -> None:
    steps = 0
    for turn, number in enumerate(range(1, AT_MOST, STEP), 1):
        folder = tmp_path / "source" / str(number)
        live_by_the_files_clock(now)
        sounds = fill(folder, number)
        taken = doomed.run("deliver", folder, die_at=number)
        nothing_lost_nothing_half(stores, folder, sounds, number)
        run(stores, folder)
        erase_due(stores, system("erase"))
        live_by_the_files_clock(now)  # again: on a busy machine the run took longer than we were ahead
        clear_strays(stores, timedelta(0))
        nothing_lost_nothing_half(stores, folder, sounds, number)
        assert left(folder) == {f"refused-{number}.wav", f"refused-{number}.json"}
        assert traces.amounts(stores) == (3 * turn, 2 * turn, 2 * turn), f"after a kill at {number}"
        if taken is not None:
            steps = taken
            break
    assert 25 < steps < AT_MOST, "the kills did not reach the end of the run"


@pytest.mark.rule("RET-8")
@pytest.mark.in_part("postgresql")
def test_a_killed_erasure_is_finished_by_the_next(
    centre: Centre, stores: Stores, doomed: Doomed, now: Frozen, tmp_path: Path
) -> None:
    steps = 0
    for turn, number in enumerate(range(1, AT_MOST, STEP), 1):
        for kind in ({}, {"agent_id": "nobody"}, {"scope": "internal"}):
            centre.call(seconds=0.2, start=clock.now() - timedelta(minutes=1), **kind)
        ids = {row.id for row in traces.recordings(stores)}
        now.move(timedelta(days=28))
        taken = doomed.run("erase", tmp_path, die_at=number)
        for row in traces.recordings(stores):
            whole = stores.keys.holds([row.id]) and stores.blobs.present(row.id)
            assert whole or row.state in ("erasing", "sealed"), f"half a recording after a kill at {number}"
        rows = {row.id for row in traces.recordings(stores)}
        gone = {stone.recording_id for stone in traces.tombstones(stores)} & ids
        assert rows | gone == ids
        assert not rows & gone
        assert not stores.keys.holds(gone)
        # Once is enough, but for PostgreSQL, which may notice the death of a session a moment later.
        wait_for(lambda: erase_due(stores, system("erase")) and traces.amounts(stores) == (0, 0, 0))
        assert len(traces.tombstones(stores)) == 3 * turn
        if taken is not None:
            steps = taken
            break
    assert 5 < steps < AT_MOST, "the kills did not reach the end of the run"
