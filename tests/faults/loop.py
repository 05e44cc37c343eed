"""The loop: do a deed, let its 1st, 2nd, … n-th place fail until a run goes untouched, and look at what holds
after each; which faults there are is injected's.
"""

import functools
import json
import os
import signal
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import select

from kcc import clock, failpoints
from kcc.config import Settings
from kcc.errors import KccError
from kcc.recordings import volume
from kcc.recordings.model import Recording
from kcc.stores import Stores, create_blobs
from tests.faults.grounds import OnSqlite
from tests.faults.injected import Fault, Injected
from tests.faults.invariants import holds_at_rest, holds_now
from tests.faults.scenes import Scene, restart

AT_MOST = 2_000
"""More places than any deed has: a loop that gets here never ends."""
WATCH = 0
"""Instead of a place: strike nowhere, and look whether every durable step has a name."""
PATIENCE = 60
"""Seconds after which a deed hangs."""
Told = list[dict[str, Any]]


@dataclass
class Tally:
    """How the runs of one scene under one fault went."""

    ground: str
    scene: str
    fault: str
    runs: int = 0
    struck: int = 0
    points: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


def in_child(work: Callable[[Callable[[dict[str, object]], None]], None]) -> tuple[int, Told]:
    """Do something in a process of its own: how it ended, and what it told on its way."""
    hear, pipe = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        signal.alarm(PATIENCE)
        try:
            os.close(hear)

            def tell(said: dict[str, object]) -> None:
                os.write(pipe, json.dumps(said).encode() + b"\n")

            try:
                work(tell)
                status = 0
            except BaseException:
                tell({"failed": traceback.format_exc()[-3000:]})
        finally:
            os._exit(status)
    os.close(pipe)
    with os.fdopen(hear) as answer:
        told = [json.loads(line) for line in answer]
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told


def prepare(scene: Scene) -> Callable[[Settings, Path], None]:
    """A way to make the installation of a scene, at the present time."""

    def made(settings: Settings, folder: Path) -> None:
        def work(_tell: object) -> None:
            with clock.frozen(datetime.now(UTC)):
                create_blobs(settings)
                stores = Stores.open(settings)
                if scene.name not in ("set-up", "old volume", "old bucket"):
                    volume.check(stores)
                scene.prepare(stores, folder)
                starts = _starts(stores)
                stores.database.settle()
                stores.close()
            (folder / "calls.json").write_text(json.dumps(starts))

        ended, told = in_child(work)
        assert ended == 0, f"{scene.name} cannot be prepared: {told}"

    return made


def _starts(stores: Stores) -> dict[str, str]:
    with stores.database.read() as session:
        rows = session.execute(select(Recording.call_id, Recording.started_at))
        return {call_id: start.isoformat() for call_id, start in rows}


def loop(ground: OnSqlite, scene: Scene, fault: Fault, *, first: int = 1, every: int = 1) -> Tally:
    """Strike at the first, and then each `every`-th place, until a run goes untouched."""
    tally = Tally(ground.name, scene.name, fault.value)
    for number in [*([WATCH] if fault is Fault.KILL else []), *range(first, AT_MOST, every)]:
        with ground.run(scene.name) as (settings, folder):
            struck, told, wrong = _one(scene, settings, folder, fault, number)
        tally.runs += 1
        tally.passed.update(said["point"] for said in told if "point" in said)
        if struck:
            tally.struck += 1
            tally.points.update(_strikes(told))
        if wrong:
            tally.violations.append(f"{ground.name} / {scene.name} / {fault} at {number} {struck}: {wrong}")
        if not struck and number != WATCH:
            return tally
    raise AssertionError(f"{scene.name} never goes through untouched")


def _one(
    scene: Scene, settings: Settings, folder: Path, fault: Fault, number: int
) -> tuple[str | None, Told, str]:
    at = datetime.now(UTC) + scene.later + timedelta(seconds=5)
    calls = _calls(folder)
    injected, watch = functools.partial(Injected, fault, number), number == WATCH
    ended, told = in_child(lambda tell: _do(scene, settings, folder, at, injected(tell), tell, watch=watch))
    struck = next(iter(_strikes(told)), None)
    wrong = [said["failed"] for said in told if "failed" in said]
    expected = -signal.SIGKILL if struck and fault is Fault.KILL else 0
    if ended != expected and not wrong:
        wrong.append(f"ended with {ended}")
    ended, seen = in_child(lambda _: _look(scene, settings, folder, at, calls, told))
    wrong += [said["failed"] for said in seen if "failed" in said]
    if ended and not wrong:
        wrong.append(f"the look ended with {ended}")
    return struck, told, "\n".join(wrong)


def _strikes(told: Told) -> list[str]:
    """The places that were struck, the first first; with a plus those after the step."""
    return [f"{said['struck']}{'+' if said['after'] else ''}" for said in told if "struck" in said]


def _calls(folder: Path) -> dict[str, str | None]:
    calls: dict[str, str | None] = {path.stem: None for path in (folder / "source").glob("*.wav")}
    return calls | json.loads((folder / "calls.json").read_text())


def _do(
    scene: Scene,
    settings: Settings,
    folder: Path,
    at: datetime,
    injected: Injected,
    tell: Callable[[dict[str, object]], None],
    *,
    watch: bool,
) -> None:
    """The deed; it may be refused with an error of ours, and with no other."""
    os.environ["TMPDIR"] = str(folder)  # whatever anybody writes, it is looked through
    with clock.frozen(at):
        stores = Stores.open(settings) if scene.opens else cast(Stores, SimpleNamespace(settings=settings))
        unnamed = _Unnamed(injected)
        if watch:
            unnamed.begin()
        with failpoints.armed(unnamed):
            try:
                scene.deed(stores, folder, tell)
            except KccError as fault:
                tell({"refused": fault.code})
            finally:
                unnamed.end()
        assert not unnamed.found, f"durable, and under no name: {unnamed.found}"


class _Unnamed:
    """Passes each named step on, and notices what is made durable outside of them."""

    CALLS = frozenset(("fsync", "fdatasync", "link", "unlink", "mkdir", "replace", "rename", "pwrite"))

    def __init__(self, hook: Injected) -> None:
        self._hook, self._in, self.found = hook, threading.local(), set[str]()

    def begin(self) -> None:
        """Notice from now on, also in threads that begin later."""
        threading.setprofile(self._notice)
        sys.setprofile(self._notice)

    def __call__(self, name: str, after: bool) -> None:
        self._in.step = None if after else name
        self._hook(name, after)

    def end(self) -> None:
        """Notice no more."""
        sys.setprofile(None)
        threading.setprofile(None)

    def _notice(self, frame: Any, event: str, argument: Any) -> None:
        if event == "c_call" and argument.__name__ in self.CALLS:
            module = getattr(argument, "__module__", None) or type(argument.__self__).__name__
            if module == "posix" and getattr(self._in, "step", None) is None:
                self.found.add(f"{argument.__name__} in {frame.f_code.co_filename}:{frame.f_lineno}")


def _look(
    scene: Scene, settings: Settings, folder: Path, at: datetime, calls: dict[str, str | None], told: Told
) -> None:
    """What holds now, after a start, and once what was broken off was done again."""

    def nothing(_: dict[str, object]) -> None:
        return

    with clock.frozen(at) as now:
        if not scene.opens:
            assert scene.again
            scene.again(cast(Stores, SimpleNamespace(settings=settings)), folder, nothing)
        stores = Stores.open(settings)
        holds_now(stores, folder, calls, told)
        stores.close()
        now.move(timedelta(hours=2))
        stores = Stores.open(settings)
        restart(stores, folder, nothing)
        if scene.again:
            scene.again(stores, folder, nothing)
            now.move(timedelta(hours=2))
            restart(stores, folder, nothing)
        holds_now(stores, folder, calls, told)
        holds_at_rest(stores, folder, calls)
        stores.close()
