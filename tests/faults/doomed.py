"""A process that starts others in order to kill them at a durable step of theirs; it judges nothing.

Reads one order a line, forks for each, and tells how it went. By default no part of kcc knows of it: the
child watches its own calls (sys.setprofile) and sends itself SIGKILL just before the n-th that makes
something durable. An order may also count the places of named steps (failpoints), and ask for several
children at once.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from kcc import clock, failpoints
from kcc.access.actor import system
from kcc.config import Settings
from kcc.recordings.delivery import deliver
from kcc.recordings.drop.rounds import Watcher
from kcc.recordings.erasure import erase_due
from kcc.stores import Stores
from tests.faults import scenes
from tests.faults.injected import Fault, Injected

CALLS = {"fsync", "link", "unlink", "mkdir", "replace", "rename", "rmdir", "write"}
"""What the operating system is asked for, by name."""
COMMIT = "do_commit"
"""Where SQLAlchemy hands a commit to either driver."""


def _deliver(stores: Stores, folder: str) -> None:
    for _ in deliver(stores, system("ingest"), [Path(folder)], workers=1):
        pass


def _erase(stores: Stores, _: str) -> None:
    erase_due(stores, system("erase"))


def _drop(stores: Stores, _: str) -> None:
    """Two looks, so that what lies there has come to rest."""
    watcher = Watcher()
    at = clock.now()
    for minutes in (0, 1):
        with clock.frozen(at + timedelta(minutes=minutes)):
            watcher.look(stores)


def _rotate(stores: Stores, _: str) -> None:
    stores.keys.rotate(clock.now())


def _restart(stores: Stores, folder: str) -> None:
    scenes.restart(stores, Path(folder), lambda _: None)


def _report(stores: Stores, call_id: str) -> None:
    scenes.report(stores, call_id)


def _follow(stores: Stores, _: str) -> None:
    scenes.follow(stores)


def _lift(stores: Stores, call_id: str) -> None:
    scenes.lift(stores, call_id)


DEEDS: dict[str, Callable[[Stores, str], None]] = {
    "deliver": _deliver,
    "erase": _erase,
    "drop": _drop,
    "rotate": _rotate,
    "restart": _restart,
    "report": _report,
    "lift": _lift,
    "follow": _follow,
}


def _watch(die_at: int) -> Callable[[], int]:
    """Kill this process before its `die_at`-th durable step; gives a way to ask how many there were."""
    steps, taken = count(1), [0]

    def notice(frame: Any, event: str, argument: Any) -> None:
        durable = (event == "c_call" and argument.__name__ in CALLS) or (
            event == "call" and frame.f_code.co_name == COMMIT
        )
        if durable:
            taken[0] = next(steps)
            if taken[0] == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    threading.setprofile(notice)
    sys.setprofile(notice)
    return lambda: taken[0]


def _live(order: dict[str, Any], tell: int) -> None:
    with clock.frozen(datetime.fromisoformat(order["at"])):
        stores = Stores.open(Settings.model_validate(order["settings"]))
        deed = DEEDS[order["deed"]]
        if order.get("named"):
            injected = Injected(Fault.KILL, order["die_at"], lambda _: None)
            with failpoints.armed(injected):
                deed(stores, order["folder"])
            taken = injected.places
        else:
            steps = _watch(order["die_at"])
            deed(stores, order["folder"])
            taken = steps()
            sys.setprofile(None)
            threading.setprofile(None)
        stores.close()
    os.write(tell, str(taken).encode())


def _obey(order: dict[str, Any]) -> dict[str, Any]:
    """Do it; beside others that do the same at the same moment and are not killed, if the order says so."""
    beside = [_begin(order | {"die_at": 0}) for _ in range(order.get("beside", 0))]
    ends = [_end(*begun) for begun in [_begin(order), *beside]]
    worst = next((end for end in ends[1:] if end["ended"]), None)
    return worst or ends[0]


def _begin(order: dict[str, Any]) -> tuple[int, int]:
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)  # what it logs is no answer
        status = 1
        try:
            _live(order, tell)
            status = 0
        finally:
            os._exit(status)
    os.close(tell)
    return child, hear


def _end(child: int, hear: int) -> dict[str, Any]:
    with os.fdopen(hear) as answer:
        steps = answer.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"ended": ended, "steps": int(steps or 0)}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line))), flush=True)  # noqa: T201 - this is how it answers
