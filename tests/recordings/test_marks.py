"""A tombstone knows its call again, and nobody who lacks the key store can try a call's id against it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.recordings import erasure, fates, findings, marks
from kcc.recordings.model import Tombstone
from kcc.stores import Stores
from tests.centre import Centre
from tests.recordings import traces


def answer(stores: Stores, call_id: str) -> str:
    with stores.database.write() as session:
        return fates.find(session, stores.keys, system("cli"), "exchange", call_id).answer


def erased(centre: Centre, stores: Stores, now: Frozen, call_id: str) -> None:
    centre.call(agent="stranger", call_id=call_id, start=clock.now() - timedelta(hours=2))
    now.move(timedelta(days=7, minutes=1))
    erasure.erase_due(stores, system("erase"))


@pytest.mark.rule("RET-8")
def test_a_guessed_id_cannot_be_confirmed_from_the_database(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    """With the key store it is known again, also after a rotation, and refused when it comes again."""
    erased(centre, stores, now, "2026-0001")
    (stone,) = traces.tombstones(stores)
    assert stone.keyed
    assert bytes(stone.call_digest) != marks.bare("exchange", "2026-0001")
    stores.keys.rotate(clock.now())
    assert (answer(stores, "2026-0001"), answer(stores, "2026-0002")) == ("erased", "unknown")
    again = centre.call(call_id="2026-0001", start=clock.now() - timedelta(days=7, hours=3))
    assert again.code == "erased"
    assert findings.find(stores, []).clean


@pytest.mark.rule("RET-8")
def test_tombstones_of_before_are_brought_under_the_key(centre: Centre, stores: Stores, now: Frozen) -> None:
    """They know their call before and after; the next erasure does it."""
    at = clock.now() - timedelta(days=1)
    old = {"state": "quarantined", "rule": "RET-1", "due_at": at, "erased_at": at}
    with stores.database.write() as session:
        for number in range(3):
            digest = marks.bare("exchange", f"old-{number}")
            session.add(Tombstone(recording_id=f"{number}" * 32, call_digest=digest, **old))
    start = clock.now() - timedelta(hours=2)
    assert answer(stores, "old-1") == "erased"
    assert centre.call(call_id="old-1", start=start).code == "erased"
    erased(centre, stores, now, "new")
    assert [stone.keyed for stone in traces.tombstones(stores)] == [True] * 4
    assert marks.bare("exchange", "old-1") not in [bytes(s.call_digest) for s in traces.tombstones(stores)]
    assert [answer(stores, one) for one in ("old-0", "old-1", "old-2", "new")] == ["erased"] * 4
    assert marks.bring_under_key(stores) == 0


def test_many_at_once_end_with_one_key(stores: Stores) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: marks.key(stores.keys), range(16)))) == 1


def test_with_the_key_store_lost_a_call_is_unknown(centre: Centre, stores: Stores, now: Frozen) -> None:
    """The tombstone still proves that something was erased, when and under which rule, but not what."""
    erased(centre, stores, now, "mine")
    stores.keys.destroy([marks.KEY])
    assert findings.find(stores, []).rows_without_keys == [marks.KEY]
    assert answer(stores, "mine") == "unknown"
    assert len(traces.tombstones(stores)) == 1
