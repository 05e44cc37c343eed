"""One decoder's process that waits ready-made for the next sound, so that a listener need not wait for its
start; what it is given and when it ends is process's.

It is the same program, confined in the same way before it hears of any file, used once and then replaced.
"""

import atexit
import os
import threading
from collections.abc import Sequence

import structlog

from kcc.recordings.decoding.process import Child, Limits

log = structlog.get_logger(__name__)


class _Keeper:
    """The spare child of one process, and the thread that starts it.

    The kernel ends a child with the *thread* that started it: so that thread lives as long as the process.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: Child | None = None
        self._wanted: tuple[Limits, tuple[str, ...]] | None = None
        self._ended = False
        threading.Thread(target=self._run, name="decoding-spare", daemon=True).start()

    def take(self, limits: Limits, wrapper: tuple[str, ...]) -> Child | None:
        """The waiting child if there is one of this kind, and it lives; it waits for nobody else then."""
        with self._changed:
            child, self._waiting = self._waiting, None
        if child is None or ((child.limits, child.wrapper) == (limits, wrapper) and child.lives()):
            return child
        child.end()
        return None

    def want(self, limits: Limits, wrapper: tuple[str, ...]) -> None:
        """Have one started if none waits."""
        with self._changed:
            if not self._waiting:
                self._wanted = (limits, wrapper)
                self._changed.notify()

    def end(self) -> None:
        """Kill what waits, and start no other."""
        with self._changed:
            self._ended = True
            child, self._waiting = self._waiting, None
            self._changed.notify()
        if child:
            child.end()

    def forsake(self) -> None:
        """In a forked copy of the process: the child is the original's alone, and so is the thread."""
        if self._waiting:
            self._waiting.let_go()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or (self._wanted and not self._waiting))
                wanted = self._wanted
                if self._ended or wanted is None:
                    return
                self._wanted = None
            try:
                child = Child(*wanted)
            except OSError as fault:  # no process, no memory left: the next sound starts its own, or says so
                log.warning("no decoder waits ready-made", error=type(fault).__name__)
                continue
            with self._changed:
                if not self._ended:
                    self._waiting, self._wanted = child, None
                    continue
            child.end()


_keeper: _Keeper | None = None


def keep() -> None:
    """From the first decoding on, always have one child ready in this process."""
    global _keeper
    if _keeper is None:
        _keeper = _Keeper()


def stop() -> None:
    """Keep none any more."""
    global _keeper
    keeper, _keeper = _keeper, None
    if keeper:
        keeper.end()


def child(limits: Limits, wrapper: Sequence[str]) -> Child:
    """A child for one task: the one that waits, else a new one. OSError if none can be started."""
    found = _keeper.take(limits, tuple(wrapper)) if _keeper else None
    return found or Child(limits, wrapper)


def replace(limits: Limits, wrapper: Sequence[str]) -> None:
    """A sound was decoded here: have the next child ready, if this process keeps one."""
    if _keeper:
        _keeper.want(limits, tuple(wrapper))


def _forked() -> None:
    global _keeper
    keeper, _keeper = _keeper, None
    if keeper:
        keeper.forsake()


atexit.register(stop)
os.register_at_fork(after_in_child=_forked)
