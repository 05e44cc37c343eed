"""What the fault tests share: killed processes, small disks, and a clock that agrees with the files'."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kcc import clock
from kcc.clock import Frozen
from kcc.stores import Stores

ROOT = Path(__file__).parents[2]


class Doomed:
    """Starts deeds in processes of their own and has them killed."""

    def __init__(self, stores: Stores, process: "subprocess.Popen[str]") -> None:
        self._stores, self.process = stores, process

    def run(
        self, deed: str, folder: Path | str, die_at: int = 0, *, named: bool = False, beside: int = 0
    ) -> int | None:
        """Do a deed, killed before its `die_at`-th durable step; how many it took, None if killed.

        `named` counts the places of named steps instead, and `beside` others do the same at that moment.
        """
        order = {
            "settings": self._stores.settings.model_dump(mode="json"),
            "at": clock.now().isoformat(),
            "deed": deed,
            "folder": str(folder),
            "die_at": die_at,
            "named": named,
            "beside": beside,
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        if told["ended"] == -signal.SIGKILL:
            return None
        assert told["ended"] == 0, f"the process failed by itself: {told}"
        return int(told["steps"])


@pytest.fixture
def starter() -> Iterator["subprocess.Popen[str]"]:
    """A process that starts others in order to kill them."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.doomed"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.fixture
def doomed(stores: Stores, starter: "subprocess.Popen[str]") -> Doomed:
    """A starter of processes that are killed."""
    return Doomed(stores, starter)


def live_by_the_files_clock(now: Frozen) -> None:
    """Files bear the machine's own time: live in it, a little ahead."""
    now.set(datetime.now(UTC) + timedelta(seconds=5))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    path = tmp_path / "small"
    path.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", path], check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield path
    subprocess.run(["umount", "--lazy", path], check=True)
