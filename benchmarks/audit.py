"""What the audit costs: a line against a plain insert at 8 writers while the sealer runs behind them, on
PostgreSQL and SQLite, and verifying a million lines against bare hashing; each pair in one run, in turn.
"""

import hashlib
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Column, Index, Table, insert
from sqlalchemy.orm import DeclarativeBase

from benchmarks.house import house
from benchmarks.ratio import in_turn, report
from kcc import clock, migrating
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import checkpoints, export, record, sealer, verify
from kcc.audit.model import AuditLine
from kcc.audit.signing import SigningKey
from kcc.db import Database, Serial
from tests import postgres

WRITERS, EACH, ROUNDS = 8, 150, 5
LINE_LIMIT, VERIFY_LIMIT = 0.9, 0.25
LINES = int(os.environ.get("LINES", "1000000"))


class _Base(DeclarativeBase):
    """Tables of the benchmark alone."""


class _PlainLine(_Base):
    """The same columns and indexes of before, without an order, a term or a seal: a plain insert."""

    __table__ = Table(
        "plain_line",
        _Base.metadata,
        Column("id", Serial, primary_key=True),
        *(column._copy() for column in AuditLine.__table__.columns if column.name not in ("id", "xid")),
        Index("ix_plain_about", "about_id", "at"),
        Index("ix_plain_subject", "subject", "action"),
        Index("ix_plain_actor", "actor_id", "at"),
    )


def main() -> bool:
    """Measure and print; whether the targets are kept."""
    kept = [_lines(name) for name in ("postgresql", "sqlite")]
    with tempfile.TemporaryDirectory() as folder:
        kept.append(_verifying(Path(folder)))
    return all(kept)


def _permit(number: int) -> Permit:
    return permit(system("benchmark"), Action.RECORDING_ERASE, Subject("recording", f"{number:032}"))


@contextmanager
def _database(engine: str) -> Iterator[Database]:
    if engine == "sqlite":
        with house() as (centre, _):
            yield centre.stores.database
        return
    with postgres.server(fast=False) as server, postgres.database(server) as url:
        database = Database(url)
        migrating.upgrade(database)
        yield database
        database.close()


def _lines(engine: str) -> bool:
    with _database(engine) as database:
        _Base.metadata.create_all(database.engine)
        over = threading.Event()

        def ours() -> None:
            over.clear()
            behind = threading.Thread(target=_seal, args=(database, over))
            behind.start()
            _write(database, lambda session, n: record.act(session, _permit(n), n=n))
            over.set()
            behind.join()

        ours_took, plain_took = in_turn(ours, lambda: _write(database, _plain), ROUNDS)
        while sealer.seal(database).lines:
            pass
        total = WRITERS * EACH
        detail = f"{total / ours_took:.0f}/s against {total / plain_took:.0f}/s, {WRITERS} writers, {engine}"
    return report(
        "audit line, sealed behind", plain_took / ours_took, LINE_LIMIT, at_least=True, detail=detail
    )


def _seal(database: Database, over: threading.Event) -> None:
    """Far more often than every ten minutes, so that a short run shows what sealing costs."""
    while not over.wait(1):
        sealer.seal(database)


def _write(database: Database, how: Callable[..., object]) -> None:
    def writer(first: int) -> None:
        for number in range(first, first + EACH):
            with database.write() as session:
                how(session, number)

    threads = [threading.Thread(target=writer, args=(EACH * n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _plain(session: object, number: int) -> None:
    """The same values, made ready the same way: what differs is the table and what stands behind it."""
    row = record._row(clock.now(), _permit(number), allowed=True, rule=None, detail={"n": number})
    session.execute(insert(_PlainLine), [row])  # type: ignore[attr-defined]


def _verifying(folder: Path) -> bool:
    log, lines = folder / "log", list[tuple[bytes, bytes]]()
    with house() as (centre, _):
        database = centre.stores.database
        _million(database)
        key = SigningKey.create(folder / "key")
        checkpoints.sign(database, key)
        with log.open("wb") as out:
            export.write(database, out)
    with log.open("rb") as file:
        for line in file:
            told = json.loads(line) if line.startswith(b'{"salt"') else {}
            if told:
                lines.append((bytes.fromhex(told["salt"]), line[82:-2]))

    def check() -> None:
        with log.open("rb") as file:
            found = verify.check(file, key=key.public)
        assert found.findings == []
        assert found.size == len(lines) >= LINES

    def bare() -> None:
        sha = hashlib.sha256
        for salt, body in lines:
            sha(salt + body).digest()

    ours, theirs = in_turn(check, bare, 3)
    detail = f"{len(lines) / ours:.0f}/s against {len(lines) / theirs:.0f}/s"
    return report(f"verifying {len(lines)} lines", theirs / ours, VERIFY_LIMIT, at_least=True, detail=detail)


def _million(database: Database) -> None:
    """Lines as record writes them, many to a transaction: what is measured is the reading."""
    begin = time.perf_counter()
    for first in range(0, LINES, 10_000):
        with database.write() as session:
            record.acts(session, [(_permit(n), {"step": "erased"}) for n in range(first, first + 10_000)])
    print(f"        {LINES} lines written in {time.perf_counter() - begin:.0f} s", flush=True)
    begin = time.perf_counter()
    sealer.seal(database, batch=10_000)
    print(f"        sealed in {time.perf_counter() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(not main())
