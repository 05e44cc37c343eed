"""A hold and an erasure at the same moment never end as "held and gone", wherever the one comes into the
other.
"""

import threading
from datetime import timedelta

import pytest

from kcc import clock, failpoints
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.errors import KccError
from kcc.recordings.erasure import erase_due
from kcc.recordings.model import Recording
from kcc.stores import Stores
from tests.centre import Centre
from tests.faults.scenes import lift, report
from tests.recordings import traces

pytestmark = pytest.mark.faults

AT_MOST = 60
SECOND = timedelta(seconds=1)


class Beside:
    """At the n-th place of a deed, another begins in a thread of its own; afterwards its end is awaited."""

    def __init__(self, number: int, now: Frozen, moves: timedelta, stores: Stores, call_id: str) -> None:
        self._left, self._now, self._moves = number, now, moves
        self._stores, self._call_id = stores, call_id
        self._thread: threading.Thread | None = None
        self.begun, self.held = False, False
        self._ours = threading.get_ident()

    def __call__(self, _name: str, _after: bool) -> None:
        if self.begun or threading.get_ident() != self._ours:
            return
        self._left -= 1
        if self._left == 0:
            self.begun = True
            self._now.move(self._moves)
            self._thread = threading.Thread(target=self._other)
            self._thread.start()
            self._thread.join(0.15)  # it gets as far as it comes: to its end, or to a lock of ours

    def _other(self) -> None:
        try:
            report(self._stores, self._call_id)
            self.held = True
        except (KccError, AssertionError):
            pass  # refused, or the row is no longer there

    def end(self) -> None:
        """Wait for it."""
        if self._thread:
            self._thread.join(60)
            assert not self._thread.is_alive(), "they wait for each other"


def outcome(stores: Stores, call_id: str, row: Recording, *, held: bool) -> None:
    """Held, and whole; or not held, and gone."""
    rows = {each.call_id: each for each in traces.recordings(stores)}
    whole = bool(stores.keys.holds([row.id])) and stores.blobs.present(row.id)
    gone = {stone.recording_id for stone in traces.tombstones(stores)}
    if held:
        assert call_id in rows, "held and gone"
        assert rows[call_id].state == "live", "held and going"
        assert whole, "held and without its sound"
        assert rows[call_id].due_at > clock.now() + timedelta(days=100)
        assert row.id not in gone
    else:
        assert call_id not in rows, "neither held nor gone"
        assert not whole
        assert row.id in gone


@pytest.mark.rule("RET-2", "RET-7", "RET-8")
def test_a_hold_that_comes_into_an_erasure(centre: Centre, stores: Stores, now: Frozen) -> None:
    """By a clock two seconds behind, on which the deadline is still to come."""
    outcomes = set()
    for number in range(1, AT_MOST):
        row, call_id = fresh(centre, stores, number)
        now.set(row.due_at + SECOND)
        beside = Beside(number, now, -2 * SECOND, stores, call_id)
        with failpoints.armed(beside):
            erase_due(stores, system("erase"))
            beside.end()
        now.set(row.due_at + SECOND)
        erase_due(stores, system("erase"))
        outcome(stores, call_id, row, held=beside.held)
        outcomes.add(beside.held)
        if not beside.begun:
            break
        if beside.held:  # so that nothing is left for the next round
            lift(stores, call_id)
            erase_due(stores, system("erase"))
    else:
        raise AssertionError("the erasure never goes through undisturbed")
    assert outcomes == {True, False}, "the moments tried do not lie on both sides"


@pytest.mark.rule("RET-2", "RET-7", "RET-8")
def test_an_erasure_that_comes_into_a_hold(centre: Centre, stores: Stores, now: Frozen) -> None:
    """The deadline comes while the hold is being placed."""
    for number in (1, 2):
        row, call_id = fresh(centre, stores, number)
        now.set(row.due_at - SECOND)
        beside = Eraser(number, now, 2 * SECOND, stores, call_id)
        with failpoints.armed(beside):
            report(stores, call_id)
            beside.end()
        assert beside.begun
        now.set(row.due_at + SECOND)
        erase_due(stores, system("erase"))
        outcome(stores, call_id, row, held=True)


class Eraser(Beside):
    """The other one erases."""

    def _other(self) -> None:
        erase_due(self._stores, system("erase"))


def fresh(centre: Centre, stores: Stores, number: int) -> tuple[Recording, str]:
    """A call of Anna's that is due in some while."""
    call_id = f"stored-{number}"
    centre.call(seconds=0.2, call_id=call_id)
    return next(row for row in traces.recordings(stores) if row.call_id == call_id), call_id
