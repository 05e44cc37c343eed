"""What any store of blobs promises, held on a folder and on a bucket alike: whole or absent, never
replaced, never short.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kcc.errors import Invalid, Unavailable
from kcc.vault.blobs import BlobExists, BlobGone, Blobs, Folder
from kcc.vault.s3 import S3Blobs
from tests import seaweed
from tests.vault.buckets import Bucket, bucket

NAME, OTHER = "ab" + "0" * 30, "cd" + "1" * 30
LATER = datetime.now(UTC) + timedelta(hours=1)


@dataclass
class Place:
    """A store, and what it holds as seen from beside it."""

    blobs: Blobs
    objects: Callable[[], list[str]]
    """Everything that lies there: marker, blobs and drafts."""
    plant: Callable[[str], object]
    """Leave a stranger's file."""
    take_away: Callable[[], object]
    """As an unmounted disk, or another bucket under the same name."""
    reopen: Callable[[], Blobs]
    create: Callable[[], Blobs]


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty volume of each kind."""
    if request.param == "folder":
        path = tmp_path / "volume"
        yield _in_folder(path)
        return
    with bucket(request.getfixturevalue("s3_server")) as found:
        yield _in_bucket(found)


def _in_folder(path: Path) -> Place:
    def objects() -> list[str]:
        return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())

    def plant(name: str) -> None:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("a stranger")

    def take_away() -> None:
        path.rename(path.with_name("elsewhere"))
        path.mkdir()

    return Place(
        Folder.create(path), objects, plant, take_away, lambda: Folder(path), lambda: Folder.create(path)
    )


def _in_bucket(found: Bucket) -> Place:
    credentials = (seaweed.KEY_ID, seaweed.SECRET)
    return Place(
        S3Blobs.create(found.place, *credentials),
        found.objects,
        lambda name: found.put(name, b"a stranger"),
        found.empty,
        lambda: S3Blobs(found.place, *credentials),
        lambda: S3Blobs.create(found.place, *credentials),
    )


def put(blobs: Blobs, name: str, content: bytes) -> None:
    with blobs.writer(name) as blob:
        blob.write(content)
        blob.commit()


def test_what_was_committed_comes_back(place: Place) -> None:
    content = bytes(range(256)) * 5000
    with place.blobs.writer(NAME) as blob:
        for start in range(0, len(content), 300_000):
            blob.write(memoryview(content)[start : start + 300_000])
        blob.commit()
    with place.blobs.open(NAME) as blob:
        assert blob.size == len(content)
        assert blob.read_at(0, blob.size) == content
        assert blob.read_at(1000, 10) == content[1000:1010]
        assert blob.read_at(blob.size - 5, 10) == content[-5:]
    assert place.objects() == [".kcc-volume", f"ab/{NAME}"]


def test_an_empty_blob_is_a_blob(place: Place) -> None:
    put(place.blobs, NAME, b"")
    with place.blobs.open(NAME) as blob:
        assert blob.size == 0


def test_nothing_is_there_before_the_commit_or_without_it(place: Place) -> None:
    with place.blobs.writer(NAME) as blob:
        blob.write(b"half")
        with pytest.raises(BlobGone):
            place.blobs.open(NAME)
        assert list(place.blobs.names()) == []
    assert place.objects() == [".kcc-volume"]


def test_a_writer_left_by_a_fault_leaves_nothing(place: Place) -> None:
    def fail() -> None:
        with place.blobs.writer(NAME) as blob:
            blob.write(b"half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        fail()
    assert place.objects() == [".kcc-volume"]


def test_a_name_is_never_taken_twice(place: Place) -> None:
    put(place.blobs, NAME, b"first")
    with pytest.raises(BlobExists):
        put(place.blobs, NAME, b"second")
    with place.blobs.open(NAME) as blob:
        assert blob.read_at(0, 10) == b"first"
    assert place.objects() == [".kcc-volume", f"ab/{NAME}"]


def test_of_two_writers_of_one_name_one_wins_whole(place: Place) -> None:
    def write(number: int) -> bool:
        try:
            put(place.blobs, NAME, bytes([number]) * 1000)
        except BlobExists:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(write, range(8))) == 1
    with place.blobs.open(NAME) as blob:
        assert len(set(blob.read_at(0, 1000))) == 1


@pytest.mark.parametrize(
    "name",
    [
        "",
        "short",
        "x" * 65,
        "../../etc/passwd",
        "ABCDEFGH",
        "abcdefg/",
        "abcdefg\0",
        "abcdefgh\n",
        "ab.cdefgh",
    ],
)
def test_a_name_that_could_lead_elsewhere_is_refused(place: Place, name: str) -> None:
    put(place.blobs, NAME, b"x")
    for use in (place.blobs.open, place.blobs.writer, lambda each: place.blobs.delete([NAME, each])):
        with pytest.raises(Invalid):
            use(name)
    assert list(place.blobs.names()) == [NAME]


def test_names_lists_every_blob_and_nothing_else(place: Place) -> None:
    names = [f"{number:02x}{number:030x}" for number in range(0, 256, 5)]
    for name in names:
        put(place.blobs, name, b"x")
    place.plant("ab/README")
    place.plant("lost+found/README")
    assert list(place.blobs.names()) == names


def test_deleting_is_repeatable(place: Place) -> None:
    put(place.blobs, NAME, b"x")
    put(place.blobs, OTHER, b"x")
    for _again in range(2):
        place.blobs.delete([NAME, "99" + "9" * 30, OTHER])
    place.blobs.delete([])
    assert place.objects() == [".kcc-volume"]
    with pytest.raises(BlobGone):
        place.blobs.open(NAME)


def test_many_are_deleted_at_once(place: Place) -> None:
    names = [f"{number:02x}{number:030x}" for number in range(150)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: put(place.blobs, name, b"x"), names))
    place.blobs.delete(names)
    assert list(place.blobs.names()) == []


def test_an_open_blob_is_closed_once_and_reads_no_more(place: Place) -> None:
    put(place.blobs, NAME, b"abcdef")
    blob = place.blobs.open(NAME)
    assert blob.read_at(6, 10) == b""
    assert blob.read_at(2, 0) == b""
    blob.close()
    blob.close()
    with pytest.raises(ValueError, match="closed"):
        blob.read_at(0, 1)


def test_presence_and_age(place: Place) -> None:
    assert not place.blobs.present(NAME)
    assert not place.blobs.older(NAME, LATER)
    put(place.blobs, NAME, b"x")
    assert place.blobs.present(NAME)
    assert place.blobs.older(NAME, LATER)
    assert not place.blobs.older(NAME, LATER - timedelta(hours=2))


def test_what_a_killed_writer_left_is_found_and_swept(place: Place) -> None:
    dead = place.blobs.writer(OTHER)
    dead.__enter__()
    drafts = [name for name in place.objects() if name.startswith(".arriving")]
    dead.__exit__(None, None, None)
    assert place.objects() == [".kcc-volume"]
    place.plant(drafts[0])
    assert place.blobs.abandoned(LATER - timedelta(hours=2)) == set()
    assert place.blobs.sweep(LATER - timedelta(hours=2)) == 0
    assert place.blobs.abandoned(LATER) == {OTHER}
    assert place.blobs.sweep(LATER) == 1
    assert place.blobs.abandoned(LATER) == set()
    assert place.objects() == [".kcc-volume"]


def test_an_absent_volume_is_unavailable_and_never_empty(place: Place) -> None:
    put(place.blobs, NAME, b"x")
    place.take_away()
    uses: list[Callable[[], object]] = [
        place.blobs.check,
        lambda: place.blobs.open(NAME),
        lambda: place.blobs.delete([NAME]),
        lambda: list(place.blobs.names()),
        lambda: place.blobs.sweep(LATER),
        lambda: place.blobs.abandoned(LATER),
        lambda: place.blobs.present(NAME),
        place.reopen,
    ]
    for use in uses:
        with pytest.raises(Unavailable) as refusal:
            use()
        assert not isinstance(refusal.value, BlobGone)


def test_a_volume_that_goes_away_during_a_listing_is_no_short_list(place: Place) -> None:
    put(place.blobs, NAME, b"x")
    put(place.blobs, OTHER, b"x")
    names = place.blobs.names()
    assert next(names) == NAME
    place.take_away()
    with pytest.raises(Unavailable):
        list(names)


def test_only_an_empty_place_becomes_a_volume(place: Place) -> None:
    put(place.blobs, NAME, b"x")
    assert list(place.create().names()) == [NAME]
    place.take_away()
    place.plant("letter.txt")
    with pytest.raises(Unavailable, match="not empty"):
        place.create()
    assert place.objects() == ["letter.txt"]
