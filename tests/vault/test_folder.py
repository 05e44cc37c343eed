"""Blobs in a folder: whole or absent, durable when committed; an absent volume is no empty one."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kcc.errors import Unavailable
from kcc.vault.blobs import BlobGone, Blobs, Folder

NAME, OTHER = "ab" + "0" * 30, "cd" + "1" * 30
LATER = datetime.now(UTC) + timedelta(hours=1)
WRITE = """
import pathlib, sys
from kcc.errors import Unavailable
from kcc.vault.blobs import Folder
folder = Folder(pathlib.Path(sys.argv[1]))
try:
    with folder.writer(sys.argv[2]) as blob:
        blob.write(b"x" * int(sys.argv[3]))
        blob.commit()
except Unavailable as fault:
    print(fault.code)
"""
needs_strace = pytest.mark.skipif(
    not shutil.which("strace"), reason="strace injects the faults; it is not here"
)


def put(folder: Blobs, name: str, content: bytes) -> None:
    with folder.writer(name) as blob:
        blob.write(content)
        blob.commit()


def files(path: Path) -> list[str]:
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the volume lies."""
    return tmp_path / "volume"


@pytest.fixture
def folder(path: Path) -> Folder:
    """An empty volume."""
    return Folder.create(path)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A volume on a disk of 1 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "kcc-test", place], stderr=subprocess.DEVNULL
    ).returncode:
        pytest.skip("only root may mount the small disk that this test fills")
    Folder.create(place)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_deleting_is_repeatable_and_tries_all(folder: Folder, path: Path) -> None:
    put(folder, NAME, b"x")
    put(folder, OTHER, b"x")
    (path / "ef" / ("ef" + "2" * 30)).mkdir(parents=True)  # unlink refuses a directory
    with pytest.raises(Unavailable, match="ef222"):
        folder.delete(["ef" + "2" * 30, NAME, OTHER, "99" + "9" * 30])
    for _again in range(2):
        folder.delete([NAME, OTHER])
    folder.delete([])
    assert files(path) == [".kcc-volume"]


def test_an_absent_volume_is_unavailable_and_never_empty(folder: Folder, path: Path) -> None:
    put(folder, NAME, b"x")
    path.rename(path.with_name("elsewhere"))
    path.mkdir()  # the bare mount point
    uses = [
        folder.check,
        lambda: folder.open(NAME),
        lambda: folder.delete([NAME]),
        lambda: list(folder.names()),
        lambda: put(folder, NAME, b"x"),
        lambda: folder.sweep(LATER),
        lambda: Folder(path),
    ]
    for use in uses:
        with pytest.raises(Unavailable) as refusal:
            use()
        assert not isinstance(refusal.value, BlobGone)
    assert list(path.iterdir()) == []


def test_a_volume_that_goes_away_during_a_listing_is_no_short_list(folder: Folder, path: Path) -> None:
    put(folder, NAME, b"x")
    put(folder, OTHER, b"x")
    names = folder.names()
    assert next(names) == NAME
    path.rename(path.with_name("elsewhere"))
    with pytest.raises(Unavailable):
        list(names)


def test_only_an_empty_folder_becomes_a_volume(folder: Folder, path: Path, tmp_path: Path) -> None:
    put(folder, NAME, b"x")
    assert list(Folder.create(path).names()) == [NAME]
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("mine")
    with pytest.raises(Unavailable, match="not empty"):
        Folder.create(tmp_path / "home")
    assert files(tmp_path / "home") == ["letter.txt"]


def test_sweep_removes_old_drafts_of_dead_writers_only(folder: Folder, path: Path) -> None:
    dead = path / ".arriving" / f"{OTHER}.0000"
    dead.write_bytes(b"half")
    assert folder.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0
    with folder.writer(NAME) as blob:
        blob.write(b"whole")
        assert folder.sweep(LATER) == 1
        assert not dead.exists()
        blob.commit()
    assert folder.sweep(LATER) == 0
    assert list(folder.names()) == [NAME]


def test_only_a_dead_writers_draft_is_abandoned(folder: Folder, path: Path) -> None:
    with folder.writer(NAME) as blob:
        blob.write(b"x")
        assert not folder.abandoned(LATER)
        assert not folder.present(NAME)
        blob.commit()
        assert not folder.abandoned(LATER)
        assert folder.present(NAME)
    (path / ".arriving" / f"{OTHER}.00000000").write_bytes(b"of a writer that died")
    assert folder.abandoned(LATER) == {OTHER}
    assert not folder.abandoned(LATER - timedelta(hours=2))
    assert folder.sweep(LATER) == 1
    assert not folder.abandoned(LATER)


def test_a_blobs_age_is_that_of_its_last_byte(folder: Folder, path: Path) -> None:
    put(folder, NAME, b"x")
    written = datetime.now(UTC) - timedelta(hours=2)
    os.utime(path / NAME[:2] / NAME, (written.timestamp(), written.timestamp()))
    assert folder.older(NAME, written + timedelta(seconds=1))
    assert not folder.older(NAME, written)
    assert not folder.older(OTHER, LATER)
    shutil.rmtree(path)
    for ask in (folder.present, lambda name: folder.older(name, LATER), lambda _: folder.abandoned(LATER)):
        with pytest.raises(Unavailable):
            ask(NAME)


def test_free_bytes_are_the_disks(folder: Folder, small: Path) -> None:
    assert folder.free_bytes() > 1_000_000
    assert Folder(small).free_bytes() <= 1_048_576


def test_threads_read_one_blob_while_it_is_closed(folder: Folder) -> None:
    put(folder, NAME, b"abcdefghij" * 100_000)
    for _again in range(20):
        blob, refused = folder.open(NAME), threading.Event()
        wrong: list[bytes] = []

        def read(blob=blob, refused=refused, wrong=wrong) -> None:
            try:
                while (piece := blob.read_at(500_000, 10)) == b"abcdefghij":
                    pass
                wrong.append(piece)
            except ValueError:
                refused.set()

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        blob.close()
        blob.close()
        for reader in readers:
            reader.join(10)
        assert refused.is_set()
        assert wrong == []


def test_a_full_disk_is_told_and_leaves_nothing(small: Path) -> None:
    folder = Folder(small)
    put(folder, OTHER, b"x" * 500_000)
    with pytest.raises(Unavailable) as refusal:
        put(folder, NAME, b"x" * 2_000_000)
    assert refusal.value.code == "disk_full"
    assert files(small) == [".kcc-volume", f"cd/{OTHER}"]
    put(folder, NAME, b"x" * 100_000)
    assert list(folder.names()) == [NAME, OTHER]


@pytest.mark.faults
def test_a_limit_on_file_size_is_told_and_leaves_nothing(folder: Folder, path: Path) -> None:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)){WRITE}"
    done = subprocess.run(
        [sys.executable, "-c", limited, path, NAME, "1000000"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "unavailable"
    assert files(path) == [".kcc-volume"]
    assert list(folder.names()) == []


@pytest.mark.faults
@needs_strace
@pytest.mark.parametrize(
    ("call", "fault", "turn"),
    [
        ("fsync", "EIO", 1),
        ("fsync", "EIO", 2),
        ("fsync", "EIO", 3),
        ("linkat,link", "EIO", 1),
        ("mkdir", "ENOSPC", 1),
    ],
)
def test_a_failing_disk_is_told_and_leaves_nothing(
    folder: Folder, path: Path, call: str, fault: str, turn: int
) -> None:
    done = _traced(path, call, f"--inject={call}:error={fault}:when={turn}")
    assert done.stdout.strip() == ("disk_full" if fault == "ENOSPC" else "unavailable")
    assert files(path) == [".kcc-volume"]
    put(folder, NAME, b"again")


@pytest.mark.faults
@needs_strace
@pytest.mark.parametrize(
    ("call", "turn", "there"),
    [
        ("flock", 1, False),
        ("fsync", 1, False),
        ("fsync", 2, False),
        ("linkat,link", 1, False),
        ("fsync", 3, True),
    ],
)
def test_after_a_kill_there_is_a_whole_blob_or_none(
    folder: Folder, path: Path, call: str, turn: int, there: bool
) -> None:
    done = _traced(path, call, f"--inject={call}:signal=KILL:when={turn}")
    assert done.returncode in (-9, 137)
    assert list(folder.names()) == [NAME] * there
    assert folder.sweep(LATER) == 1
    assert files(path) == [".kcc-volume", *([f"ab/{NAME}"] * there)]
    if there:
        with folder.open(NAME) as blob:
            assert blob.read_at(0, 400_000) == b"x" * 300_000


@needs_strace
@pytest.mark.usefixtures("folder")
def test_data_name_and_folder_become_durable_in_that_order(path: Path, tmp_path: Path) -> None:
    """As the kernel sees it: pieces of 256 KiB, the data's fsync, the shard's, the name, the folder's."""
    log = tmp_path / "log"
    _traced(path, "openat,write,fsync,mkdir,link,linkat,unlink,close", "-y", "-o", str(log))
    seen = [line.split(maxsplit=1)[1] for line in log.read_text().splitlines() if str(path) in line]
    steps = [line for line in seen if not line.startswith(("openat", "close"))]
    assert [line.split("(")[0] for line in steps] == [
        "write",
        "write",
        "fsync",
        "mkdir",
        "fsync",
        "link",
        "fsync",
        "unlink",
    ]
    assert [int(line.rsplit("=", 1)[1]) for line in steps[:2]] == [262_144, 300_000 - 262_144]
    draft, name = f"{path}/.arriving/{NAME}.", f"{path}/ab/{NAME}"
    assert draft in steps[2]
    assert f"{path}>" in steps[4]
    assert draft in steps[5]
    assert name in steps[5]
    assert f"{path}/ab>" in steps[6]


def _traced(path: Path, calls: str, *options: str) -> subprocess.CompletedProcess[str]:
    log = [] if "-o" in options else ["-o", os.devnull]
    strace = ["strace", "-f", "-qq", "-e", f"trace={calls}", *log, *options]
    return subprocess.run(
        [*strace, sys.executable, "-B", "-c", WRITE, path, NAME, "300000"], capture_output=True, text=True
    )
