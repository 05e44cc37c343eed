"""kcc.audit.checkpoints, places and their jobs: what is signed, where it goes, and what stops it."""

import os
import shutil
import stat
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from kcc.access.actor import system
from kcc.audit import checkpoints, queries, verify
from kcc.audit.checkpoints import TreeBroken, hand_over
from kcc.audit.model import (
    AuditCheckpoint,
    AuditLeaf,
    AuditLine,
    AuditPlace,
    AuditSeal,
    AuditTile,
)
from kcc.audit.notes import Note, without_proof
from kcc.audit.places import Folder, PlaceDiffers
from kcc.audit.signing import KeyUnusable, SigningKey
from kcc.clock import Frozen
from kcc.recordings import erasure
from kcc.scheduler import alarms, auditing
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores
from tests.audit import chronicle as chronicles
from tests.audit.chronicle import Chronicle, act
from tests.audit.test_verify import found
from tests.centre import Centre
from tests.faults.broken import broken_at

TABLES = (AuditLine, AuditLeaf, AuditTile, AuditCheckpoint, AuditSeal, AuditPlace)


@pytest.fixture
def chronicle(stores: Stores, now: Frozen, tmp_path: Path) -> Chronicle:
    """Three checkpoints of some lines."""
    begun = chronicles.begin(stores, tmp_path / "elsewhere")
    chronicles.live(begun, now, 3, each=3)
    return begun


def notes(stores: Stores) -> list[Note]:
    """The checkpoints of this database."""
    with stores.database.read() as session:
        query = select(AuditCheckpoint.note).order_by(AuditCheckpoint.number)
        return [Note.read(note) for note in session.scalars(query)]


def names(stores: Stores) -> set[str]:
    """The alarms that stand."""
    return {alarm.name for alarm in alarms.check(stores)}


class Backup:
    """The audit's tables as they are, to be brought back."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        with stores.database.read() as session:
            self._rows = {table: self._all(session, table) for table in TABLES}

    @staticmethod
    def _all(session: Session, table: type) -> list[dict[str, object]]:
        rows = session.execute(select(table.__table__)).mappings()  # type: ignore[attr-defined]
        return [dict(row) for row in rows]

    def restore(self) -> None:
        """Take the database back to then."""
        with self._stores.database.write() as session:
            for table, rows in self._rows.items():
                session.execute(delete(table))
                if rows:
                    session.execute(table.__table__.insert(), rows)  # type: ignore[attr-defined]


@pytest.mark.rule("ACC-5")
def test_a_checkpoint_says_size_and_root_and_goes_to_the_folder(chronicle: Chronicle) -> None:
    """Consecutive, growing, signed; the folder holds each as it was signed, in order, with its proof."""
    ours = notes(chronicle.stores)
    assert [note.number for note in ours] == [1, 2, 3]
    assert sorted(note.size for note in ours) == [note.size for note in ours]
    assert all(note.signed_by(chronicle.key) for note in ours)
    assert [without_proof(sent)[0] for sent in chronicle.held()] == [note.text for note in ours]
    assert [len(without_proof(sent)[1]) > 0 for sent in chronicle.held()] == [False, True, True]


def test_nothing_new_is_signed_once_an_hour(chronicle: Chronicle, now: Frozen) -> None:
    """So that a log that stands still is told from one that was stopped."""
    act(chronicle.stores, 1)
    auditing.checkpoint(chronicle.stores)
    assert auditing.checkpoint(chronicle.stores) == "nothing new, 0 sent"
    now.move(timedelta(minutes=59))
    assert auditing.checkpoint(chronicle.stores) == "nothing new, 0 sent"
    now.move(timedelta(minutes=1))
    assert auditing.checkpoint(chronicle.stores).endswith("1 sent")
    assert notes(chronicle.stores)[-1].size == notes(chronicle.stores)[-2].size


def test_an_empty_log_signs_nothing(stores: Stores) -> None:
    """There is nothing to prove."""
    assert auditing.checkpoint(stores) == "nothing new, 0 sent"
    assert notes(stores) == []


@pytest.mark.rule("ACC-5", "RET-8")
def test_each_erasure_has_a_checkpoint_of_its_own(centre: Centre, now: Frozen) -> None:
    """After its transactions; one that fails stops no erasure."""
    stores = centre.stores
    centre.call(seconds=21)
    now.move(timedelta(days=29))
    job = next(job for job in timetable(stores.settings.scheduler) if job.name == "erase")
    job.work(stores)
    with stores.database.read() as session:
        last = session.scalars(select(AuditLine).order_by(AuditLine.id.desc()).limit(1)).one()
        covered = session.scalars(select(AuditLeaf.position).where(AuditLeaf.line_id == last.id)).one()
    (note,) = notes(stores)
    assert last.action == "recording:erase"
    assert covered < note.size
    centre.call(seconds=21)
    now.move(timedelta(days=29))
    stores.settings.audit.key_file.unlink()
    assert job.work(stores).startswith("1 erased")
    assert erasure.erase_due(stores, system("erase")).due == 0


@pytest.mark.rule("ACC-5")
def test_a_database_taken_back_is_noticed_and_signs_nothing_more(chronicle: Chronicle, now: Frozen) -> None:
    """By the key's own memory, and without it by the folder; the alarm stands until it is settled."""
    stores = chronicle.stores
    backup = Backup(stores)
    chronicles.live(chronicle, now, 1)
    backup.restore()
    for remembered in (True, False):
        if not remembered:
            stores.settings.audit.key_file.with_name("audit.key.last").unlink()
        with pytest.raises(TreeBroken):
            auditing.checkpoint(stores)
        assert "audit_broken" in names(stores)
    assert len(notes(stores)) == 3
    log = chronicle.log()
    assert any("this log ends before it" in finding for finding in found(log, chronicle.key))


@pytest.mark.rule("ACC-5")
def test_a_database_begun_anew_is_noticed(chronicle: Chronicle) -> None:
    """An empty log under the old key is another log."""
    with chronicle.stores.database.write() as session:
        for table in TABLES:
            session.execute(delete(table))
    act(chronicle.stores, 1)
    with pytest.raises(TreeBroken):
        auditing.checkpoint(chronicle.stores)


@pytest.mark.rule("ACC-5")
def test_after_a_restored_backup_it_goes_on_and_says_so(chronicle: Chronicle, now: Frozen) -> None:
    """The loss is signed and told to whoever checks; what was lost is no finding, what else is missing is."""
    stores = chronicle.stores
    backup = Backup(stores)
    chronicles.live(chronicle, now, 2)
    backup.restore()
    auditing.accept_restored(stores, system("cli"), "backup of Sunday")
    assert "audit_broken" not in names(stores)
    chronicles.live(chronicle, now, 2)
    last = notes(stores)
    assert [note.number for note in last] == [1, 2, 3, 6, 7, 8]
    assert last[3].restored == 5
    log = chronicle.log()
    report = verify.check(BytesIO(log.file()), log.held, chronicle.key)
    assert report.findings == []
    assert len(report.notices) == 1
    assert "checkpoints 4 to 5 were given up" in report.notices[0]
    assert verify.check_held(chronicle.held(), chronicle.key).findings


@pytest.mark.rule("ACC-5")
@pytest.mark.parametrize("what", ["tile", "leaf", "commitment", "body", "column", "gone", "early"])
def test_a_change_in_the_database_is_found_at_night(chronicle: Chronicle, what: str) -> None:
    """In the tree, a line, its columns; and by the export of such a database, where it is exported at all."""
    stores = chronicle.stores
    job = next(job for job in timetable(stores.settings.scheduler) if job.name == "audit")
    assert job.work(stores) == "unchanged"
    assert names(stores) == set()
    with stores.database.write() as session:
        first = session.scalars(select(AuditLeaf.line_id).where(AuditLeaf.position == 1)).one()
        line = update(AuditLine).where(AuditLine.id == first)
        statements = {
            "tile": update(AuditTile).where(AuditTile.level == 0).values(hashes=b"x" * 32 * 200),
            "leaf": update(AuditLeaf).where(AuditLeaf.position == 1).values(line_id=10**6),
            "commitment": line.values(commitment=b"x" * 32),
            "body": line.values(body="{}"),
            "column": line.values(subject="thing:another", allowed=False),
            "gone": delete(AuditLine).where(AuditLine.id == first),
            "early": line.values(body=None, salt=None),
        }
        session.execute(statements[what])
    assert auditing.check(stores)
    assert "audit_broken" in names(stores)
    if what not in ("tile", "commitment", "column"):  # of these an export says nothing
        assert found(chronicle.log(), chronicle.key)


def test_a_tree_that_was_changed_is_not_signed(chronicle: Chronicle) -> None:
    """Not with the next line either."""
    with chronicle.stores.database.write() as session:
        session.execute(update(AuditTile).where(AuditTile.level == 0).values(hashes=b"x" * 32 * 200))
    act(chronicle.stores, 1)
    with pytest.raises(TreeBroken):
        auditing.checkpoint(chronicle.stores)


def test_a_line_that_nobody_sealed_is_found_at_night(chronicle: Chronicle, now: Frozen) -> None:
    """One that claims to be of long ago, and so was never come to."""
    with chronicle.stores.database.write() as session:
        session.execute(
            text(
                "INSERT INTO audit_line (at, commitment, action, allowed, xid) VALUES (:at, :c, 'a', :t, 0)"
            ),
            {"at": now.at.replace(tzinfo=None).isoformat(" "), "c": b"c" * 32, "t": True},
        )
        session.execute(update(AuditLine).where(AuditLine.action == "a").values(id=-5))
    now.move(timedelta(hours=2))
    assert auditing.check(chronicle.stores) == {"unsealed": 1}


def test_a_folder_that_is_away_gets_all_later(chronicle: Chronicle, now: Frozen, tmp_path: Path) -> None:
    """It is never made; after an hour there is an alarm, and it ends when all has arrived."""
    away = tmp_path / "away"
    chronicle.folder.rename(away)
    chronicles.live(chronicle, now, 1)
    assert "audit_place" in names(chronicle.stores)
    assert not chronicle.folder.exists()
    chronicles.live(chronicle, now, 1)
    away.rename(chronicle.folder)
    act(chronicle.stores, 1)
    auditing.checkpoint(chronicle.stores)
    assert len(chronicle.held()) == 6
    assert "audit_place" not in names(chronicle.stores)


def test_a_folder_never_replaces_what_it_holds(tmp_path: Path) -> None:
    """The same again is fine; another of that number is told."""
    place = Folder(tmp_path)
    place.take(7, "one")
    place.take(7, "one")
    with pytest.raises(PlaceDiffers):
        place.take(7, "other")
    assert [path.name for path in tmp_path.iterdir()] == ["00000007.checkpoint"]
    assert place.newest(1) == "one"


def test_lines_that_nobody_signs_raise_an_alarm(chronicle: Chronicle, now: Frozen) -> None:
    """Sealed or not; it ends with the next checkpoint."""
    stores = chronicle.stores
    act(stores, 1)
    now.move(timedelta(minutes=29))
    assert "audit_behind" not in names(stores)
    now.move(timedelta(minutes=1))
    assert "audit_behind" in names(stores)
    with stores.database.read() as session:
        assert queries.unproven(session)[0] == 1
    auditing.checkpoint(stores)
    assert "audit_behind" not in names(stores)


def test_the_key_is_private_and_stays_the_logs_own(chronicle: Chronicle, tmp_path: Path) -> None:
    """Readable by others, missing, damaged, or another log's: nothing is signed."""
    stores, path = chronicle.stores, chronicle.stores.settings.audit.key_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SigningKey.create(path).public == chronicle.key
    act(stores, 1)
    kept = tmp_path / "kept"
    shutil.copy2(path, kept)
    for spoil in (
        lambda: path.chmod(0o640),
        path.unlink,
        lambda: path.write_text("no key"),
        lambda: (path.unlink(), SigningKey.create(path)),
    ):
        spoil()
        with pytest.raises(KeyUnusable):
            auditing.checkpoint(stores)
        path.unlink(missing_ok=True)
        shutil.copy2(kept, path)
    assert auditing.checkpoint(stores).startswith("checkpoint 4")


def test_a_hand_over_that_was_cut_off_is_finished(
    chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new key lies beside the old one; the checkpoint that names it decides."""
    stores, path = chronicle.stores, chronicle.stores.settings.audit.key_file

    def cut(*_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(SigningKey, "promote", cut)
        with pytest.raises(OSError, match="power cut"):
            hand_over(stores.database, SigningKey(path))
    assert SigningKey(path).public == chronicle.key
    act(stores, 1)
    auditing.checkpoint(stores)
    assert SigningKey(path).public != chronicle.key
    assert not os.path.lexists(path.with_name("audit.key.new"))
    assert found(chronicle.log(), chronicle.key) == []
    assert checkpoints.sign(stores.database, SigningKey(path)) is None


@pytest.mark.parametrize("point", ["signing.write", "signing.link", "signing.unlink", "signing.sync"])
@pytest.mark.parametrize("after", [False, True])
def test_a_key_appears_whole_or_not_at_all(tmp_path: Path, point: str, *, after: bool) -> None:
    path = tmp_path / "keys" / "audit.key"
    with broken_at(point, after=after), pytest.raises(KeyUnusable):
        SigningKey.create(path)
    if path.exists():
        SigningKey(path)
    public = SigningKey.create(path).public
    assert SigningKey.create(path).public == public
    assert [one.name for one in path.parent.iterdir()] == ["audit.key"], "no second name of a key is left"


@pytest.mark.rule("ACC-5")
@pytest.mark.parametrize("point", ["memory.write", "memory.replace"])
def test_the_keys_memory_catches_up(chronicle: Chronicle, point: str) -> None:
    """It fails as an error of ours, which no erasure waits for; nothing is signed again for it."""
    act(chronicle.stores, 1)
    with broken_at(point), pytest.raises(KeyUnusable):
        auditing.checkpoint(chronicle.stores)
    auditing.checkpoint(chronicle.stores)
    last = without_proof(chronicle.held()[-1])[0]
    assert SigningKey(chronicle.stores.settings.audit.key_file).last() == last
    assert len(chronicle.held()) == 4


def test_drafts_of_a_killed_writer_go(tmp_path: Path, now: Frozen) -> None:
    """And a fresh one, which somebody may be writing, stays."""
    for name, age in ((".0a.draft", timedelta(hours=2)), (".0b.draft", timedelta(minutes=5))):
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, ((now.at - age).timestamp(),) * 2)
    Folder(tmp_path).take(1, "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".0b.draft", "00000001.checkpoint"]
