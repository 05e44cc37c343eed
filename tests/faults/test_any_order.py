"""Anything in any order against a small model: calls, holds, functions that end, clocks that move, kills,
restarts, two runners; what must hold after each step is invariants'.
"""

import os
import shutil
import subprocess
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kcc import clock
from kcc.access.actor import Function, system
from kcc.people import endings, functions
from kcc.recordings import volume
from kcc.recordings.rules import due_at
from kcc.stores import Stores, create_blobs
from tests import postgres
from tests.centre import build
from tests.faults import scenes
from tests.faults.conftest import Doomed
from tests.faults.grounds import fast_folder, settings_in
from tests.faults.invariants import State, holds_at_rest, holds_now
from tests.recordings.inbox import left

pytestmark = pytest.mark.faults

EXAMPLES = int(os.environ.get("KCC_FAULTS_EXAMPLES", "3"))
"""How many histories; `make faults` asks for more. Always the same ones: nothing here is left to chance."""
STEPS = 12
KINDS = ["stored", "stored", "stored", "waiting", "sealed", "private", "refused"]
PLACES = st.one_of(st.just(0), st.integers(1, 60))
"""Before or after which named step a process is killed; 0, or one it does not come to: it lives."""


class AnyOrder(RuleBasedStateMachine):
    """The installation beside the model: when each call began, which are held, whether Anna is employed."""

    starter: "subprocess.Popen[str]"
    database: str | None
    migrated: Path | str

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.folder = self._stack.enter_context(fast_folder())
        if isinstance(self.migrated, Path):
            shutil.copy(self.migrated, self.folder / "kcc.db")
            url = None
        else:
            assert self.database
            url = self._stack.enter_context(postgres.database(self.database, self.migrated))
        self.clock = self._stack.enter_context(clock.frozen(datetime.now(UTC) + timedelta(seconds=5)))
        found = settings_in(self.folder, url)
        create_blobs(found)
        self.stores = Stores.open(found)
        volume.check(self.stores)
        build(self.stores)
        self.doomed = Doomed(self.stores, self.starter)
        self.numbers = count(1)
        self.starts: dict[str, datetime] = {}
        self.held: dict[str, bool] = {}
        self.employed = True

    @initialize()
    def some_calls(self) -> None:
        """No history begins with nothing."""
        for kind in ("stored", "waiting"):
            self.arrive(kind, 0)
        self.deliver(0)

    # -- what people and machines do

    @rule(kind=st.sampled_from(KINDS), days=st.integers(0, 27))
    def arrive(self, kind: str, days: int) -> None:
        """A recorder writes a call down, some days after it was."""
        call_id = f"{kind}-{next(self.numbers)}"
        self.starts[call_id] = clock.now() - timedelta(days=days, hours=1)
        scenes.put_call(self.folder, call_id, self.starts[call_id])

    @rule(die_at=PLACES)
    def deliver(self, die_at: int) -> None:
        """The recorder's folder is taken in, or that is broken off."""
        self.doomed.run("deliver", self.folder / "source", die_at, named=True)

    @rule(die_at=PLACES, which=st.randoms(use_true_random=False))
    def report(self, die_at: int, which: object) -> None:
        """Anna reports a call of hers, which holds it."""
        call_id = self._one(which, lambda row: row.state == "live" and row.call_id not in self.held)
        if call_id and self.employed:
            done = self.doomed.run("report", call_id, die_at, named=True)
            self._settle_hold(call_id, certain=done is not None)

    @rule(die_at=PLACES, which=st.randoms(use_true_random=False))
    def lift(self, die_at: int, which: object) -> None:
        """A hold is lifted."""
        call_id = self._one(which, lambda row: self.held.get(row.call_id, False))
        if call_id and self.employed:
            done = self.doomed.run("lift", call_id, die_at, named=True)
            standing = self._standing(call_id)
            assert done is None or not standing, "lifted, and it still stands"
            self.held[call_id] = standing

    @rule(hours=st.sampled_from([1, 5, 24, 7 * 24, 20 * 24, 100 * 24]))
    def time_goes_by(self, hours: int) -> None:
        """Nothing happens for a while."""
        self.clock.move(timedelta(hours=hours))

    @precondition(lambda _: clock.now() > datetime.now(UTC) + timedelta(minutes=2))
    @rule()
    def the_clock_is_set_right(self) -> None:
        """By half a minute, backwards."""
        self.clock.move(-timedelta(seconds=30))

    @rule(die_at=PLACES)
    def erase(self, die_at: int) -> None:
        """The eraser runs, or is killed."""
        self.doomed.run("erase", self.folder, die_at, named=True)

    @rule(die_at=PLACES)
    def rotate(self, die_at: int) -> None:
        """The root key is renewed, or that is broken off."""
        self.doomed.run("rotate", self.folder, die_at, named=True)

    @rule(die_at=PLACES)
    def restart(self, die_at: int) -> None:
        """Everything is opened anew, and a start does what it does, unless it is killed."""
        settings_ = self.stores.settings
        self.stores.close()
        self.stores = Stores.open(settings_)
        self.doomed.run("restart", self.folder, die_at, named=True)

    @rule(deed=st.sampled_from(["restart", "erase", "rotate"]), die_at=PLACES)
    def two_runners(self, deed: str, die_at: int) -> None:
        """Two at once, of which one may be killed."""
        self.doomed.run(deed, self.folder, die_at, named=True, beside=1)

    @rule(die_at=PLACES)
    def function_ends_or_begins(self, die_at: int) -> None:
        """Anna leaves, or comes back; what follows may be broken off."""
        self.employed = not self.employed
        anna, today, host = scenes.person(self.stores), clock.today(), system("cli")
        with self.stores.database.write() as session:
            if self.employed:
                functions.begin(session, host, anna, Function.EMPLOYEE, today, customer_calls=True)
            else:
                functions.leave(session, host, anna, today)
        self.doomed.run("follow", self.folder, die_at, named=True)

    # -- what must hold

    @invariant()
    def nothing_is_wrong(self) -> None:
        """After every step."""
        here = dict.fromkeys(self.starts) | self._known()
        holds_now(self.stores, self.folder, here, [], employed=self.employed)
        state = State(self.stores, self.folder)
        for call_id, held in self.held.items():
            row, start = state.rows.get(call_id), self.starts[call_id]
            if held and state.now < start + timedelta(days=170):
                assert row, f"{call_id} is held and gone"
                assert row.due_at > start + timedelta(days=170)
            elif row and not held:
                assert row.due_at == due_at(start, 28)

    def teardown(self) -> None:
        """At the end everything comes to rest."""
        try:
            for _ in range(2):
                self.clock.move(timedelta(hours=2))
                self.doomed.run("deliver", self.folder / "source")
                self.clock.move(timedelta(hours=2))
                self.doomed.run("restart", self.folder)
                self.doomed.run("follow", self.folder)
            self.nothing_is_wrong()
            with self.stores.database.read() as session:
                assert not endings.ripe(session, clock.now()), "what follows was not done"
            state = State(self.stores, self.folder)
            refused = {name.removesuffix(".wav") for name in left(self.folder / "source") if "wav" in name}
            late = {
                call_id
                for call_id in refused
                if state.stone(call_id) or self.starts[call_id] + timedelta(days=28) <= state.now
            }
            gone = dict.fromkeys(self.starts)
            holds_at_rest(self.stores, self.folder, gone, late)
        finally:
            self.stores.close()
            self._stack.close()

    def _known(self) -> dict[str, str]:
        """When the calls began that are the recorder's no more: they are here, or were erased."""
        state = State(self.stores, self.folder)
        taken = [call_id for call_id in self.starts if call_id in state.rows or state.stone(call_id)]
        return {call_id: self.starts[call_id].isoformat() for call_id in taken}

    def _one(self, which: object, fits: object) -> str | None:
        rows = State(self.stores, self.folder).rows.values()
        found = sorted(row.call_id for row in rows if row.due_at > clock.now() and fits(row))  # type: ignore[operator]
        return which.choice(found) if found else None  # type: ignore[attr-defined, no-any-return]

    def _standing(self, call_id: str) -> bool:
        state = State(self.stores, self.folder)
        row = state.rows.get(call_id)
        return row is not None and any(
            hold.recording_id == row.id and hold.lifted_at is None for hold in state.holds
        )

    def _settle_hold(self, call_id: str, *, certain: bool) -> None:
        standing = self._standing(call_id)
        assert standing or not certain, "placed, and it is not there"
        if standing:
            self.held[call_id] = True


@pytest.mark.rule("RET-1", "RET-2", "RET-7", "RET-8", "ACC-5")
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_anything_in_any_order_leaves_nothing_wrong(
    engine: str, starter: "subprocess.Popen[str]", request: pytest.FixtureRequest
) -> None:
    embedded = engine == "sqlite"
    place = {
        "starter": starter,
        "database": None if embedded else request.getfixturevalue("postgres_url"),
        "migrated": request.getfixturevalue("migrated_sqlite" if embedded else "migrated_postgres"),
    }
    run_state_machine_as_test(
        type("AnyOrder", (AnyOrder,), place),
        settings=settings(
            max_examples=EXAMPLES if embedded else max(EXAMPLES // 4, 2),
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            database=None,
            print_blob=False,
            phases=[Phase.generate],  # a history tells as much at its full length, and each step takes time
            suppress_health_check=list(HealthCheck),
        ),
    )
