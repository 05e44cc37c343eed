"""kcc.audit.sealer and tiles: every line gets one place, in an order that no late commit upsets."""

import random
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject
from kcc.audit import record, sealer, tree
from kcc.audit.model import AuditLeaf, AuditLine, AuditSeal, AuditTile
from kcc.audit.sealer import Sealed
from kcc.audit.tiles import Tiles
from kcc.clock import Frozen
from kcc.db import Database
from kcc.stores import Stores
from tests.audit.lines import body
from tests.audit.test_tree import naive


def write(session: Session, number: int, by: str = "test") -> None:
    """A line of one's own."""
    permit = policy.permit(system(by), Action.RECORDING_ERASE, Subject("recording", f"{number}"))
    record.act(session, permit, n=number)


def write_all(database: Database, numbers: range, by: str = "test") -> None:
    """A line each in a transaction of its own."""
    for number in numbers:
        with database.write() as session:
            write(session, number, by)


def sealed(database: Database) -> list[AuditLine]:
    """The lines in the order of the tree."""
    with database.read() as session:
        query = select(AuditLine).join(AuditLeaf, AuditLeaf.line_id == AuditLine.id)
        return list(session.scalars(query.order_by(AuditLeaf.position)))


def is_the_tree(database: Database) -> bool:
    """Whether positions have no gap and the stored tree is the one over the lines in their order."""
    lines = sealed(database)
    with database.read() as session:
        positions = list(session.scalars(select(AuditLeaf.position).order_by(AuditLeaf.position)))
        root = Tiles(session).root(len(lines))
    return positions == list(range(len(lines))) and root == tree.root(line.commitment for line in lines)


def test_lines_are_sealed_once_in_their_order(stores: Stores) -> None:
    """Nothing to seal is fine; a second run seals only what is new."""
    database = stores.database
    assert sealer.seal(database) == Sealed(0, 0)
    write_all(database, range(5))
    assert sealer.seal(database) == Sealed(5, 5)
    write_all(database, range(5, 8))
    assert sealer.seal(database) == Sealed(3, 8)
    assert sealer.seal(database) == Sealed(0, 8)
    assert [body(line)["detail"]["n"] for line in sealed(database)] == list(range(8))
    assert is_the_tree(database)


def test_batches_make_the_same_tree(stores: Stores) -> None:
    """Across the edges of tiles, with runs of every size."""
    database, chance = stores.database, random.Random(4)
    written = 0
    while written < 700:
        many = chance.randrange(1, 90)
        with database.write() as session:
            for number in range(written, written + many):
                write(session, number)
        written += many
        sealer.seal(database, batch=chance.choice([1, 7, 64, 1000]) if many < 20 else 64)
    assert len(sealed(database)) == written
    assert is_the_tree(database)
    with database.read() as session:
        tiles = {(t.level, t.number): len(t.hashes) // 32 for t in session.scalars(select(AuditTile))}
    assert tiles[1, 0] == written // 256
    assert sum(number for (level, _), number in tiles.items() if level == 0) == written


@pytest.fixture
def large(stores: Stores) -> Iterator[tuple[Session, list[bytes]]]:
    """A tree of three levels of tiles is 65,536 leaves; two levels do for what is particular."""
    leaves = [random.Random(n).randbytes(32) for n in range(1030)]
    with stores.database.write() as session:
        tiles, size = Tiles(session), 0
        for step in (0, 1, 255, 1, 300, 473):
            size = tiles.append(size, leaves[size : size + step])
        assert size == 1030
        yield session, leaves


def test_the_root_of_every_earlier_size_is_still_there(large: tuple[Session, list[bytes]]) -> None:
    """That is what makes a stored checkpoint comparable with the tree of today."""
    session, leaves = large
    tiles = Tiles(session)
    for size in (0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000, 1024, 1029, 1030):
        assert tiles.root(size) == naive(leaves[:size]), size
    with pytest.raises(LookupError):
        tiles.root(1031)


def test_eight_writers_lose_and_reorder_nothing(stores: Stores) -> None:
    """While a sealer runs behind them: each writer's lines keep their order, what is sealed never moves."""
    database, over, seen = stores.database, threading.Event(), []
    writers = [
        threading.Thread(target=write_all, args=(database, range(25), f"writer-{number}"))
        for number in range(8)
    ]

    def follow() -> None:
        while not over.is_set():
            sealer.seal(database, batch=16)
            seen.append([line.id for line in sealed(database)])

    follower = threading.Thread(target=follow)
    for thread in (*writers, follower):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    follower.join()
    sealer.seal(database)
    lines = sealed(database)
    assert len(lines) == 200
    assert is_the_tree(database)
    ids = [line.id for line in lines]
    assert all(ids[: len(earlier)] == earlier for earlier in seen)
    for number in range(8):
        own = [body(line)["detail"]["n"] for line in lines if line.actor_id == f"system:writer-{number}"]
        assert own == list(range(25))


def test_a_late_commit_is_not_skipped(stores: Stores) -> None:
    """Its line has a lower id than others long committed; they wait for it, and nothing is passed over."""
    database = stores.database
    if database.url.get_backend_name() == "sqlite":
        pytest.skip("on SQLite one transaction writes at a time")
    write_all(database, range(3))
    with database.write() as late:
        write(late, 100)
        late.flush()
        write_all(database, range(3, 6))
        assert sealer.seal(database) == Sealed(3, 3)
        assert sealer.seal(database) == Sealed(0, 3)
    assert sealer.seal(database) == Sealed(4, 7)
    assert [body(line)["detail"]["n"] for line in sealed(database)] == [0, 1, 2, 100, 3, 4, 5]
    assert is_the_tree(database)


def test_a_transaction_that_is_rolled_back_holds_nothing_up(stores: Stores) -> None:
    """Its id stays unused; the tree has no gap."""
    database = stores.database
    with database.write() as session:
        write(session, 100)
        session.rollback()
    write_all(database, range(2))
    assert sealer.seal(database) == Sealed(2, 2)


def test_two_sealers_take_turns(stores: Stores) -> None:
    """No line is sealed twice, also when the tree has only to begin."""
    database = stores.database
    write_all(database, range(60))
    threads = [threading.Thread(target=sealer.seal, args=(database, 7)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sealed(database)) == 60
    assert is_the_tree(database)


def test_a_database_restored_into_another_server_goes_on(stores: Stores) -> None:
    """There transactions are counted anew, below those of the lines that came along."""
    database = stores.database
    if database.url.get_backend_name() == "sqlite":
        pytest.skip("SQLite counts no transactions")
    write_all(database, range(4))
    sealer.seal(database)
    write_all(database, range(4, 6))
    with database.write() as session:  # as if the other server had been far ahead
        session.execute(update(AuditLine).values(xid=AuditLine.xid + 10**9))
        session.execute(update(AuditSeal).values(after_xid=AuditSeal.after_xid + 10**9))
    write_all(database, range(6, 9))
    sealer.seal(database)
    write_all(database, range(9, 11))
    sealer.seal(database)
    assert sorted(body(line)["detail"]["n"] for line in sealed(database)) == list(range(11))
    assert is_the_tree(database)


def test_what_a_line_was_written_by_is_the_databases_own_word(stores: Stores, now: Frozen) -> None:
    """Nobody passes the number: a line by plain SQL in the same transaction has the same."""
    with stores.database.write() as session:
        write(session, 1)
        plain = {"at": now.at, "commitment": b"c" * 32, "action": "a", "allowed": True}
        session.execute(insert(AuditLine), [plain])
    with stores.database.read() as session:
        (xid,) = set(session.scalars(select(AuditLine.xid)))
    assert (xid == 0) == (stores.database.url.get_backend_name() == "sqlite")
