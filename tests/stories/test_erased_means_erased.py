"""Erased means erased: yesterday's copy of the database and of the key store opens nothing that was erased
since, and no file of the installation holds a word of it.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url

from kcc import clock, config, migrating
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.coaching import assessment
from kcc.coaching import erasure as reports
from kcc.coaching.model import Report, SampledCall
from kcc.recordings import callers
from kcc.recordings.erasure import erase_due
from kcc.recordings.model import Recording
from kcc.stores import Stores, create_blobs
from kcc.threat import incidents
from kcc.threat.model import Incident
from kcc.vault.fields import open_text
from kcc.vault.keyrows import keys
from kcc.vault.keystore import KeyStore
from kcc.vault.roots import Root, RootFile, RootUnusable
from kcc.vault.sealing import SealBroken, SealedReader
from tests import postgres
from tests.centre import build
from tests.coaching.conftest import DRAW_DAY, Month
from tests.recordings import traces
from tests.sounds import wav

NUMBER, ACCOUNT, REMARK = (
    "+31699887766",
    "Hij weet waar ik woon, merk 4711.",
    "Vat het slot samen, merk 4712.",
)
NOISE = Random(4713).randbytes(16_000)
"""Sound that is nowhere by chance."""
PATTERN = NOISE[4_000:4_064]
MARKERS = [NUMBER.encode(), ACCOUNT.encode(), REMARK.encode(), PATTERN]
WRAPPED = 60


@dataclass
class House:
    """An installation with its files: live, and as they were copied."""

    stores: Stores
    live: Callable[[], list[bytes]]
    """The files of database, key store and blobs as they now lie on the disk."""
    copied: "Callable[[], AbstractContextManager[Copy]]"


@dataclass
class Copy:
    """A copy of all but the root file: the URLs under which it opens, and its files."""

    database: str
    keystore: str
    blobs: Path
    files: list[bytes]
    """What each file held when it was copied: opening a copy changes it."""


def _files(*folders: Path) -> list[bytes]:
    return [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


@contextmanager
def _on_sqlite(tmp_path: Path) -> Iterator[House]:
    """Database, key store and blobs are files; copying is copying, logs included."""
    data, secret = tmp_path / "data", tmp_path / "keys"
    stores = _stores(tmp_path, f"sqlite:///{data / 'kcc.db'}", f"sqlite:///{secret / 'keys.db'}")

    @contextmanager
    def copied() -> Iterator[Copy]:
        to = tmp_path / "yesterday"
        for folder in (data, secret, tmp_path / "blobs"):
            shutil.copytree(folder, to / folder.name)
        databases = f"sqlite:///{to / 'data' / 'kcc.db'}", f"sqlite:///{to / 'keys' / 'keys.db'}"
        yield Copy(*databases, to / "blobs", _files(to))

    yield House(stores, lambda: _files(data, secret, tmp_path / "blobs"), copied)
    stores.close()


@contextmanager
def _on_postgresql(tmp_path: Path) -> Iterator[House]:
    """Database and key store are databases of a server of their own, copied as a base backup with its log."""
    with postgres.server() as url, postgres.database(url) as data, postgres.database(url) as secret:
        stores = _stores(tmp_path, data, secret)
        with stores.database.engine.connect() as connection:
            folder = Path(connection.scalar(text("SHOW data_directory")))

        def live() -> list[bytes]:
            engine = create_engine(url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("CHECKPOINT"))  # what is in memory only is not left out
            engine.dispose()
            return _files(folder, tmp_path / "blobs")

        @contextmanager
        def copied() -> Iterator[Copy]:
            shutil.copytree(tmp_path / "blobs", tmp_path / "yesterday")
            with postgres.copied(url) as (copy, beside):
                files = _files(copy, tmp_path / "yesterday")
                names = [make_url(each).database or "" for each in (data, secret)]
                both = [postgres.url_of(beside, name) for name in names]
                yield Copy(*both, tmp_path / "yesterday", files)

        yield House(stores, live, copied)
        stores.close()


def _stores(tmp_path: Path, database: str, keystore: str) -> Stores:
    settings = config.parse(
        {
            "database": {"url": database},
            "keystore": {"url": keystore, "root_file": str(tmp_path / "root" / "root.key")},
            "blobs": {"folder": str(tmp_path / "blobs")},
        },
        tmp_path,
    )
    create_blobs(settings)
    stores = Stores.open(settings)
    migrating.upgrade(stores.database)
    return stores


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, now: Frozen) -> Iterator[House]:  # noqa: ARG001
    """An installation of one engine, under the frozen clock."""
    with (_on_sqlite if request.param == "sqlite" else _on_postgresql)(tmp_path) as made:
        yield made


@dataclass
class Planted:
    """A recording and a report with markers in all that is sealed, and a recording that lives on.

    The doomed recording is the only one of its day whose caller is known.
    """

    recording: str
    report: str
    living: str
    day: str
    """The id of the key under which the caller of the first is found."""
    caller: bytes
    """What the database holds of the caller's number."""

    @property
    def doomed(self) -> list[str]:
        """The ids of the keys that are to be destroyed."""
        return [self.recording, self.report, self.day]


def _plant(house: House, now: Frozen) -> Planted:
    centre = build(house.stores)
    month = Month(house.stores, centre, now)
    month.announce()
    month.go_to(DRAW_DAY)
    sound = wav(1.0, "pcm16")
    centre.call(content=sound[:-16_000] + NOISE, remote_number=NUMBER)
    for hours in range(2, 6):
        centre.call(start=clock.now() - timedelta(hours=hours), seconds=25, remote_number="anonymous")
    recording = _marked_recording(house.stores)
    month.draw()
    coach = centre.actor(centre.coach)
    with house.stores.database.write() as session:
        sample = session.scalars(select(SampledCall).where(SampledCall.recording_id != recording.id)).first()
        assert sample is not None
        report = assessment.open_report(session, house.stores.keys, coach, sample.id)
        assessment.save(session, house.stores.keys, coach, report.id, report.revision, {"point-1": REMARK})
    with house.stores.database.write() as session:
        incidents.report(house.stores, session, centre.actor(centre.anna), recording.id, "threat", ACCOUNT)
    day = f"{callers.PREFIX}{recording.caller_day_id}"
    return Planted(recording.id, report.id, sample.recording_id, day, bytes(recording.caller_digest or b""))


def _marked_recording(stores: Stores) -> Recording:
    return next(row for row in traces.recordings(stores) if row.duration_ms <= 1000)


def _opens_all(copy: Copy, root_file: Path, planted: Planted) -> list[bytes]:
    """Which markers a copy still gives, with a root file: everything, the day it was made."""
    from kcc.db import Database

    database, store = Database(copy.database), KeyStore.open(copy.keystore, root_file)
    with database.read() as session:
        row = session.get_one(Recording, planted.recording)
        incident = session.scalars(select(Incident)).one()
        report = session.get_one(Report, planted.report)
        key = store.get(row.id)
        found = [
            open_text(key, f"recording.remote_number:{row.id}", row.remote_number or b""),
            open_text(key, f"incident.account:{incident.id}", incident.account),
            assessment.content(store.get(report.id), report)["point-1"],
        ]
    sealed = (copy.blobs / row.id[:2] / row.id).read_bytes()
    reader = SealedReader(key, row.id.encode(), lambda at, length: sealed[at : at + length], len(sealed))
    sound = reader.read(0, reader.size)
    store.close()
    database.close()
    return [*(text_.encode() for text_ in found), PATTERN if PATTERN in sound else b""]


def _rows(url: str) -> dict[str, tuple[str, bytes]]:
    """The key store's rows as anybody reads them who has the file: id, root's id, wrapped key."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = {row.key_id: (row.root_id, bytes(row.wrapped)) for row in connection.execute(select(keys))}
    engine.dispose()
    return rows


def _opened_by(roots: list[Root], key_id: str, wrapped: bytes) -> bool:
    """Whether any of these keys opens the bytes, whichever root they claim to lie under."""
    for root in roots:
        for named in roots:
            try:
                Root(named.id, root.made_at, root.key).unwrap(key_id, wrapped)
            except SealBroken:
                continue
            return True
    return False


def _openable_in(files: list[bytes], roots: list[Root], key_id: str) -> int:
    """At how many places of the files, behind a key's id, lie bytes that the roots open."""
    found = 0
    for content in files:
        at = content.find(key_id.encode())
        while at >= 0:
            end = at + len(key_id)
            found += any(
                _opened_by(roots, key_id, content[start : start + WRAPPED]) for start in range(end, end + 64)
            )
            at = content.find(key_id.encode(), end)
    return found


def _markers_in(files: list[bytes]) -> list[bytes]:
    return [marker for content in files for marker in MARKERS if marker in content]


@pytest.mark.rule("RET-8")
def test_yesterdays_copy_opens_nothing_that_was_erased_since(house: House, now: Frozen) -> None:
    """Files copied as a backup copies them; with them, and today's root, nothing erased comes back."""
    stores, planted = house.stores, _plant(house, now)
    root_file = RootFile(stores.settings.keystore.root_file)
    with house.copied() as copy:
        assert _opens_all(copy, root_file.path, planted) == MARKERS  # or the test would prove nothing
        key = stores.keys.get(planted.day)
        assert callers.digest(key, NUMBER) == planted.caller
        assert any(planted.caller in content for content in copy.files)
        assert _markers_in(copy.files) == []

        then = [root_file.read().current]
        assert all(_openable_in(copy.files, then, key_id) for key_id in planted.doomed)

        yesterday = _rows(copy.keystore)
        reports.discard(stores, planted.report, "its day came")
        with stores.database.read() as session:
            due = session.get_one(Recording, planted.recording).due_at
        living_due = now() + timedelta(days=400)
        _keep(stores, planted.living, living_due)
        now.set(due)
        assert erase_due(stores, system("erase")).failed == 0
        stores.keys.rotate(clock.now())

        with pytest.raises(RootUnusable):
            KeyStore.open(copy.keystore, root_file.path)
        today = [root_file.read().current]
        for key_id in [*planted.doomed, planted.living]:
            root_id, wrapped = yesterday[key_id]
            pretended = [Root(name, root.made_at, root.key) for root in today for name in (root.id, root_id)]
            assert not _opened_by(pretended, key_id, wrapped)
            assert _openable_in(copy.files, pretended, key_id) == 0

        live = house.live()
        assert _markers_in(live) == []
        assert _openable_in(live, today, planted.living) >= 1  # the search finds what is there
        assert [_openable_in(live, today, key_id) for key_id in planted.doomed] == [0, 0, 0]
        assert stores.keys.get(planted.living)
        assert not stores.keys.holds([planted.day])  # so that no copy's digest can be tried with a number


def _keep(stores: Stores, recording_id: str, until: object) -> None:
    with stores.database.write() as session:
        session.get_one(Recording, recording_id).due_at = until  # type: ignore[assignment]


@pytest.mark.rule("RET-8")
def test_on_sqlite_not_even_the_sealed_bytes_stay(tmp_path: Path, now: Frozen) -> None:
    """The rows are gone from file and log: neither ids nor sealed text nor wrapped keys are left."""
    with _on_sqlite(tmp_path) as house:
        planted = _plant(house, now)
        with house.stores.database.read() as session:
            row = session.get_one(Recording, planted.recording)
            sealed, call_id, due = bytes(row.remote_number or b""), row.receipt, row.due_at
            caller = planted.caller
        wrapped = _rows(house.stores.settings.keystore.url)[planted.recording][1]
        before = b"".join(house.live())
        assert sealed in before
        assert wrapped in before
        assert caller in before
        now.set(due)
        erase_due(house.stores, system("erase"))
        after = b"".join(house.live())
        assert [each in after for each in (sealed, call_id.encode(), wrapped, caller)] == [False] * 4
