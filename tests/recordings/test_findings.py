"""Rows, files and keys compared in every direction; an absent or foreign volume is never taken for losses."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.coaching import keys as coaching_keys
from kcc.errors import Unavailable
from kcc.recordings import erasure, findings, reconcile, volume
from kcc.recordings.derivative import Makers, names
from kcc.recordings.findings import Findings, Owner
from kcc.recordings.sounding import sound_of
from kcc.recordings.volume import ForeignVolume
from kcc.scheduler import runner
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores
from kcc.vault.folder import Folder
from tests.access import world as worlds
from tests.centre import Centre
from tests.coded import MADE
from tests.recordings import traces
from tests.recordings.test_reconcile import STRAY, blob, draft

COACHING = Owner(coaching_keys.known, coaching_keys.expected)


def find(stores: Stores) -> Findings:
    return findings.find(stores, [COACHING])


def test_a_whole_centre_has_no_findings(stores: Stores, centre: Centre, now: Frozen) -> None:
    """Calls, sealed and erased ones, reports and draw chains: each key and file has its row."""
    worlds.build(stores, centre, now)
    erasure.erase_due(stores, system("erase"))
    found = find(stores)
    assert found == Findings([], [], [], []), found
    assert found.clean


def test_what_has_lost_its_counterpart_is_named_by_what_is_left(centre: Centre, stores: Stores) -> None:
    centre.calls(4)
    rows = [row.id for row in traces.recordings(stores)]
    stores.blobs.delete([rows[0]])
    stores.keys.destroy([rows[1]])
    blob(stores, STRAY)
    stores.keys.create("7" * 32)
    assert find(stores) == Findings([STRAY], [rows[0]], ["7" * 32], [rows[1]])
    assert find(stores) == find(stores), "looking changes nothing"


def test_what_was_made_of_a_call_belongs_to_it(centre: Centre, stores: Stores) -> None:
    """A coded call that was listened to has pieces of PCM16: its own, until it has no row any more."""
    centre.call(content=MADE["mp3"][0](1.0))
    row = traces.recording(stores)
    sound, key = sound_of(row), stores.keys.get(row.id)
    assert sound is not None
    makers = Makers(stores)
    makers.ensure(row.id, sound, key)
    (piece,) = names(row.id, sound)
    until = clock.ticking() + 60
    while not stores.blobs.present(piece) and clock.ticking() < until:
        time.sleep(0.02)
    assert list(stores.blobs.names()) == [row.id, piece]
    assert find(stores).clean
    stray = f"{STRAY}p0000"
    blob(stores, stray)
    assert find(stores) == Findings([stray], [], [], [])


def test_a_call_that_is_arriving_is_no_finding(stores: Stores) -> None:
    stores.keys.create(STRAY)
    draft(stores, STRAY)
    assert find(stores).clean


def test_a_lost_report_key_is_found(stores: Stores, centre: Centre, now: Frozen) -> None:
    report = worlds.build(stores, centre, now).ids["report.finished"]
    stores.keys.destroy([report])
    assert find(stores).rows_without_keys == [report]


def test_an_unmounted_volume_has_no_findings(centre: Centre, stores: Stores) -> None:
    centre.call()
    folder = stores.settings.blobs.folder
    folder.rename(folder.with_name("unmounted"))
    with pytest.raises(Unavailable):
        find(stores)
    folder.with_name("unmounted").rename(folder)
    assert find(stores).clean


@pytest.mark.rule("RET-8")
def test_a_foreign_volume_is_neither_empty_nor_full_of_strays(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    """Mounted by mistake where ours was: nothing on it is touched, nothing of ours counts as lost."""
    centre.call()
    folder = stores.settings.blobs.folder
    folder.rename(folder.with_name("ours"))
    Folder.create(folder)
    blob(stores, STRAY, 1000)
    now.move(timedelta(hours=3))
    for ask in (
        lambda: find(stores),
        lambda: reconcile.clear_strays(stores, timedelta(0)),
        lambda: list(reconcile.missing(stores)),
    ):
        with pytest.raises(ForeignVolume):
            ask()
    assert stores.blobs.present(STRAY)


@pytest.mark.rule("RET-8")
def test_on_a_foreign_volume_nothing_is_written_and_nothing_counts_as_unlinked(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    """What is due loses its key, and is called erased once its file has gone from our own volume."""
    centre.call()
    (call,) = stores.blobs.names()
    folder = stores.settings.blobs.folder
    folder.rename(folder.with_name("ours"))
    foreign = Folder.create(folder)
    with pytest.raises(ForeignVolume):
        centre.call()
    assert not list(foreign.names())
    now.move(timedelta(days=28))
    erasure.erase_due(stores, system("erase"))
    assert not stores.keys.holds([call])
    folder.rename(folder.with_name("theirs"))
    folder.with_name("ours").rename(folder)
    assert stores.blobs.present(call)
    now.move(timedelta(hours=1))
    assert erasure.erase_due(stores, system("erase")).erased == 1
    assert not stores.blobs.present(call)


def test_an_empty_database_does_not_take_a_full_volume(stores: Stores) -> None:
    """A database that was lost and made anew would call all of it strays."""
    blob(stores, STRAY, 1000)
    with stores.database.write() as session:
        session.delete(session.get_one(volume.VolumeSeen, 1))
    with pytest.raises(ForeignVolume):
        reconcile.clear_strays(stores)
    assert stores.blobs.present(STRAY)


def test_many_that_see_a_volume_first_bind_it_once(stores: Stores) -> None:
    """Threads of one process, and processes, that begin on a fresh installation together."""
    with stores.database.write() as session:
        session.delete(session.get_one(volume.VolumeSeen, 1))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: volume.check(stores), range(16))) == [None] * 16


def test_the_first_sound_of_whoever_bound_it_is_not_taken_for_a_stranger_s(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look at the database and at the volume, another process binds it and begins to write."""
    with stores.database.write() as session:
        session.delete(session.get_one(volume.VolumeSeen, 1))
    empty = volume._empty

    def overtaken(session: Session) -> bool:
        found = empty(session)
        with monkeypatch.context() as as_the_other:
            as_the_other.setattr(volume, "_empty", empty)
            volume.check(stores)
        blob(stores, STRAY, 1000)
        return found

    monkeypatch.setattr(volume, "_empty", overtaken)
    volume.check(stores)


def test_a_volume_of_before_gets_its_own_mark(tmp_path: Path) -> None:
    """Once, and the same for everybody who looks."""
    folder = Folder.create(tmp_path / "old")
    (tmp_path / "old" / ".kcc-volume").write_text("kcc volume 1\n")
    mark = folder.identity()
    assert len(mark) == 32
    assert Folder(tmp_path / "old").identity() == mark
    assert Folder.create(tmp_path / "another").identity() != mark


def test_the_daily_look_tells_the_status_page(centre: Centre, stores: Stores) -> None:
    from kcc import status

    centre.calls(2)
    stores.blobs.delete([traces.recordings(stores)[0].id])
    (job,) = (job for job in timetable(stores.settings.scheduler) if job.name == "reconcile")
    assert "missing" not in status.gather(stores)["recordings"]
    done = runner.run(stores, job)
    assert done
    assert done.outcome == "failed"
    assert status.gather(stores)["recordings"]["missing"] == 1
    assert clock.now()


@pytest.mark.rule("RET-1", "RET-8")
def test_a_poisoned_item_waits_longer_each_time_and_the_others_go_on(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    centre.calls(3)
    bad = traces.recordings(stores)[0].id
    path = next(path for path in traces.files(stores) if path.name == bad)
    path.unlink()
    (path / "in the way").mkdir(parents=True)
    now.move(timedelta(days=28))
    done = erasure.erase_due(stores, system("erase"))
    assert (done.erased, done.failed) == (2, 1)
    tried = 1
    for _ in range(12):
        now.move(timedelta(hours=1))
        tried += erasure.erase_due(stores, system("erase")).due
    assert tried == 5, "three in a row, then after 2 and 4 hours, not twelve times"
    from kcc import status

    assert status.gather(stores)["recordings"]["failing"] == 1
    assert erasure.erase_due(stores, system("erase"), dry_run=True).due == 1
    (path / "in the way").rmdir()
    path.rmdir()
    now.move(timedelta(hours=24))
    assert erasure.erase_due(stores, system("erase")).erased == 1
    assert status.gather(stores)["recordings"]["failing"] == 0
    assert traces.amounts(stores) == (0, 0, 0)
