"""Taking many files in by several processes: one interpreter's lock keeps the threads of one process to about
one core. What is done with a file is recordings.delivery's, in each of them.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from pathlib import Path

from kcc import config, logs
from kcc.access.actor import Actor
from kcc.errors import N_, Unavailable
from kcc.recordings import beside, delivery
from kcc.recordings.delivery import FileAnswer
from kcc.recordings.source_files import found_in
from kcc.stores import Stores
from kcc.timekeeping import guard
from kcc.wall.rights import Role

FEW = 100
"""Files that one process takes in sooner than another has begun."""
CHUNK = 16
"""Files handed to a process at once."""
LOOK_AGAIN = 0.2
"""Seconds after which `stop` is asked again while nothing was answered."""
PROCESSES = min(4, os.cpu_count() or 1)


def deliver(
    stores: Stores,
    actor: Actor,
    paths: Iterable[Path],
    *,
    progress: Callable[[int], None] | None = None,
    processes: int = PROCESSES,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[FileAnswer]:
    """Take in every call in these files and folders, as delivery.deliver does: by this process where they are
    few, else by several, each with stores of its own. Answers come in no order.

    A disk that is full ends the run, and so does `stop`, after the files in hand. Unavailable when one of the
    processes was killed: what it had answered is told, what it had begun is taken up by the next run like any
    other intake that was broken off.
    """
    files = found_in(paths)
    first = list(islice(files, FEW))
    if processes < 2 or len(first) < FEW:
        yield from delivery.deliver(stores, actor, chain(first, files), progress=progress, stop=stop)
        return
    answered = 0
    with Crew(stores.settings, actor, processes) as crew:
        for answers in crew.take_in(chain(first, files), stop):
            for answer in answers:
                answered += 1
                if progress:
                    progress(answered)
                yield answer


class Crew:
    """Processes that take files in; they begin as fresh programs, for a forked one would inherit locks."""

    def __init__(self, settings: config.Settings, actor: Actor, processes: int = PROCESSES) -> None:
        self._ahead = 2 * processes
        self._pool = ProcessPoolExecutor(
            processes, multiprocessing.get_context("spawn"), _begin, (settings, actor)
        )

    def take_in(
        self, files: Iterable[Path], stop: Callable[[], bool] = lambda: False
    ) -> Iterator[list[FileAnswer]]:
        """The answers for these files, a chunk at a time; a full disk or `stop` ends it early."""
        waiting, full = iter(files), False
        running: set[Future[list[FileAnswer]]] = set()
        try:
            while True:
                ended = full or stop()
                if ended:  # what waits its turn is not begun
                    running = {future for future in running if not future.cancel()}
                while not ended and len(running) < self._ahead and (chunk := list(islice(waiting, CHUNK))):
                    running.add(self._pool.submit(_take, chunk))
                if not running:
                    return
                done, running = wait(running, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
                for future in done:
                    answers = future.result()
                    full = full or any(answer.code == "disk_full" for answer in answers)
                    yield answers
        except BrokenProcessPool as fault:
            raise Unavailable(N_("A process that took calls in has ended. Start again.")) from fault

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


_mine: tuple[Stores, Actor, beside.CallRecords]
"""What a process of a crew works with."""


def _begin(settings: config.Settings, actor: Actor) -> None:
    global _mine
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a terminal's Ctrl-C is for the whole run: it says when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logs.install(settings.log)
    _mine = (Stores.open(settings, Role.INTAKE), actor, beside.CallRecords(settings))
    guard.keep_up(_mine[0])


def _end_with_parent() -> None:
    """A run that was killed leaves no process behind; what it had begun is taken up by the next."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _take(files: list[Path]) -> list[FileAnswer]:
    stores, actor, records = _mine
    return list(delivery.deliver(stores, actor, files, records=records))
