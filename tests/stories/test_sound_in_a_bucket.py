"""Sound in an S3 bucket, from the recorder to the tombstone: taken in, played, erased, strays found."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kcc import config, migrating, sections, status
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.recordings import queries
from kcc.recordings.erasure import erase_due
from kcc.recordings.playback import Player
from kcc.recordings.reconcile import clear_strays, missing
from kcc.recordings.rendition import HEADER_BYTES
from kcc.stores import Stores, create_blobs
from tests import seaweed
from tests.centre import Centre, build
from tests.ports import free_port
from tests.recordings import traces
from tests.recordings.test_playback import opened
from tests.sounds import tone, wav
from tests.vault.buckets import Bucket, bucket


@pytest.fixture
def found(s3_server: seaweed.Server) -> Iterator[Bucket]:
    """An empty folder of the bucket."""
    with bucket(s3_server) as made:
        yield made


@pytest.fixture
def stores(settings: config.Settings, found: Bucket, now: Frozen, tmp_path: Path) -> Iterator[Stores]:
    """The open stores of an installation whose sound lies in the bucket, on the bucket's clock."""
    now.set(datetime.now(UTC) + timedelta(seconds=2))
    blobs = sections.Blobs(url=found.server.url(found.prefix), credentials_file=seaweed.credentials(tmp_path))
    settings = settings.model_copy(update={"blobs": blobs})
    create_blobs(settings)
    made = Stores.open(settings)
    yield made
    made.close()


@pytest.mark.rule("RET-1", "RET-8")
def test_a_call_lives_and_dies_in_a_bucket(stores: Stores, found: Bucket, now: Frozen) -> None:
    centre: Centre = build(stores)
    centre.call(content=wav(3.0, "pcm16"))
    (row,) = traces.recordings(stores)
    assert found.objects() == [".kcc-volume", f"{row.id[:2]}/{row.id}"]
    assert tone(3.0)[:1000] not in found.contents()

    lease = opened(centre)
    player = Player(stores, {Action.RECORDING_PLAY: queries.facts})
    sounding = player.sounding(lease.id, lease.session_id)
    assert sounding.rendition.read(HEADER_BYTES, 10**6) == tone(3.0)
    assert sounding.peaks()
    assert list(missing(stores)) == []
    assert status.gather(stores)["free_bytes"] is None

    now.move(timedelta(days=29))
    assert erase_due(stores, system("erase")).erased == 1
    assert found.objects() == [".kcc-volume"]
    assert traces.keys(stores) == []
    assert [each.recording_id for each in traces.tombstones(stores)] == [row.id]


@pytest.mark.rule("RET-8")
def test_what_a_killed_intake_left_in_a_bucket_goes_with_its_key(
    stores: Stores, found: Bucket, now: Frozen
) -> None:
    centre = build(stores)
    centre.call()
    (kept,) = traces.recordings(stores)
    draft, blob = "5" * 32, "6" * 32
    found.put(f".arriving/{draft}.00000000", b"")
    found.put(f"66/{blob}", b"never registered")
    stores.keys.create_many([draft, blob])
    assert clear_strays(stores).keys == 0  # too young: an intake may be at work on them
    now.move(timedelta(hours=2))
    cleared = clear_strays(stores)
    assert (cleared.drafts, cleared.blobs, cleared.keys) == (1, 1, 2)
    assert found.objects() == [".kcc-volume", f"{kept.id[:2]}/{kept.id}"]
    assert traces.keys(stores) == [kept.id]


def test_a_lost_object_is_named_and_an_absent_bucket_is_not_a_loss(stores: Stores, found: Bucket) -> None:
    centre = build(stores)
    centre.calls(2)
    lost = traces.recordings(stores)[0].id
    stores.blobs.delete([lost])
    assert list(missing(stores)) == [lost]
    found.empty()
    with pytest.raises(Exception, match="no volume"):
        list(missing(stores))


def test_the_web_serves_from_a_bucket(found: Bucket, tmp_path: Path) -> None:
    """Each worker reaches the bucket by itself: connections that came along from its parent would hang."""
    file, port = tmp_path / "kcc.toml", free_port()
    seaweed.credentials(tmp_path)
    url = found.server.url(found.prefix)
    file.write_text(
        f'[server]\nport = {port}\nworkers = 1\n[blobs]\nurl = "{url}"\ncredentials_file = "s3.toml"\n'
    )
    settings = config.load(file)
    create_blobs(settings)
    made = Stores.open(settings)
    migrating.upgrade(made.database)
    made.close()
    command = [sys.executable, "-m", "kcc", "--config", str(file), "serve"]
    with (tmp_path / "log").open("wb") as log:
        serving = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        assert 'name="csrf-token"' in _page(f"http://127.0.0.1:{port}/signin", within=180)
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(120) in (0, -signal.SIGTERM)


def _page(url: str, within: float) -> str:
    until = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own loopback
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
