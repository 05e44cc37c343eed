"""Holds: the only thing that moves a deadline, and never one that has come."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Permit, Subject
from kcc.clock import Frozen
from kcc.errors import Invalid, NotFound, Refused
from kcc.recordings import erasure, holds, queries, rules
from kcc.recordings.model import Hold, HoldReview, Recording
from kcc.stores import Stores
from tests.centre import Centre
from tests.recordings import traces

DAY = timedelta(days=1)


def permitted(centre: Centre, recording_id: str) -> Permit:
    with centre.stores.database.read() as session:
        facts = queries.facts(session, recording_id, clock.now())
    anna = centre.actor(centre.anna)
    return policy.permit(anna, Action.THREAT_REPORT, Subject("recording", recording_id), facts)


def ground(
    row: Recording, days: int, kind: str = holds.THREAT, key: bytes = bytes(32), **more: Any
) -> holds.Ground:
    return holds.Ground(
        kind, "RET-2" if kind == holds.THREAT else "RET-3", "He shouted", key, row.due_at + days * DAY, **more
    )


def place(centre: Centre, row: Recording, days: int, kind: str = holds.THREAT) -> Hold:
    permit = permitted(centre, row.id)
    with centre.stores.database.write() as session:
        return holds.place(session, permit, row.id, ground(row, days, kind))


@pytest.mark.rule("RET-2", "SAM-6")
def test_a_hold_moves_the_deadline_and_bars_the_sample(centre: Centre, stores: Stores) -> None:
    centre.call()
    before = traces.recording(stores)
    hold = place(centre, before, 100)
    after = traces.recording(stores)
    assert (after.due_at, after.due_rule) == (before.due_at + 100 * DAY, "RET-2")
    assert (after.sample_barred, hold.placed_by, hold.placed_at) == (True, centre.anna, clock.now())


@pytest.mark.rule("RET-3")
def test_a_later_hold_never_brings_the_deadline_forward(centre: Centre, stores: Stores) -> None:
    centre.call()
    row = traces.recording(stores)
    place(centre, row, 100)
    place(centre, row, 10)
    assert traces.recording(stores).due_at == row.due_at + 100 * DAY


def test_a_hold_of_another_kind_bars_no_sample(centre: Centre, stores: Stores) -> None:
    centre.call()
    place(centre, traces.recording(stores), 3, kind="other")
    assert not traces.recording(stores).sample_barred


@pytest.mark.rule("RET-7")
def test_at_its_deadline_nothing_can_be_kept_any_more(centre: Centre, stores: Stores, now: Frozen) -> None:
    centre.call()
    row = traces.recording(stores)
    permit = permitted(centre, row.id)
    now.set(row.due_at)
    with stores.database.write() as session, pytest.raises(Refused) as told:
        holds.place(session, permit, row.id, ground(row, 1))
    assert told.value.rule == "RET-7"
    assert traces.recording(stores).due_at == row.due_at


@pytest.mark.parametrize("described", [{"scope": "internal"}, {"agent_id": "nobody"}])
def test_only_a_living_recording_is_kept(centre: Centre, stores: Stores, described: dict[str, str]) -> None:
    centre.call()
    permit = permitted(centre, traces.recording(stores).id)
    centre.call(start=clock.now(), **described)
    other = traces.recordings(stores)[1]
    with stores.database.write() as session, pytest.raises(Refused):
        holds.place(session, permit, other.id, ground(other, 1))


def test_what_is_not_there_is_not_found(centre: Centre, stores: Stores) -> None:
    centre.call()
    permit = permitted(centre, traces.recording(stores).id)
    with stores.database.write() as session, pytest.raises(NotFound):
        holds.place(session, permit, "0" * 32, ground(traces.recording(stores), 1))


# Lifting


def lift(centre: Centre, hold: Hold) -> None:
    permit = permitted(centre, hold.recording_id)
    with centre.stores.database.write() as session:
        holds.lift(session, permit, hold.id, centre.stores.settings.limits)


@pytest.mark.rule("RET-1", "RET-3")
def test_lifting_gives_the_deadline_back_to_what_still_holds(centre: Centre, stores: Stores) -> None:
    centre.call()
    row = traces.recording(stores)
    short, long = place(centre, row, 10, kind="measure"), place(centre, row, 100)
    lift(centre, long)
    assert (traces.recording(stores).due_at, traces.recording(stores).due_rule) == (
        row.due_at + 10 * DAY,
        "RET-3",
    )
    lift(centre, long)
    lift(centre, short)
    assert (traces.recording(stores).due_at, traces.recording(stores).due_rule) == (row.due_at, "RET-1")
    assert traces.recording(stores).sample_barred


@pytest.mark.rule("RET-3", "RET-7")
def test_what_is_overdue_without_its_hold_goes_in_the_next_run(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    centre.call()
    row = traces.recording(stores)
    hold = place(centre, row, 100)
    now.set(row.due_at + DAY)
    assert erasure.erase_due(stores, system("erase")).due == 0
    lift(centre, hold)
    with stores.database.read() as session:
        facts = queries.facts(session, row.id, clock.now())
    assert facts.due_at <= clock.now(), "nobody hears it from this moment"
    assert erasure.erase_due(stores, system("erase")).erased == 1
    (stone,) = traces.tombstones(stores)
    assert (stone.rule, stone.due_at) == ("RET-1", row.due_at)


def test_a_permit_for_another_recording_lifts_nothing(centre: Centre, stores: Stores) -> None:
    centre.calls(2)
    one, other = traces.recordings(stores)
    hold = place(centre, one, 10)
    permit = permitted(centre, other.id)
    with stores.database.write() as session, pytest.raises(TypeError):
        holds.lift(session, permit, hold.id, stores.settings.limits)
    with stores.database.write() as session, pytest.raises(NotFound):
        holds.lift(session, permit, "0" * 32, stores.settings.limits)
    assert traces.recordings(stores)[0].due_at == one.due_at + 10 * DAY


# Owner, reason, review


@pytest.mark.rule("RET-3", "RET-8")
def test_a_hold_has_an_owner_a_sealed_reason_and_a_review_date(centre: Centre, stores: Stores) -> None:
    centre.call()
    row = traces.recording(stores)
    permit, key = permitted(centre, row.id), stores.keys.get(row.id)
    with stores.database.write() as session:
        hold = holds.place(session, permit, row.id, ground(row, 200, key=key, owner_id=centre.lead))
    with stores.database.read() as session:
        kept = session.get_one(HoldReview, hold.id)
    assert kept.owner_id == centre.lead
    assert holds.reason_of(key, kept) == "He shouted"
    assert b"shouted" not in (kept.reason or b"")
    assert kept.review_at == rules.threat_due_at(clock.now(), 3)


@pytest.mark.parametrize("wanted", [timedelta(0), -DAY, 93 * DAY])
def test_a_review_is_within_three_months(centre: Centre, stores: Stores, wanted: timedelta) -> None:
    centre.call()
    row = traces.recording(stores)
    permit = permitted(centre, row.id)
    wrong = ground(row, 200, review_at=clock.now() + wanted)
    with stores.database.write() as session, pytest.raises(Invalid):
        holds.place(session, permit, row.id, wrong)
    hold = place(centre, row, 200)
    with stores.database.write() as session, pytest.raises(Invalid):
        holds.review(session, permit, hold.id, clock.now() + wanted)
    with stores.database.write() as session:
        holds.review(session, permit, hold.id, clock.now() + 30 * DAY)
    with stores.database.read() as session:
        assert session.get_one(HoldReview, hold.id).review_at == clock.now() + 30 * DAY


@pytest.mark.rule("RET-3")
def test_only_its_owner_looks_again_at_a_hold_that_stands(centre: Centre, stores: Stores) -> None:
    centre.calls(2)
    row, other = traces.recordings(stores)
    permit, foreign = permitted(centre, row.id), permitted(centre, other.id)
    mine = place(centre, row, 200)
    with stores.database.write() as session:
        hers = holds.place(session, permit, row.id, ground(row, 200, owner_id=centre.lead))
    for allowed, hold_id in ((permit, hers.id), (permit, "0" * 32)):
        with stores.database.write() as session, pytest.raises(NotFound):
            holds.review(session, allowed, hold_id)
    with stores.database.write() as session, pytest.raises(TypeError):
        holds.review(session, foreign, mine.id)
    lift(centre, mine)
    with stores.database.write() as session, pytest.raises(NotFound):
        holds.review(session, permit, mine.id)
    with stores.database.read() as session:
        assert holds.review_of(session, mine.id) is None


def test_a_short_hold_is_reviewed_where_it_ends() -> None:
    placed = datetime(2026, 11, 30, 12, tzinfo=clock.LOCAL)
    assert rules.review_at(placed, placed + 5 * DAY) == placed + 5 * DAY
    assert rules.review_at(placed, placed + 500 * DAY) == datetime(2027, 2, 28, 12, tzinfo=clock.LOCAL)


def test_without_a_reason_nothing_is_held(centre: Centre, stores: Stores) -> None:
    centre.call()
    row = traces.recording(stores)
    permit = permitted(centre, row.id)
    mute = holds.Ground(holds.THREAT, "RET-2", "  ", bytes(32), row.due_at + DAY)
    with pytest.raises(Invalid), stores.database.write() as session:
        holds.place(session, permit, row.id, mute)
    assert traces.recording(stores).due_at == row.due_at
