"""kill -9 before durable steps of a look at a drop folder, on both databases and knowing no step by name:
nothing lost, nothing twice, nothing left. The loop (scenes) knows them all.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kcc.clock import Frozen
from kcc.recordings.drop.rounds import Watcher, prepare
from kcc.recordings.reconcile import clear_strays
from kcc.sections import Drop
from kcc.stores import Stores
from tests.faults.conftest import Doomed, live_by_the_files_clock
from tests.recordings import traces
from tests.recordings.inbox import put
from tests.sounds import wav

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("centre")]
KINDS = {
    "stored": {},
    "waiting": {"agent_id": "nobody"},
    "sealed": {"scope": "internal"},
    "private": {"line": "private"},
    "refused": {"line": "silent"},
}
STEPS = 400


@pytest.mark.in_part("postgresql")
def test_no_kill_loses_a_call_or_leaves_half_of_one(
    stores: Stores, now: Frozen, tmp_path: Path, doomed: Doomed
) -> None:
    live_by_the_files_clock(now)
    drop = Drop(folder=tmp_path / "drop")
    drop.folder.mkdir()
    prepare(drop)
    with_drop = replace(stores, settings=stores.settings.model_copy(update={"drops": (drop,)}))
    kills = 0
    for die_at in range(1, STEPS, 7):
        for place, (kind, described) in enumerate(KINDS.items()):
            content = wav(0.3 + 0.1 * place, hertz=300.0 + kills)
            put(drop.folder, f"{kind}-{kills}.wav", content, **described)
        killed = Doomed(with_drop, doomed.process).run("drop", drop.folder, die_at) is None
        _whole(with_drop, drop, now, kills)
        if not killed:
            break
        kills += 1
    else:
        pytest.fail("a look that never ends")
    assert kills > 7
    now.move(timedelta(days=1))
    clear_strays(stores)
    rows, keys, files = traces.amounts(stores)
    assert (rows, keys, files) == (3 * (kills + 1), 2 * (kills + 1), 2 * (kills + 1))


def _whole(stores: Stores, drop: Drop, now: Frozen, number: int) -> None:
    """Whoever comes after brings everything to its end."""
    watcher = Watcher()
    for _ in range(3):
        now.move(timedelta(minutes=1))
        found = watcher.look(stores)
    assert (found.waiting, found.faults, found.kept) == (0, [], number + 1)
    known = {row.call_id for row in traces.recordings(stores)}
    assert {f"stored-{number}", f"waiting-{number}", f"sealed-{number}"} <= known
    # Killed between the reason and the note that it is refused: judged again, and kept under a second name.
    sounds = sorted(path.name.replace("-2.wav", ".wav") for path in drop.folder.rglob("refused-*-*.wav"))
    plain = sorted(path.name for path in drop.folder.rglob("*.wav") if path.name.count("-") == 1)
    assert sorted(sounds + plain) == sorted(f"refused-{one}.wav" for one in range(number + 1))
