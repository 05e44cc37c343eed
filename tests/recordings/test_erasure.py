"""Erasing what is due: on time, wholly, once, and without being stopped by one bad item."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post, system
from kcc.access.policy import Subject
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import AccessDenied, KccError, NotFound, Refused
from kcc.recordings import holds, marks, queries, rules
from kcc.recordings.erasure import BATCH, erase_due
from kcc.recordings.model import Hold, Recording, Tombstone
from kcc.stores import Stores
from kcc.vault.keystore import KeyGone
from tests.centre import Centre
from tests.recordings import traces

ERASE = system("erase")
TERM = timedelta(days=28)
SECOND = timedelta(seconds=1)


def hold(centre: Centre, recording_id: str, until: datetime) -> Hold:
    """A threat hold by its employee."""
    anna = centre.actor(centre.anna)
    with centre.stores.database.write() as session:
        facts = queries.facts(session, recording_id, clock.now())
        permit = policy.permit(anna, Action.THREAT_REPORT, Subject("recording", recording_id), facts)
        key = centre.stores.keys.get(recording_id)
        ground = holds.Ground(holds.THREAT, rules.THREAT_TERM, "shouting", key, until)
        return holds.place(session, permit, recording_id, ground)


@pytest.mark.rule("RET-1")
def test_a_recording_goes_at_its_deadline_and_not_before(centre: Centre, stores: Stores, now: Frozen) -> None:
    start = clock.now() - timedelta(hours=1)
    centre.call(start=start)
    now.set(start + TERM - SECOND)
    assert erase_due(stores, ERASE).due == 0
    assert traces.amounts(stores) == (1, 1, 1)
    now.set(start + TERM)
    done = erase_due(stores, ERASE)
    assert (done.due, done.erased, done.failed) == (1, 1, 0)
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.rule("RET-2")
def test_a_threat_recording_goes_after_six_calendar_months(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    start = datetime(2026, 10, 31, 12, 0, tzinfo=clock.LOCAL)
    centre.call(start=start)
    until = rules.threat_due_at(start, 6)
    hold(centre, traces.recording(stores).id, until)
    now.set(start + TERM)
    assert erase_due(stores, ERASE).due == 0
    now.set(datetime(2027, 4, 30, 12, 0, tzinfo=clock.LOCAL) - SECOND)
    assert erase_due(stores, ERASE).due == 0
    now.move(SECOND)
    assert erase_due(stores, ERASE).erased == 1
    (stone,) = traces.tombstones(stores)
    assert (stone.rule, stone.due_at) == ("RET-2", until)
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.rule("RET-7")
def test_at_the_deadline_it_is_refused_without_any_job(centre: Centre, stores: Stores, now: Frozen) -> None:
    centre.call()
    row = traces.recording(stores)
    subject = Subject("recording", row.id)
    now.set(row.due_at)
    anna = centre.actor(centre.anna)
    with stores.database.read() as session:
        facts = queries.facts(session, row.id, clock.now())
        assert not queries.own_calls(session, centre.anna, clock.now(), queries.Filter()).rows
    for action in (Action.RECORDING_PLAY, Action.RECORDING_READ, Action.THREAT_REPORT):
        with pytest.raises(AccessDenied):
            policy.permit(anna, action, subject, facts, policy.P.INSPECTION)
    with pytest.raises(KccError):
        hold(centre, row.id, clock.now() + TERM)
    assert traces.amounts(stores) == (1, 1, 1)


MARKERS = ("marker-agent", "marker-call", "+31600000007", "marker-recorder")


@pytest.mark.rule("RET-8")
def test_erased_means_key_blob_number_and_every_word_of_the_call(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    receipt = centre.call(agent_id=MARKERS[0], call_id=MARKERS[1], remote_number=MARKERS[2])
    centre.call(agent_id=MARKERS[0], call_id=MARKERS[1] + "-sealed", line="direct")
    ids = [row.id for row in traces.recordings(stores)]
    now.move(TERM)
    assert erase_due(stores, ERASE).erased == 2
    assert traces.amounts(stores) == (0, 0, 0)
    for id_ in ids:
        with pytest.raises(KeyGone):
            stores.keys.get(id_)
    stones = traces.tombstones(stores)
    assert {stone.recording_id for stone in stones} == set(ids)
    assert {stone.state for stone in stones} == {"quarantined", "sealed"}
    assert marks.mark(marks.key(stores.keys), "exchange", MARKERS[1]) in {
        stone.call_digest for stone in stones
    }
    assert traces.words_in_cells(stores, *MARKERS, str(receipt.receipt)) == []
    if traces.is_sqlite(stores):
        stores.database.close()  # brings the write-ahead log into the file
        assert traces.holds_text(stores, *MARKERS, str(receipt.receipt)) == []


@pytest.mark.rule("RET-8", "ACC-5")
def test_intent_and_end_are_written_down_without_a_person(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    centre.call()
    id_ = traces.recording(stores).id
    now.move(TERM)
    erase_due(stores, ERASE)
    with stores.database.read() as session:
        lines = session.scalars(
            select(AuditLine).where(AuditLine.action == "recording:erase").order_by(AuditLine.id)
        ).all()
    assert [line.subject for line in lines] == [f"recording:{id_}"] * 2
    assert ['"step":"intent"' in str(line.body) for line in lines] == [True, False]
    assert all(line.about_id is None and centre.anna not in str(line.body) for line in lines)


def test_erasing_again_changes_nothing(centre: Centre, stores: Stores, now: Frozen) -> None:
    centre.call()
    now.move(TERM)
    assert erase_due(stores, ERASE).erased == 1
    (stone,) = traces.tombstones(stores)
    now.move(SECOND)
    again = erase_due(stores, ERASE)
    assert (again.due, again.erased, again.failed) == (0, 0, 0)
    assert [one.erased_at for one in traces.tombstones(stores)] == [stone.erased_at]


def test_a_dry_run_counts_and_touches_nothing(centre: Centre, stores: Stores, now: Frozen) -> None:
    centre.calls(3)
    now.move(TERM)
    told: list[int] = []
    done = erase_due(stores, ERASE, dry_run=True, progress=told.append)
    assert (done.due, done.erased, done.failed, told) == (3, 0, 0, [3])
    assert traces.amounts(stores) == (3, 3, 3)
    assert {row.state for row in traces.recordings(stores)} == {"live"}


def test_more_than_one_batch_goes_in_one_run(centre: Centre, stores: Stores, now: Frozen) -> None:
    number = BATCH + 5
    for index in range(number):
        centre.call(start=clock.now() - index * SECOND, seconds=0.1, scope="internal")
    now.move(TERM)
    told: list[int] = []
    assert erase_due(stores, ERASE, progress=told.append).erased == number
    assert told == [BATCH, number]
    assert len(traces.tombstones(stores)) == number


@pytest.mark.rule("RET-8")
def test_one_failing_item_does_not_stop_the_rest_and_is_tried_again(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    centre.calls(5)
    bad = traces.recordings(stores)[2].id
    blob = next(path for path in traces.files(stores) if path.name == bad)
    blob.unlink()
    (blob / "in the way").mkdir(parents=True)  # no unlink removes a folder
    now.move(TERM)
    done = erase_due(stores, ERASE)
    assert (done.due, done.erased, done.failed) == (5, 4, 1)
    assert [row.id for row in traces.recordings(stores)] == [bad]
    with pytest.raises(KeyGone):
        stores.keys.get(bad)
    with stores.database.read() as session:
        assert queries.counts(session, clock.now())["overdue"] == 1
    (blob / "in the way").rmdir()
    blob.rmdir()
    assert erase_due(stores, ERASE).erased == 1
    assert len(traces.tombstones(stores)) == 5


def test_a_tombstone_that_is_there_already_stops_only_its_own(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    centre.calls(3)
    twice = traces.recordings(stores)[1]
    with stores.database.write() as session:
        session.add(_stone(twice))
    now.move(TERM)
    done = erase_due(stores, ERASE)
    assert (done.erased, done.failed) == (2, 1)
    assert traces.amounts(stores) == (1, 0, 0)


def _stone(row: Recording) -> Tombstone:
    digest = marks.bare(row.recorder, row.call_id)
    return Tombstone(
        recording_id="f" * 32,
        call_digest=digest,
        state="live",
        rule="RET-1",
        due_at=row.due_at,
        erased_at=row.due_at,
    )


@pytest.mark.parametrize("away", ["blobs", "keys"])
def test_an_absent_store_is_no_erasure(centre: Centre, stores: Stores, now: Frozen, away: str) -> None:
    centre.calls(2)
    now.move(TERM)
    if away == "blobs":
        folder = stores.settings.blobs.folder
        gone = folder.with_name("unmounted")
        folder.rename(gone)
        done = erase_due(stores, ERASE)
        gone.rename(folder)
    else:
        with stores.keys._rows.alone("keys.root") as connection:
            connection.exec_driver_sql("ALTER TABLE vault_key RENAME TO away")
        done = erase_due(stores, ERASE)
        with stores.keys._rows.alone("keys.root") as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO vault_key")
    assert (done.due, done.erased, done.failed) == (2, 0, 2)
    assert not traces.tombstones(stores)
    assert {row.state for row in traces.recordings(stores)} == {"erasing"}
    assert erase_due(stores, ERASE).erased == 2
    assert traces.amounts(stores) == (0, 0, 0)
    assert {stone.state for stone in traces.tombstones(stores)} == {"live"}


@pytest.mark.rule("ACC-1")
def test_nobody_but_the_system_erases(centre: Centre, stores: Stores, now: Frozen) -> None:
    centre.call()
    now.move(TERM)
    for function in set(Function) - {Function.SYSTEM}:
        with pytest.raises(AccessDenied):
            erase_due(stores, Actor("p", "P", frozenset({Post(function)})))
    assert traces.amounts(stores) == (1, 1, 1)


# A hold and the erasure at the same moment


@pytest.mark.rule("RET-2", "RET-7")
def test_a_hold_and_the_erasure_at_the_same_moment_never_both_happen(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    rounds = 12
    outcomes = set()
    for number in range(rounds):
        centre.call(call_id=f"race-{number}", seconds=1.0)
        id_ = traces.recordings(stores)[-1].id
        due = traces.recordings(stores)[-1].due_at
        now.set(due - timedelta(microseconds=1))
        held = _race(centre, stores, now, id_, due)
        there = any(row.id == id_ for row in traces.recordings(stores))
        assert held == there, f"held: {held}, there: {there}"
        if held:
            assert stores.keys.holds([id_]) == {id_}
            assert stores.blobs.present(id_)
            now.set(due + TERM)
            assert erase_due(stores, ERASE).erased == 1
        outcomes.add(held)
        now.set(due + TERM + TERM)
    assert traces.amounts(stores) == (0, 0, 0)


def _race(centre: Centre, stores: Stores, now: Frozen, id_: str, due: datetime) -> bool:
    """Hold, let the deadline come, and erase, all at once; whether the hold was given."""
    start, given = threading.Barrier(3), []

    def place() -> None:
        start.wait()
        try:
            hold(centre, id_, due + TERM)
            given.append(True)
        except (Refused, NotFound):  # too late, or already gone
            return

    def erase() -> None:
        start.wait()
        for _ in range(3):
            erase_due(stores, ERASE)

    def tick() -> None:
        start.wait()
        now.set(due)

    threads = [threading.Thread(target=run) for run in (place, erase, tick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return bool(given)
