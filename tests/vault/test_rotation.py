"""Rotation: the old root is destroyed only when no key needs it, whatever breaks off in between."""

import os
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, update

from kcc.vault.keyrows import keys
from kcc.vault.keystore import KeyGone, KeyStore
from kcc.vault.roots import Root, RootFile, Roots, RootUnusable
from kcc.vault.sealing import SealBroken

NOW = datetime(2027, 3, 1, 3, tzinfo=UTC)
ROTATE = """
import sys, pathlib, datetime
from kcc.vault.keystore import KeyStore
store = KeyStore.open(sys.argv[1], pathlib.Path(sys.argv[2]))
store.rotate(datetime.datetime.now(datetime.UTC))
"""
needs_strace = pytest.mark.skipif(
    not shutil.which("strace"), reason="strace injects the faults; it is not here"
)


def test_rotation_keeps_every_key_and_destroys_the_old_root(store: KeyStore, root_file: Path) -> None:
    made = store.create_many([f"rec-{number}" for number in range(1203)])
    before = RootFile(root_file).read()
    assert store.rotate(NOW) == 1203
    after = RootFile(root_file).read()
    assert after.previous is None
    assert after.current.id != before.current.id
    assert after.current.made_at == NOW
    assert before.current.key.hex() not in root_file.read_text()
    assert store.get_many(made) == made
    assert [path.name for path in root_file.parent.iterdir()] == ["root.key"]


@pytest.mark.rule("RET-8")
def test_an_old_copy_of_the_rows_does_not_open_after_rotation(
    store: KeyStore, keystore_url: str, root_file: Path
) -> None:
    store.create_many(["rec-1", "rec-2"])
    engine = create_engine(keystore_url)
    with engine.connect() as connection:
        copy = [row._asdict() for row in connection.execute(select(keys).where(keys.c.key_id == "rec-1"))]
    store.destroy(["rec-1"])
    store.rotate(NOW)
    with engine.begin() as connection:
        connection.execute(insert(keys), copy)  # a backup is put back
    with pytest.raises(RootUnusable):
        store.get("rec-1")
    root = RootFile(root_file).read().current
    with engine.begin() as connection:
        connection.execute(update(keys).where(keys.c.key_id == "rec-1").values(root_id=root.id))
    engine.dispose()
    with pytest.raises(SealBroken):
        store.get("rec-1")
    assert store.get("rec-2")


@pytest.mark.rule("RET-8")
def test_the_old_roots_own_bytes_are_wiped(store: KeyStore, root_file: Path) -> None:
    """A second name for the file shows what became of its bytes on the disk."""
    os.link(root_file, root_file.with_name("same-file"))
    store.rotate(NOW)
    assert not root_file.with_name("same-file").read_bytes().strip(b"\0")


def test_a_rotation_needs_an_instant(store: KeyStore) -> None:
    with pytest.raises(ValueError, match="naive"):
        store.rotate(NOW.replace(tzinfo=None))


def test_rotation_of_an_empty_store_and_twice_in_a_row(store: KeyStore, root_file: Path) -> None:
    assert store.rotate(NOW) == 0
    first = RootFile(root_file).read().current.id
    assert store.rotate(NOW) == 0
    assert RootFile(root_file).read().current.id != first


@pytest.mark.faults
@needs_strace
@pytest.mark.parametrize(
    ("call", "turn"), [*(("fsync", turn) for turn in range(1, 7)), ("rename", 1), ("rename", 2)]
)
def test_a_kill_at_any_step_of_the_root_file_loses_no_key(
    store: KeyStore, keystore_url: str, root_file: Path, call: str, turn: int
) -> None:
    made = store.create_many([f"rec-{number:04}" for number in range(603)])
    assert _rotation(keystore_url, root_file, call, f"signal=KILL:when={turn}") in (-9, 137)
    _all_well_after_next_rotation(keystore_url, root_file, made)


@pytest.mark.faults
@needs_strace
@pytest.mark.parametrize(
    ("call", "turn"), [*(("fdatasync", turn) for turn in range(1, 6)), ("pwrite64", 1), ("pwrite64", 20)]
)
def test_a_kill_at_any_step_of_sqlite_loses_no_key(
    tmp_path: Path, root_file: Path, call: str, turn: int
) -> None:
    url = f"sqlite:///{tmp_path / 'keys.sqlite'}"
    store = KeyStore.open(url, root_file)
    made = store.create_many([f"rec-{number:04}" for number in range(603)])
    store.close()
    assert _rotation(url, root_file, call, f"signal=KILL:when={turn}") in (-9, 137)
    _all_well_after_next_rotation(url, root_file, made)


@pytest.mark.faults
@needs_strace
@pytest.mark.parametrize("turn", range(1, 7))
def test_a_disk_that_fails_under_the_root_file_loses_no_key(
    store: KeyStore, keystore_url: str, root_file: Path, turn: int
) -> None:
    made = store.create_many([f"rec-{number:04}" for number in range(603)])
    assert _rotation(keystore_url, root_file, "fsync", f"error=EIO:when={turn}") == 1
    _all_well_after_next_rotation(keystore_url, root_file, made)


def _rotation(url: str, root_file: Path, call: str, fault: str) -> int:
    """Rotate in a process of its own whose n-th system call of this kind fails or kills; its exit status."""
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    command = [*strace, f"--inject={call}:{fault}", sys.executable, "-c", ROTATE, url, root_file]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode


def _all_well_after_next_rotation(url: str, root_file: Path, made: dict[str, bytes]) -> None:
    store = KeyStore.open(url, root_file)
    assert store.get_many(made) == made
    assert store.rotate(NOW) >= len(made)
    assert store.get_many(made) == made
    assert RootFile(root_file).read().previous is None
    assert [path.name for path in root_file.parent.iterdir()] == ["root.key"]
    store.close()


def test_a_rotation_broken_off_half_way_is_finished_first(store: KeyStore, root_file: Path) -> None:
    """Both roots in the file, some keys under either: as a crash between two batches leaves it."""
    old = store.create_many(["rec-1", "rec-2"])
    file = RootFile(root_file)
    file.replace(Roots(Root.new(NOW), file.read().current))
    new = store.create_many(["rec-3", "rec-4"])
    assert store.get_many(["rec-1", "rec-2", "rec-3", "rec-4"]) == old | new
    store.destroy(["rec-1"])
    assert store.rotate(NOW) == 1 + 3
    assert store.get_many(store.ids()) == {
        key_id: key for key_id, key in (old | new).items() if key_id != "rec-1"
    }
    assert file.read().previous is None


def test_a_damaged_key_keeps_the_old_root_until_it_is_destroyed(
    store: KeyStore, keystore_url: str, root_file: Path
) -> None:
    made = store.create_many(["rec-1", "rec-2", "rec-3"])
    engine = create_engine(keystore_url)
    with engine.begin() as connection:
        connection.execute(update(keys).where(keys.c.key_id == "rec-2").values(wrapped=bytes(60)))
    engine.dispose()
    with pytest.raises(SealBroken, match="rec-2"):
        store.rotate(NOW)
    assert store.get("rec-1") == made["rec-1"]
    assert store.get("rec-3") == made["rec-3"]
    assert RootFile(root_file).read().previous is not None
    store.destroy(["rec-2"])
    store.rotate(NOW)
    assert RootFile(root_file).read().previous is None
    assert store.get("rec-3") == made["rec-3"]


def test_others_go_on_working_while_roots_change(store: KeyStore, keystore_url: str, root_file: Path) -> None:
    made = store.create_many([f"rec-{number}" for number in range(600)])
    over, faults, own = threading.Event(), [], {}

    def work(worker: int) -> None:
        beside, number = KeyStore.open(keystore_url, root_file), 0
        try:
            while not over.is_set():
                number += 1
                key_id = f"own-{worker}-{number}"
                own[key_id] = beside.create(key_id)
                assert beside.get(key_id) == own[key_id]
                assert beside.get(f"rec-{number % 600}") == made[f"rec-{number % 600}"]
        except BaseException as fault:
            faults.append(fault)
        finally:
            beside.close()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for _again in range(6):
        store.rotate(NOW)
    over.set()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert len(own) > 8
    assert store.get_many([*made, *own]) == made | own


def test_two_rotations_at_once_lose_nothing(store: KeyStore, keystore_url: str, root_file: Path) -> None:
    made = store.create_many([f"rec-{number}" for number in range(1203)])
    beside = KeyStore.open(keystore_url, root_file)
    threads = [
        threading.Thread(target=each.rotate, args=(NOW,)) for each in (store, beside) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert store.get_many(made) == made
    assert RootFile(root_file).read().previous is None
    beside.close()


def test_destroying_during_a_rotation_brings_nothing_back(store: KeyStore) -> None:
    ids = [f"rec-{number:04}" for number in range(2000)]
    store.create_many(ids)
    rotating = threading.Thread(target=store.rotate, args=(NOW,))
    rotating.start()
    for start in range(0, 1800, 200):
        store.destroy(ids[start : start + 200])
    rotating.join(60)
    assert list(store.ids()) == ids[1800:]
    with pytest.raises(KeyGone):
        store.get(ids[0])
