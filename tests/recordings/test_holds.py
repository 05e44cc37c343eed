"""Holds: the only thing that moves a deadline, and never one that has come."""

from datetime import timedelta

import pytest

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Permit, Subject
from kcc.clock import Frozen
from kcc.errors import NotFound, Refused
from kcc.recordings import holds, queries
from kcc.recordings.model import Hold, Recording
from kcc.stores import Stores
from tests.centre import Centre
from tests.recordings import traces

DAY = timedelta(days=1)


def permitted(centre: Centre, recording_id: str) -> Permit:
    with centre.stores.database.read() as session:
        facts = queries.facts(session, recording_id, clock.now())
    anna = centre.actor(centre.anna)
    return policy.permit(anna, Action.THREAT_REPORT, Subject("recording", recording_id), facts)


def place(centre: Centre, row: Recording, days: int, kind: str = holds.THREAT) -> Hold:
    permit = permitted(centre, row.id)
    with centre.stores.database.write() as session:
        return holds.place(session, permit, row.id, kind, "RET-2", row.due_at + days * DAY)


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
        holds.place(session, permit, row.id, holds.THREAT, "RET-2", row.due_at + DAY)
    assert told.value.rule == "RET-7"
    assert traces.recording(stores).due_at == row.due_at


@pytest.mark.parametrize("described", [{"scope": "internal"}, {"agent_id": "nobody"}])
def test_only_a_living_recording_is_kept(centre: Centre, stores: Stores, described: dict[str, str]) -> None:
    centre.call()
    permit = permitted(centre, traces.recording(stores).id)
    centre.call(start=clock.now(), **described)
    other = traces.recordings(stores)[1]
    with stores.database.write() as session, pytest.raises(Refused):
        holds.place(session, permit, other.id, holds.THREAT, "RET-2", other.due_at + DAY)


def test_what_is_not_there_is_not_found(centre: Centre, stores: Stores) -> None:
    centre.call()
    permit = permitted(centre, traces.recording(stores).id)
    with stores.database.write() as session, pytest.raises(NotFound):
        holds.place(session, permit, "0" * 32, holds.THREAT, "RET-2", clock.now() + DAY)
