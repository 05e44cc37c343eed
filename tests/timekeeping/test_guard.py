"""What bad clocks do to a store full of calls: a jump destroys nothing and opens nothing, and what is right
catches up by itself.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.audit.model import AuditLine
from kcc.clock import Frozen, Reading
from kcc.errors import AccessDenied, Invalid, Refused
from kcc.recordings import erasure, queries, reconcile
from kcc.stores import Stores
from kcc.timekeeping import guard
from kcc.timekeeping.guard import ClockUntrusted
from tests.centre import Centre
from tests.recordings import traces
from tests.timekeeping.wayward import Wayward

ERASE = system("erase")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def bad(now: Frozen) -> Iterator[Wayward]:
    """A clock that nobody keeps right, over a store that lives with it."""
    wayward = Wayward(now.at)
    with clock.by(wayward):
        yield wayward


@pytest.fixture
def calls(bad: Wayward, centre: Centre, stores: Stores) -> int:
    """Three calls, and a run that has seen the time."""
    centre.calls(3)
    assert erasure.erase_due(stores, ERASE).due == 0
    bad.live(HOUR)
    return 3


def hears(centre: Centre, stores: Stores) -> bool:
    """Whether the employee can still hear the first of their calls."""
    row = traces.recordings(stores)[0]
    anna = centre.actor(centre.anna)
    with stores.database.read() as session:
        facts = queries.facts(session, row.id, clock.now())
    try:
        policy.permit(
            anna, Action.RECORDING_PLAY, policy.Subject("recording", row.id), facts, policy.P.INSPECTION
        )
    except AccessDenied:
        return False
    return True


def refused(stores: Stores) -> str:
    """The code with which erasing is refused; nothing went."""
    before = traces.amounts(stores)
    with pytest.raises(ClockUntrusted) as told:
        erasure.erase_due(stores, ERASE)
    with pytest.raises(ClockUntrusted):
        reconcile.clear_strays(stores, timedelta(0))
    assert traces.amounts(stores) == before
    assert {row.state for row in traces.recordings(stores)} == {"live"}
    return told.value.code


@pytest.mark.rule("RET-1", "RET-7")
def test_a_jump_of_forty_days_destroys_nothing_and_opens_nothing(
    centre: Centre, stores: Stores, bad: Wayward, calls: int
) -> None:
    assert hears(centre, stores)
    bad.jump(40 * DAY)
    assert refused(stores) == "clock_jumped"
    guard.keep_up(stores)
    assert not hears(centre, stores)
    bad.jump(-40 * DAY)  # somebody puts it right again
    guard.keep_up(stores)
    assert hears(centre, stores)
    assert erasure.erase_due(stores, ERASE).due == 0
    assert traces.amounts(stores) == (calls, calls, calls)


@pytest.mark.usefixtures("calls")
def test_a_clock_that_jumped_refuses_no_call_for_good(centre: Centre, stores: Stores, bad: Wayward) -> None:
    """By it every call is past its term or of the future: a recorder that is told so gives its file up."""
    begun = clock.now()
    for jump in (40 * DAY, -40 * DAY):
        bad.jump(jump)
        with pytest.raises(ClockUntrusted):
            centre.call(start=begun, call_id="late")
        bad.jump(-jump)
    assert centre.call(start=begun, call_id="late").code == "stored"
    with stores.database.read() as session:
        assert queries.refusals(session, date(2000, 1, 1)) == {}


@pytest.mark.rule("RET-7")
@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_set_back_opens_nothing(
    centre: Centre, stores: Stores, bad: Wayward, restarted: bool
) -> None:
    for _ in range(29):
        bad.live(20 * HOUR)
        guard.trusted(stores)
    bad.live(5 * DAY)
    bad.synchronised = True
    guard.trusted(stores)
    bad.synchronised = False
    assert not hears(centre, stores)
    if restarted:
        bad.restart(timedelta(minutes=3))
    bad.jump(-20 * DAY)
    guard.keep_up(stores)
    assert not hears(centre, stores)
    assert refused(stores) == "clock_back"


@pytest.mark.usefixtures("calls")
def test_a_machine_that_was_off_for_a_weekend_catches_up_once_it_is_synchronised(
    stores: Stores, bad: Wayward
) -> None:
    bad.restart(28 * DAY)
    assert refused(stores) == "clock_moved"
    bad.live(timedelta(minutes=2))
    bad.synchronised = True  # the time server has answered
    assert erasure.erase_due(stores, ERASE).erased == 3


def test_off_for_a_night_nobody_need_vouch(stores: Stores, bad: Wayward, calls: int) -> None:
    bad.restart(14 * HOUR)
    assert erasure.erase_due(stores, ERASE).due == 0
    assert traces.amounts(stores) == (calls, calls, calls)


@pytest.mark.usefixtures("calls")
def test_a_database_with_another_time_stops_erasing(stores: Stores, bad: Wayward) -> None:
    if traces.is_sqlite(stores):
        pytest.skip("SQLite has no clock of its own")
    bad.synchronised = True
    bad.jump(timedelta(seconds=61), server_too=False)
    assert refused(stores) == "clock_disagrees"
    with stores.database.write() as session, pytest.raises(Refused):
        guard.confirm(session, ERASE, "I looked at the station's clock")
    bad.jump(timedelta(seconds=-1), server_too=False)
    guard.trusted(stores)


@pytest.mark.rule("RET-7")
@pytest.mark.usefixtures("calls")
def test_the_databases_clock_counts_for_access_when_it_is_later(
    centre: Centre, stores: Stores, bad: Wayward
) -> None:
    if traces.is_sqlite(stores):
        pytest.skip("SQLite has no clock of its own")
    bad.server += 40 * DAY
    guard.keep_up(stores)
    assert not hears(centre, stores)


@pytest.mark.rule("ACC-5")
@pytest.mark.usefixtures("calls")
def test_the_administrator_can_vouch_with_a_reason_that_is_kept(
    centre: Centre, stores: Stores, bad: Wayward
) -> None:
    bad.restart(40 * DAY)
    administrator = centre.actor(centre.administrator)
    for reason in ("", "  ", "x" * 401):
        with stores.database.write() as session, pytest.raises(Invalid):
            guard.confirm(session, administrator, reason)
    assert refused(stores) == "clock_moved"
    with stores.database.write() as session:
        guard.confirm(session, administrator, "I looked at the station's clock")
    with stores.database.read() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.action == "clock:confirm")).one()
    assert "the station's clock" in str(line.body)
    assert erasure.erase_due(stores, ERASE).erased == 3
    with stores.database.write() as session, pytest.raises(Refused):
        guard.confirm(session, administrator, "once more")


@pytest.mark.usefixtures("calls")
def test_a_dry_run_may_count_by_any_clock(stores: Stores, bad: Wayward) -> None:
    bad.jump(40 * DAY)
    assert erasure.erase_due(stores, ERASE, dry_run=True).due == 3


def test_every_doubt_has_its_sentence() -> None:
    assert set(guard.SENTENCES) == set(guard.Doubt)


class Both(Wayward):
    """A clock that two threads read before either writes down what it saw, where the database lets them."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.met = threading.Barrier(2)

    def read(self) -> Reading:
        """As it stands, once both are there; on SQLite the second waits for the first one's lock."""
        with suppress(threading.BrokenBarrierError):
            self.met.wait(timeout=1)
        return super().read()


def test_two_who_are_the_first_to_look_both_trust_the_clock(now: Frozen, stores: Stores) -> None:
    with clock.by(Both(now.at)), ThreadPoolExecutor(2) as pool:
        looks = [pool.submit(guard.trusted, stores) for _ in range(2)]
        assert [look.result() for look in looks] == [now.at, now.at]
