"""A bucket that dies, dawdles or is cut off: clear errors in bounded time, and never a lost recording."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from kcc import clock, config, sections
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.errors import Unavailable
from kcc.recordings.erasure import erase_due
from kcc.recordings.reconcile import clear_strays
from kcc.stores import Stores, create_blobs
from kcc.vault.blobs import BlobGone
from kcc.vault.s3 import S3Blobs
from tests import seaweed
from tests.centre import build
from tests.recordings import traces
from tests.recordings.inbox import left, put, run
from tests.vault.buckets import Bucket
from tests.waiting import wait_for

pytestmark = pytest.mark.faults

_T = TypeVar("_T")

NAME = "ab" + "0" * 30
LATER = datetime.now(UTC) + timedelta(hours=1)
LARGE = bytes(range(256)) * 4096 * 20
HURRIED = 2
"""Seconds that a request may take where it is the time-out that is tested; elsewhere it has a minute."""
BOUND = 60.0
"""Seconds within which any deed on a store that hurries or is gone has ended, on a busy machine too."""


@pytest.fixture(scope="module")
def mortal() -> Iterator[seaweed.Server]:
    """A server of this module's own, to be killed."""
    with seaweed.server() as server:
        yield server


@pytest.fixture
def found(mortal: seaweed.Server, request: pytest.FixtureRequest) -> Bucket:
    """A folder of its bucket, on a server that runs."""
    if mortal.process is None:
        mortal.start()
    return Bucket(mortal, f"test-{abs(hash(request.node.name))}")


@pytest.fixture
def proxy(mortal: seaweed.Server) -> Iterator[seaweed.Proxy]:
    """A way to the server that can be slowed and cut."""
    made = seaweed.Proxy(mortal.port)
    yield made
    made.close()


@pytest.fixture
def stores(
    settings: config.Settings, found: Bucket, proxy: seaweed.Proxy, now: Frozen, tmp_path: Path
) -> Iterator[Stores]:
    """An installation whose sound lies in the bucket, behind the proxy, on the bucket's clock."""
    now.set(datetime.now(UTC) + timedelta(seconds=2))
    blobs = sections.Blobs(
        url=found.server.url(found.prefix, proxy.port),
        credentials_file=seaweed.credentials(tmp_path),
    )
    settings = settings.model_copy(update={"blobs": blobs})
    create_blobs(settings)
    made = Stores.open(settings)
    build(made)
    yield made
    made.close()


def opened(found: Bucket) -> S3Blobs:
    """The volume, reached directly and without haste."""
    return S3Blobs.create(found.place, seaweed.KEY_ID, seaweed.SECRET)


def hurried(found: Bucket, port: int) -> S3Blobs:
    """The same through a proxy, with a short time-out."""
    return S3Blobs(found.through(port, timeout=HURRIED), seaweed.KEY_ID, seaweed.SECRET)


def at_last(use: Callable[[], _T]) -> _T:
    """What it gives as soon as the store is quick enough for it."""
    until = time.monotonic() + BOUND
    while True:
        try:
            return use()
        except Unavailable:
            if time.monotonic() > until:
                raise


def test_a_server_killed_during_an_upload_leaves_no_blob(mortal: seaweed.Server, found: Bucket) -> None:
    blobs, began = opened(found), time.monotonic()

    def write() -> None:
        with blobs.writer(NAME) as blob:
            blob.write(LARGE[: 12 << 20])
            mortal.kill()
            blob.write(LARGE[12 << 20 :])
            blob.commit()

    with pytest.raises(Unavailable):
        write()
    assert time.monotonic() - began < BOUND
    mortal.start()
    again = S3Blobs(found.place, seaweed.KEY_ID, seaweed.SECRET)
    assert list(again.names()) == []
    with pytest.raises(BlobGone):
        again.open(NAME)
    assert again.abandoned(LATER) == {NAME}  # which leads the search for strays to its key
    assert again.sweep(LATER) == 1
    with again.writer(NAME) as blob:
        blob.write(LARGE)
        blob.commit()
    assert list(again.names()) == [NAME]


def test_a_silent_server_is_told_in_bounded_time(found: Bucket, proxy: seaweed.Proxy) -> None:
    with opened(found).writer(NAME) as blob:
        blob.write(b"x")
        blob.commit()
    blobs = at_last(lambda: hurried(found, proxy.port))
    reading = at_last(lambda: blobs.open(NAME))
    proxy.silent = True
    for use in (
        blobs.check,
        lambda: blobs.open(NAME),
        lambda: reading.read_at(0, 1),
        lambda: blobs.delete([NAME]),
        lambda: list(blobs.names()),
        lambda: blobs.writer(NAME).__enter__(),
    ):
        began = time.monotonic()
        with pytest.raises(Unavailable) as told:
            use()
        assert time.monotonic() - began < BOUND
        assert not isinstance(told.value, BlobGone)
    proxy.silent = False
    at_last(blobs.check)
    assert at_last(lambda: blobs.present(NAME))


def test_a_cut_upload_keeps_the_recorders_file(
    stores: Stores, proxy: seaweed.Proxy, found: Bucket, now: Frozen, tmp_path: Path
) -> None:
    """Cut after ever more bytes, until a delivery goes through: each time the call is here or still there."""
    folder, cut = tmp_path / "source", 0
    put(folder, "a.wav")
    while left(folder):
        cut += 2_000
        proxy.left = cut
        (answer,) = run(stores, folder).values()
        proxy.left = None
        rows = traces.recordings(stores)
        assert answer.removed == bool(rows)
        assert answer.removed or answer.code not in ("stored", "known")
        assert cut < 200_000
    assert cut > 2_000
    (row,) = traces.recordings(stores)
    now.move(timedelta(hours=2))
    clear_strays(stores)
    assert found.objects() == [".kcc-volume", f"{row.id[:2]}/{row.id}"]
    assert traces.keys(stores) == [row.id]


@pytest.mark.rule("RET-8")
@pytest.mark.in_part("postgresql")
def test_an_erasure_without_its_bucket_destroys_the_keys_and_is_finished_later(
    stores: Stores, mortal: seaweed.Server, found: Bucket, now: Frozen, tmp_path: Path
) -> None:
    put(tmp_path / "source", "a.wav")
    run(stores, tmp_path / "source")
    (row,) = traces.recordings(stores)
    now.set(clock.now() + timedelta(days=29))
    mortal.kill()
    began = time.monotonic()
    done = erase_due(stores, system("erase"))
    assert time.monotonic() - began < BOUND
    assert (done.erased, done.failed) == (0, 1)
    assert traces.keys(stores) == []
    assert traces.tombstones(stores) == []  # never "erased" before it is
    mortal.start()
    assert found.objects() == [".kcc-volume", f"{row.id[:2]}/{row.id}"]
    wait_for(lambda: erase_due(stores, system("erase")).erased == 1)  # it has only just come back
    assert found.objects() == [".kcc-volume"]
    assert [each.recording_id for each in traces.tombstones(stores)] == [row.id]
