"""The key store: keys are durable, private and truly gone once destroyed; on SQLite and on PostgreSQL."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select

from kcc.errors import Unavailable
from kcc.vault.keyrows import keys
from kcc.vault.keystore import KeyExists, KeyGone, KeyStore
from kcc.vault.roots import RootUnusable
from kcc.vault.sealing import SealBroken


@pytest.fixture
def sqlite(tmp_path: Path, root_file: Path) -> Iterator[tuple[KeyStore, Path]]:
    """A key store in an SQLite file, and the file."""
    path = tmp_path / "embedded" / "keys.sqlite"
    store = KeyStore.open(f"sqlite:///{path}", root_file)
    yield store, path
    store.close()


def test_a_key_comes_back_also_after_reopening(store: KeyStore, keystore_url: str, root_file: Path) -> None:
    key = store.create("rec-1")
    assert len(key) == 32
    assert store.get("rec-1") == key
    store.close()
    again = KeyStore.open(keystore_url, root_file)
    assert again.get("rec-1") == key
    again.close()


def test_many_keys_are_made_in_one_go_and_all_differ(store: KeyStore) -> None:
    ids = [f"rec-{number}" for number in range(1200)]
    made = store.create_many(ids)
    assert len(set(made.values())) == 1200
    assert store.get_many([*ids, "absent"]) == made
    assert store.holds([*ids, "absent"]) == set(ids)
    assert store.create_many([]) == {}


def test_an_existing_key_is_never_replaced(store: KeyStore) -> None:
    key = store.create("rec-1")
    for again in (["rec-1"], ["rec-0", "rec-1"], ["rec-2", "rec-2"]):
        with pytest.raises(KeyExists):
            store.create_many(again)
    assert store.get("rec-1") == key
    assert list(store.ids()) == ["rec-1"]


@pytest.mark.parametrize("key_id", ["", "x" * 129])
def test_an_id_that_cannot_be_kept_is_a_mistake(store: KeyStore, key_id: str) -> None:
    with pytest.raises(ValueError, match="1 to 128"):
        store.create(key_id)


def test_an_absent_key_is_gone(store: KeyStore) -> None:
    with pytest.raises(KeyGone) as refusal:
        store.get("rec-1")
    assert refusal.value.code == "key_gone"


@pytest.mark.rule("RET-8")
def test_a_destroyed_key_is_gone_for_every_process_at_once(
    store: KeyStore, keystore_url: str, root_file: Path
) -> None:
    beside = KeyStore.open(keystore_url, root_file)
    store.create_many(["rec-1", "rec-2"])
    assert beside.get("rec-1")
    store.destroy(["rec-1"])
    for each in (store, beside):
        with pytest.raises(KeyGone):
            each.get("rec-1")
        assert each.get("rec-2")
    beside.close()


def test_destroying_is_repeatable_and_minds_no_absent_key(store: KeyStore) -> None:
    ids = [f"rec-{number}" for number in range(1200)]
    store.create_many(ids)
    for _again in range(2):
        store.destroy([*ids[:1100], "absent"])
    store.destroy([])
    assert list(store.ids()) == sorted(ids[1100:])


def test_ids_run_through_all_pages(store: KeyStore) -> None:
    ids = sorted(f"rec-{number}" for number in range(2500))
    store.create_many(ids)
    assert list(store.ids()) == ids


def test_threads_create_read_and_destroy_together(store: KeyStore) -> None:
    def live(number: int) -> bool:
        mine = [f"rec-{number}-{each}" for each in range(12)]
        made = {key_id: store.create(key_id) for key_id in mine}
        right = all(store.get(key_id) == key for key_id, key in made.items())
        store.destroy(mine[:6])
        return right and store.holds(mine) == set(mine[6:])

    with ThreadPoolExecutor(24) as threads:
        assert all(threads.map(live, range(24)))
    assert len(list(store.ids())) == 24 * 6


def test_processes_may_open_a_new_store_together(keystore_url: str, root_file: Path) -> None:
    program = (
        "import sys, pathlib; from kcc.vault.keystore import KeyStore;"
        "s = KeyStore.open(sys.argv[1], pathlib.Path(sys.argv[2])); s.create(sys.argv[3]); s.close()"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, keystore_url, root_file, f"rec-{number}"])
        for number in range(5)
    ]
    assert [process.wait(60) for process in started] == [0] * 5
    store = KeyStore.open(keystore_url, root_file)
    assert len(store.get_many(store.ids())) == 5
    store.close()


def test_a_row_moved_under_another_id_does_not_open(store: KeyStore, keystore_url: str) -> None:
    store.create("rec-1")
    engine = create_engine(keystore_url)
    with engine.begin() as connection:
        row = connection.execute(select(keys)).one()._asdict()
        connection.execute(insert(keys), [row | {"key_id": "rec-2"}])
    engine.dispose()
    with pytest.raises(SealBroken):
        store.get("rec-2")


def test_a_missing_root_is_not_made_anew_while_there_are_keys(
    store: KeyStore, keystore_url: str, root_file: Path
) -> None:
    store.create("rec-1")
    root_file.rename(root_file.with_name("elsewhere"))
    with pytest.raises(RootUnusable, match="missing"):
        KeyStore.open(keystore_url, root_file)
    with pytest.raises(RootUnusable, match="missing"):
        store.get("rec-1")
    with pytest.raises(RootUnusable, match="missing"):
        store.create("rec-2")
    assert not root_file.exists()
    root_file.with_name("elsewhere").rename(root_file)
    assert store.get("rec-1")
    assert list(store.ids()) == ["rec-1"]


def test_another_stores_root_is_refused(
    store: KeyStore, keystore_url: str, root_file: Path, tmp_path: Path
) -> None:
    store.create("rec-1")
    KeyStore.open(f"sqlite:///{tmp_path / 'other.sqlite'}", tmp_path / "other.key").close()
    (tmp_path / "other.key").replace(root_file)
    with pytest.raises(RootUnusable, match="belong"):
        KeyStore.open(keystore_url, root_file)
    with pytest.raises(RootUnusable, match="belong"):
        store.get("rec-1")


def test_a_database_that_does_not_answer_is_unavailable(tmp_path: Path, root_file: Path) -> None:
    (tmp_path / "keys.sqlite").write_bytes(b"this is no database at all" * 100)
    for url in (
        f"sqlite:///{tmp_path / 'keys.sqlite'}",
        f"sqlite:///{tmp_path / 'keys.sqlite' / 'below a file'}",
        "sqlite://",
        "postgresql://nobody@/nowhere?host=/nonexistent",
    ):
        with pytest.raises(Unavailable):
            KeyStore.open(url, root_file)


def test_the_files_are_the_owners_alone(sqlite: tuple[KeyStore, Path], root_file: Path) -> None:
    store, path = sqlite
    store.create("rec-1")
    files = [root_file, *path.parent.iterdir()]
    assert len(files) == 4  # the root, the database, its log and its index
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600"] * 4


@pytest.mark.rule("RET-8")
def test_destroyed_keys_leave_no_trace_in_the_files(sqlite: tuple[KeyStore, Path]) -> None:
    store, path = sqlite
    store.create_many([f"rec-{number:05}" for number in range(3000)])
    wrapped = _wrapped(path)
    destroyed = [key_id for number, key_id in enumerate(sorted(wrapped)) if number % 3]
    store.destroy(destroyed)
    remains = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert [key_id for key_id in destroyed if wrapped[key_id] in remains] == []
    assert all(wrapped[key_id] in remains for key_id in store.ids())


def test_a_key_is_on_the_disk_when_create_returns(tmp_path: Path, root_file: Path) -> None:
    program = (
        "import os, sys, pathlib; from kcc.vault.keystore import KeyStore;"
        "s = KeyStore.open(sys.argv[1], pathlib.Path(sys.argv[2]));"
        "print(s.create('rec-1').hex(), flush=True); os.kill(os.getpid(), 9)"
    )
    url = f"sqlite:///{tmp_path / 'keys.sqlite'}"
    died = subprocess.run([sys.executable, "-c", program, url, root_file], capture_output=True, text=True)
    assert died.returncode == -9
    store = KeyStore.open(url, root_file)
    assert store.get("rec-1").hex() == died.stdout.strip()
    store.close()


def _wrapped(path: Path) -> dict[str, bytes]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = {row.key_id: row.wrapped for row in connection.execute(select(keys))}
    engine.dispose()
    return found


def test_opening_it_again_drops_no_lock(tmp_path: Path) -> None:
    """SQLite's locks are the process's: a second opening that closed the file would let another process take
    the log away under the first.
    """
    place, root = f"sqlite:///{tmp_path / 'keys.db'}", tmp_path / "root.key"
    first = KeyStore.open(place, root)
    first.create("a")
    KeyStore.open(place, root).close()
    other = (
        "import sys; from pathlib import Path; from kcc.vault.keystore import KeyStore\n"
        "store = KeyStore.open(sys.argv[1], Path(sys.argv[2])); store.destroy(['a']); store.close()"
    )
    subprocess.run([sys.executable, "-c", other, place, str(root)], check=True)
    assert first.holds(["a"]) == set()
    first.create("b")
    assert KeyStore.open(place, root).holds(["b"]) == {"b"}
    first.close()
