"""Blobs in a bucket: large ones in parts, credentials that are checked, writers that show they live."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kcc import clock, config, stores
from kcc.errors import Unavailable
from kcc.s3_place import S3Place
from kcc.vault import s3_credentials, s3_upload
from kcc.vault.blobs import BlobExists, BlobGone
from kcc.vault.s3 import S3Blobs
from kcc.vault.s3_credentials import CredentialsUnusable
from tests import seaweed
from tests.vault.buckets import Bucket, bucket

NAME = "ab" + "0" * 30
LATER = datetime.now(UTC) + timedelta(hours=1)
LARGE = os.urandom(1 << 20) * 20
"""Three parts of 8 MiB, the last of them short."""


@pytest.fixture
def found(s3_server: seaweed.Server) -> Iterator[Bucket]:
    """An empty folder of the bucket."""
    with bucket(s3_server) as made:
        yield made


@pytest.fixture
def blobs(found: Bucket) -> S3Blobs:
    """An empty volume."""
    return S3Blobs.create(found.place, seaweed.KEY_ID, seaweed.SECRET)


def put(blobs: S3Blobs, content: bytes, piece: int = 65_536) -> None:
    with blobs.writer(NAME) as blob:
        for start in range(0, len(content), piece):
            blob.write(memoryview(content)[start : start + piece])
        blob.commit()


def test_a_large_blob_goes_in_parts_and_comes_back(blobs: S3Blobs, found: Bucket) -> None:
    put(blobs, LARGE)
    with blobs.open(NAME) as blob:
        assert blob.size == len(LARGE)
        for start in (0, (8 << 20) - 100, len(LARGE) - 65_536):
            assert blob.read_at(start, 65_536) == LARGE[start : start + 65_536]
    assert found.objects() == [".kcc-volume", f"ab/{NAME}"]
    assert found.unfinished() == []


def test_a_large_blob_that_is_given_up_leaves_no_parts(blobs: S3Blobs, found: Bucket) -> None:
    with blobs.writer(NAME) as blob:
        blob.write(LARGE)
        assert found.unfinished() != []
        with pytest.raises(BlobGone):
            blobs.open(NAME)
    assert found.objects() == [".kcc-volume"]
    assert found.unfinished() == []


def test_a_large_blob_replaces_none(blobs: S3Blobs, found: Bucket) -> None:
    put(blobs, b"first")
    with pytest.raises(BlobExists):
        put(blobs, LARGE)
    with blobs.open(NAME) as blob:
        assert blob.read_at(0, 10) == b"first"
    assert found.objects() == [".kcc-volume", f"ab/{NAME}"]


@pytest.mark.parametrize("content", [b"sealed, so unlike any other", LARGE])
def test_a_commit_whose_answer_was_lost_is_no_other_blob(blobs: S3Blobs, content: bytes) -> None:
    """The request is made again, and is told that the name is taken: by ourselves."""
    put(blobs, content)
    put(blobs, content)
    with blobs.open(NAME) as blob:
        assert blob.size == len(content)


def test_a_writer_whose_draft_was_swept_gives_up(blobs: S3Blobs, found: Bucket) -> None:
    """Then its key may be destroyed already: nothing may appear any more."""
    with blobs.writer(NAME) as blob:
        blob.write(b"slow")
        assert blobs.abandoned(LATER) == {NAME}
        assert blobs.sweep(LATER) == 1
        with pytest.raises(Unavailable, match="too long"):
            blob.commit()
    assert found.objects() == [".kcc-volume"]


def test_a_writer_at_work_shows_that_it_lives(
    blobs: S3Blobs, found: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with blobs.writer(NAME) as blob:
        blob.write(b"early")
        found.empty_drafts()
        blob.write(b"soon after: not asked yet")
        later = clock.ticking() + s3_upload.TOUCH + 1
        monkeypatch.setattr(clock, "ticking", lambda: later)
        with pytest.raises(Unavailable, match="too long"):
            blob.write(b"later: asked")


def test_a_wrong_secret_is_refused(found: Bucket, blobs: S3Blobs) -> None:
    put(blobs, b"x")
    for use in (S3Blobs, S3Blobs.create):
        with pytest.raises(Unavailable) as told:
            use(found.place, seaweed.KEY_ID, "not the secret")
        assert "not the secret" not in str(told.value)
        assert "Signature" not in str(told.value)


def test_another_process_must_open_its_own(blobs: S3Blobs) -> None:
    child = os.fork()
    if child == 0:
        try:
            blobs.check()
        except RuntimeError:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_bucket_that_is_not_there(s3_server: seaweed.Server) -> None:
    place = S3Place.of(f"s3://elsewhere/x?endpoint=http://127.0.0.1:{s3_server.port}")
    with pytest.raises(Unavailable):
        S3Blobs(place, seaweed.KEY_ID, seaweed.SECRET)


def test_a_folder_can_be_moved_into_a_bucket_as_it_is(found: Bucket, tmp_path: Path) -> None:
    """The same names in the same places."""
    folder = stores.create_blobs(config.parse({"blobs": {"folder": "volume"}}, tmp_path))
    with folder.writer(NAME) as blob:
        blob.write(b"sealed")
        blob.commit()
    for path in (tmp_path / "volume").rglob("*"):
        if path.is_file():
            found.put(str(path.relative_to(tmp_path / "volume")), path.read_bytes())
    moved = S3Blobs(found.place, seaweed.KEY_ID, seaweed.SECRET)
    assert list(moved.names()) == [NAME]
    with moved.open(NAME) as opened:
        assert opened.read_at(0, 10) == b"sealed"


def test_settings_open_the_bucket_with_the_files_credentials(found: Bucket, tmp_path: Path) -> None:
    told = {"blobs": {"url": found.server.url(found.prefix), "credentials_file": "s3.toml"}}
    settings = config.parse(told, tmp_path)
    seaweed.credentials(tmp_path)
    assert stores.create_blobs(settings).free_bytes() is None
    assert list(stores.open_blobs(settings).names()) == []


def test_credentials_stand_in_a_private_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CredentialsUnusable, match=r"no credentials"):
        s3_credentials.read(tmp_path / "s3.toml")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert s3_credentials.read(tmp_path / "s3.toml") == ("id", "secret")
    path = seaweed.credentials(tmp_path)
    assert s3_credentials.read(path) == (seaweed.KEY_ID, seaweed.SECRET)
    path.chmod(0o640)
    with pytest.raises(CredentialsUnusable, match="600"):
        s3_credentials.read(path)
    path.chmod(0o600)
    for content in ('access_key_id = "x"', "not TOML"):
        path.write_text(content)
        with pytest.raises(CredentialsUnusable):
            s3_credentials.read(path)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://bucket/x", "s3://BUCKET"),
        ("s3://bucket/x", "endpoint"),
        ("s3://key:secret@bucket/x?endpoint=https://host", "credentials"),
        ("s3://bucket/x?endpoint=https://host&secret=1", "unknown option"),
        ("s3://bucket/x?endpoint=https://host&timeout=0", "timeout"),
        ("s3://bucket/x?endpoint=https://host&timeout=soon", "soon"),
    ],
)
def test_a_wrong_url_stops_the_start(url: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match=why) as told:
        config.parse({"blobs": {"url": url}}, tmp_path)
    assert told.value.faults[0].startswith("blobs.url")


def test_a_url_says_where_and_how() -> None:
    url = "s3://bucket/a/b/?endpoint=https://host/&region=nl&timeout=5&virtual_hosts=yes"
    assert S3Place.of(url) == S3Place("bucket", "a/b", "https://host", "nl", 5.0, True)
