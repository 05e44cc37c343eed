"""Intake against the least that could be done: copying, fsync and one insert a file.

Both sides take the same files (2.4 MB A-law, five minutes) from a folder and remove them, in turn, each file
durable before its answer. The limit does so one file after another, plain; kcc has four in flight in each of
two processes, as `kcc ingest` does with many files, and recognises, hashes, seals, judges and writes an audit
line. Its processes stand ready when the measurement begins, as in a run over thousands of files.
"""

import json
import os
import sqlite3
import statistics
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks.house import house
from benchmarks.ratio import report, timed
from kcc import clock
from kcc.access.actor import system
from kcc.crew import Crew
from kcc.recordings.source_files import found_in
from tests.sounds import wav

FILES, ROUNDS, SECONDS, PROCESSES = 64, 5, 300, 2
PIECE = 262_144
TARGET = 1.0


def main() -> bool:
    """Measure and print; whether the target is kept."""
    with house() as (centre, settings), Crew(centre.stores.settings, system("bench"), PROCESSES) as crew:
        base, sound = settings.parent, bytearray(wav(SECONDS))
        plain = _plain(base)
        copied, taken = [], []
        for number in range(-1, ROUNDS):  # the first round warms up and does not count
            one, other = filled(base / f"copy{number}", sound), filled(base / f"take{number}", sound)
            copied.append(_seconds(lambda folder: _copy(folder, base / "copies", plain), one))
            taken.append(_seconds(lambda folder: _take(crew, folder), other))
    ratios = [limit / ours for limit, ours in zip(copied[1:], taken[1:], strict=True)]
    detail = f"{FILES / statistics.median(taken[1:]):.0f} files/s; each round: " + " ".join(
        f"{ratio:.2f}" for ratio in ratios
    )
    claim = "intake against copy + fsync + insert"
    return report(claim, statistics.median(ratios), TARGET, at_least=True, detail=detail)


def _plain(base: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(base / "plain.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE call (name TEXT PRIMARY KEY, size INTEGER, at TEXT)")
    return connection


def _seconds(side: Callable[[Path], None], folder: Path) -> float:
    taken = timed(lambda: side(folder))
    assert not any(folder.iterdir()), "something was not taken"
    return taken


def filled(folder: Path, sound: bytearray, files: int = FILES) -> Path:
    """A folder as a recorder fills it: so many calls of this sound, no two alike, each with its sidecar."""
    folder.mkdir()
    start = (clock.now() - timedelta(hours=1)).isoformat()
    for number in range(files):
        call_id = f"{folder.name}-{number}"
        sound[-len(call_id) :] = call_id.encode()  # no two alike
        (folder / f"{call_id}.wav").write_bytes(sound)
        described = {"recorder": "bench", "call_id": call_id, "start": start, "agent_id": "agent-anna"}
        described |= {"direction": "incoming", "scope": "external", "line": "main"}
        (folder / f"{call_id}.json").write_text(json.dumps(described | {"remote_number": "+31201234567"}))
    os.sync()
    return folder


def _copy(folder: Path, to: Path, plain: sqlite3.Connection) -> None:
    to.mkdir(exist_ok=True)
    for path in sorted(folder.glob("*.wav")):
        with path.open("rb") as source, (to / path.name).open("wb") as target:
            while piece := source.read(PIECE):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        plain.execute("INSERT INTO call VALUES (?, ?, ?)", (path.name, path.stat().st_size, "now"))
        path.unlink()
        path.with_suffix(".json").unlink()


def _take(crew: Crew, folder: Path) -> None:
    for answers in crew.take_in(found_in([folder])):
        assert all(answer.removed for answer in answers), answers


if __name__ == "__main__":
    sys.exit(not main())
