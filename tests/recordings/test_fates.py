"""Was I recorded, and when was it erased under which rule? Answered from the tombstone, about nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Actor, Function, Post, system
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import AccessDenied
from kcc.recordings import erasure, fates
from kcc.recordings.fates import Fate
from kcc.stores import Stores
from tests.centre import Centre
from tests.recordings import traces

ASKED = system("cli")


def fate(stores: Stores, call_id: str, recorder: str = "exchange") -> Fate:
    with stores.database.write() as session:
        return fates.find(session, stores.keys, ASKED, recorder, call_id)


@pytest.mark.rule("RET-8", "SUB-1")
def test_a_call_is_answered_for_through_its_whole_life(centre: Centre, stores: Stores, now: Frozen) -> None:
    start = clock.now()
    centre.call(call_id="mine", start=start)
    due = start + timedelta(days=28)
    assert fate(stores, "mine") == Fate("live", "RET-1", due)
    now.set(due)
    assert fate(stores, "mine") == Fate("erasing", "RET-1", due)
    now.move(timedelta(minutes=7))
    erasure.erase_due(stores, system("erase"))
    assert fate(stores, "mine") == Fate("erased", "RET-1", clock.now())
    assert traces.words_in_cells(stores, "mine") == []


@pytest.mark.parametrize(("call_id", "recorder"), [("yours", "exchange"), ("mine", "another"), ("", "")])
def test_another_call_is_unknown(centre: Centre, stores: Stores, call_id: str, recorder: str) -> None:
    centre.call(call_id="mine")
    assert fate(stores, call_id, recorder) == Fate("unknown")


def test_a_refused_call_was_never_recorded(centre: Centre, stores: Stores) -> None:
    centre.call(call_id="mine", line="silent")
    assert fate(stores, "mine") == Fate("unknown")


@pytest.mark.rule("ACC-5")
def test_asking_is_written_down_without_the_calls_own_id(centre: Centre, stores: Stores) -> None:
    centre.call(call_id="marker-call")
    fate(stores, "marker-call")
    with stores.database.read() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.action == "recording:find")).one()
    assert traces.recording(stores).id in str(line.body)
    assert "marker-call" not in str(line.body)


@pytest.mark.rule("ACC-1")
def test_nobody_but_the_host_asks(centre: Centre, stores: Stores) -> None:
    centre.call(call_id="mine")
    for function in set(Function) - {Function.SYSTEM}:
        with stores.database.write() as session, pytest.raises(AccessDenied):
            fates.find(session, stores.keys, Actor("p", "P", frozenset({Post(function)})), "exchange", "mine")
