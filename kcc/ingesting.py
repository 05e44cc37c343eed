"""What `kcc ingest` shows: a bar as it runs, a summary, an exit status; the taking in is the crew's."""

import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from kcc import clock, crew
from kcc.access.actor import Actor
from kcc.errors import Unavailable
from kcc.recordings.delivery import FileAnswer
from kcc.recordings.intake import Answer
from kcc.recordings.openapi import HEALS
from kcc.recordings.source_files import found_in
from kcc.stores import Stores

REFUSED, FAILED, STOPPED = 1, 3, 130
"""Exit statuses; 2 is a wrong command line or wrong settings, 0 that everything was taken in."""
FAILURES = HEALS | {"error", "file_unreadable", "file_changing", "file_vanished"}
"""Beside what is Unavailable: what the interface answers with `retry`, and what lies with the folder."""


@dataclass(slots=True)
class Summary:
    """What a run came to so far: how many files by outcome and code, bytes taken in, seconds."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    left: int = 0
    bytes: int = 0
    seconds: float = 0.0
    stopped: bool = False
    broken: bool = False

    def add(self, answer: FileAnswer) -> None:
        """Count one file."""
        outcome = _outcome(answer)
        self.outcomes[outcome, answer.code] += 1
        self.bytes += answer.size
        self.left += (
            outcome not in ("refused", "failed") and answer.code != "call_records" and not answer.removed
        )

    @property
    def status(self) -> int:
        """The exit status."""
        if self.stopped:
            return STOPPED
        outcomes = {outcome for outcome, _ in self.outcomes}
        if self.broken or self.left or "failed" in outcomes:
            return FAILED
        return REFUSED if "refused" in outcomes else 0

    def plain(self) -> dict[str, Any]:
        """For programs."""
        found: dict[str, Any] = {name: {} for name in ("stored", "known", "quarantined", "refused", "failed")}
        for (outcome, code), number in sorted(self.outcomes.items()):
            found[outcome][code] = number
        told = {"left": self.left, "bytes": self.bytes, "seconds": round(self.seconds, 1)}
        return found | told | {"stopped": self.stopped}

    def table(self) -> Table:
        """For people."""
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for outcome in ("stored", "known", "quarantined", "refused", "failed"):
            codes = sorted((code, number) for (of, code), number in self.outcomes.items() if of == outcome)
            if codes:
                table.add_row(outcome, str(sum(number for _, number in codes)))
            for code, number in codes:
                if code != outcome:
                    table.add_row(f"  {code}", str(number))
        if self.left:
            table.add_row("taken in, and could not be removed", str(self.left))
        table.add_row("megabytes taken in", f"{self.bytes / 1_000_000:.1f}")
        table.add_row("seconds", f"{self.seconds:.1f}")
        return table


def _outcome(answer: FileAnswer) -> str:
    """The answer's word, with what is our own trouble, or may pass, told apart from what is refused."""
    ours = isinstance(answer.fault, Unavailable) or answer.code in FAILURES
    return "failed" if answer.answer is Answer.REFUSED and ours else answer.answer.value


def run(stores: Stores, actor: Actor, paths: tuple[Path, ...], err: Console, *, as_json: bool) -> Summary:
    """Take in, telling as it goes; the first Ctrl-C ends it after the calls in hand, with their answers."""
    summary, began, stop = Summary(), clock.ticking(), Event()
    shown = err.is_terminal and not as_json
    total = sum(1 for _ in found_in(paths)) if shown else None
    with _interruptible(stop, err), _bar(err) if shown else nullcontext() as bar:
        task = bar.add_task("taking in", total=total) if bar else None
        try:
            for answer in crew.deliver(stores, actor, paths, stop=stop.is_set):
                summary.add(answer)
                if bar and task is not None:
                    bar.update(task, advance=1)
                _tell(answer, err, as_json=as_json)
        except Unavailable as fault:  # what was done until then is told all the same
            summary.broken = True
            err.print(str(fault), highlight=False, markup=False)
    summary.seconds, summary.stopped = clock.ticking() - began, stop.is_set()
    if as_json:
        sys.stdout.write(json.dumps({"summary": summary.plain()}) + "\n")
    else:
        Console(width=80, no_color=True).print(summary.table() if summary.outcomes else "nothing found")
    return summary


def _bar(err: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err)


def _tell(answer: FileAnswer, err: Console, *, as_json: bool) -> None:
    if as_json:
        told = asdict(replace(answer, fault=None))
        del told["fault"]
        plain = {name: value if isinstance(value, int | None) else str(value) for name, value in told.items()}
        sys.stdout.write(json.dumps(plain) + "\n")
    elif answer.answer is Answer.REFUSED:
        name = str(answer.path).encode("utf-8", "backslashreplace").decode()
        message = f"{name}: {_outcome(answer)} ({answer.code}) {answer.message}"
        err.print(message, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _interruptible(stop: Event, err: Console) -> Iterator[None]:
    """The first SIGINT or SIGTERM asks to stop; a second one ends the process there and then, which loses
    nothing.
    """

    def ask(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)
        err.print("stopping after the calls in hand; once more stops at once", highlight=False)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
