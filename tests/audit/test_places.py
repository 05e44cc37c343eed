"""The places that the application adds, the officer's mailbox and a bucket; and the commands of the audit."""

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kcc.audit.notes import Note, without_proof
from kcc.audit.places import PlaceAway, PlaceDiffers
from kcc.cli import cli
from kcc.clock import Frozen
from kcc.s3_place import S3Place
from kcc.scheduler import auditing
from kcc.scheduler.audit_places import Bucket, configured
from kcc.stores import Stores
from tests import seaweed
from tests.audit.chronicle import act, with_audit
from tests.post import Post, mail_to, with_settings


@pytest.mark.rule("ACC-5")
def test_the_officer_gets_the_newest_one_a_day(stores: Stores, post: Post, now: Frozen) -> None:
    """In Dutch, with the checkpoint as it was signed; a letter that cannot be sent goes with the next run."""
    settings = mail_to(post, "a@example.org")
    stores = with_audit(with_settings(stores, mail=settings), mail_to=("fg@example.org",))
    for hour in range(26):
        act(stores, hour)
        auditing.checkpoint(stores)
        now.move(timedelta(hours=1))
    assert len(post.letters) == 2
    assert all("To: fg@example.org" in letter for letter in post.letters)
    assert "controlepunt" in post.letters[0]
    note, _ = without_proof(post.letters[1].partition("\n\nkcc/")[2])
    assert Note.read(f"kcc/{note}").number == 25
    away = with_settings(stores, mail=settings.model_copy(update={"port": 1}))
    now.move(timedelta(days=1))
    assert auditing.checkpoint(away).endswith("0 sent")
    assert auditing.checkpoint(stores).endswith("1 sent")


@pytest.mark.faults
def test_a_bucket_keeps_each_one(
    s3_server: seaweed.Server, tmp_path: Path, stores: Stores, now: Frozen
) -> None:
    """Once: the same again is fine, another of that number is refused; a bucket that is away is told."""
    url = s3_server.url(f"checkpoints-{tmp_path.name}")
    stores = with_audit(stores, s3_url=url, s3_credentials_file=seaweed.credentials(tmp_path))
    for number in range(3):
        act(stores, number)
        assert auditing.checkpoint(stores).endswith("1 sent")
        now.move(timedelta(hours=1))
    (bucket,) = configured(stores.settings)
    newest = bucket.newest(3)
    assert newest
    assert Note.read(newest).number == 3
    assert bucket.newest(7) is None
    with pytest.raises(PlaceDiffers):
        bucket.take(3, "another")
    away = Bucket(S3Place.of(s3_server.url("x", port=1, timeout=1)), tmp_path / "s3.toml")
    for ask in (lambda: away.take(1, "x"), lambda: away.newest(1)):
        with pytest.raises(PlaceAway):
            ask()


def kcc(stores: Stores, tmp_path: Path, *words: str) -> Result:
    """The command line on these stores."""
    told = stores.settings
    (tmp_path / "kcc.toml").write_text(
        f'[database]\nurl = "{told.database.url}"\n[keystore]\nurl = "{told.keystore.url}"\n'
        f'root_file = "{told.keystore.root_file}"\n[blobs]\nfolder = "{told.blobs.folder}"\n'
        f'[audit]\nkey_file = "{told.audit.key_file}"\nfolder = "{tmp_path / "sent"}"\n'
    )
    return CliRunner().invoke(cli, ["--config", str(tmp_path / "kcc.toml"), "audit", *words])


@pytest.mark.rule("ACC-5")
def test_the_officers_way_through_the_commands(stores: Stores, tmp_path: Path) -> None:
    """Key, checkpoint, export, verify; a changed file ends with 1."""
    (tmp_path / "sent").mkdir()
    act(stores, 1)
    key = kcc(stores, tmp_path, "key").stdout.strip()
    assert kcc(stores, tmp_path, "checkpoint").stdout == "checkpoint 1 of 1 lines, 1 sent\n"
    log = tmp_path / "log"
    assert kcc(stores, tmp_path, "export", str(log)).stdout == "2 lines\n"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert kcc(stores, tmp_path, "export", str(log)).exit_code == 1, "nothing is written over"
    check = ("verify", str(log), "--checkpoints", str(tmp_path / "sent"), "--key", key)
    done = kcc(stores, tmp_path, *check)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "unchanged")
    assert key in done.stdout
    header, *rest = log.read_text().splitlines(keepends=True)
    told = json.loads(header)
    log.write_text(json.dumps({**told, "size": told["size"] - 1}) + "\n" + "".join(rest[:-1]))
    done = kcc(stores, tmp_path, *check)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "CHANGED")
    renewed = kcc(stores, tmp_path, "key", "--renew").stdout.strip()
    assert renewed == kcc(stores, tmp_path, "key").stdout.strip() != key
    assert kcc(stores, tmp_path, "restored", "--reason", "a rehearsal").exit_code == 0
