"""Disks that run full under an intake: no key, no blob, no row, and the source stays."""

import errno
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from kcc import config, failpoints, sections
from kcc.clock import Frozen
from kcc.recordings.model import VolumeSeen
from kcc.recordings.reconcile import clear_strays
from kcc.stores import Stores
from kcc.vault.folder import Folder
from tests.centre import build
from tests.faults.conftest import live_by_the_files_clock
from tests.recordings import traces
from tests.recordings.inbox import left, put, run
from tests.sounds import wav

pytestmark = pytest.mark.faults


@pytest.mark.in_part("postgresql")
def test_a_full_volume_refuses_what_does_not_fit_and_stops(
    stores: Stores, small_disk: Path, tmp_path: Path
) -> None:
    blobs = Folder.create(small_disk / "blobs")
    settings = stores.settings.model_copy(update={"blobs": sections.Blobs(folder=small_disk / "blobs")})
    small = Stores(settings, stores.database, stores.keys, blobs)
    with stores.database.write() as session:
        session.delete(
            session.get_one(VolumeSeen, 1)
        )  # the small one is this installation's, not that before
    build(small)
    folder = tmp_path / "source"
    put(folder, "a-small.wav", wav(1.0))
    for number in range(30):
        put(folder, f"large-{number:02}.wav", wav(600.0 + number))
    answers = run(small, folder, workers=2)
    codes = [answer.code for answer in answers.values()]
    assert codes.count("stored") == 1
    assert set(codes) == {"stored", "disk_full"}
    assert len(codes) < 30, "the run goes on although the disk is full for all"
    assert traces.amounts(small) == (1, 1, 1)
    assert len(left(folder)) == 60


def test_a_key_that_cannot_be_destroyed_keeps_its_draft_for_the_sweep(
    stores: Stores, now: Frozen, tmp_path: Path
) -> None:
    """A disk that runs full after the key was made refuses its destruction, too, but no unlinking."""

    def full(name: str, after: bool) -> None:
        if name == "draft.write" and not after:
            raise OSError(errno.ENOSPC, "full")
        if name == "keys.destroy" and not after:
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("database or disk is full"))

    build(stores)
    folder = tmp_path / "source"
    put(folder, "a.wav")
    with failpoints.armed(full):
        (answer,) = run(stores, folder).values()
    assert (answer.code, answer.removed) == ("disk_full", False)
    (orphan,) = traces.keys(stores)
    assert stores.blobs.arriving() == {orphan}, "nothing leads to the key"
    live_by_the_files_clock(now)
    clear_strays(stores, timedelta(0))
    assert traces.amounts(stores) == (0, 0, 0)


def test_a_full_database_refuses_and_takes_key_and_blob_back(
    small_disk: Path, migrated_sqlite: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated_sqlite, small_disk / "kcc.db")
    settings = config.parse(
        {
            "database": {"url": f"sqlite:///{small_disk / 'kcc.db'}"},
            "keystore": {
                "url": f"sqlite:///{tmp_path / 'keys.db'}",
                "root_file": str(tmp_path / "root.key"),
            },
            "blobs": {"folder": str(tmp_path / "blobs")},
        },
        tmp_path,
    )
    Folder.create(settings.blobs.folder)
    stores = Stores.open(settings)
    build(stores)
    folder = tmp_path / "source"
    put(folder, "a.wav")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    (answer,) = run(stores, folder).values()
    assert (answer.code, answer.removed) == ("database", False)
    assert traces.keys(stores) == []
    assert traces.files(stores) == []
    filler.unlink()
    assert traces.amounts(stores) == (0, 0, 0)
    (answer,) = run(stores, folder).values()
    assert (answer.code, answer.removed) == ("stored", True)
    assert traces.amounts(stores) == (1, 1, 1)
    stores.close()
