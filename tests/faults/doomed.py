"""A process that starts others in order to kill them at a durable step of theirs; it judges nothing.

Reads one order a line, forks for each, and tells how it went. No part of kcc knows of it: the child watches
its own calls (sys.setprofile) and sends itself SIGKILL just before the n-th that makes something durable.
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

from kcc import clock
from kcc.access.actor import system
from kcc.config import Settings
from kcc.recordings.delivery import deliver
from kcc.recordings.drop.rounds import Watcher
from kcc.recordings.erasure import erase_due
from kcc.stores import Stores

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


DEEDS: dict[str, Callable[[Stores, str], None]] = {"deliver": _deliver, "erase": _erase, "drop": _drop}


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
        steps = _watch(order["die_at"])
        DEEDS[order["deed"]](stores, order["folder"])
        taken = steps()
        sys.setprofile(None)
        threading.setprofile(None)
        stores.close()
    os.write(tell, str(taken).encode())


def _obey(order: dict[str, Any]) -> dict[str, Any]:
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
    with os.fdopen(hear) as answer:
        steps = answer.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"ended": ended, "steps": int(steps or 0)}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line))), flush=True)  # noqa: T201 - this is how it answers
