"""Budgets that all processes of a machine share."""

import subprocess
import sys
from pathlib import Path

import pytest

from kcc import clock
from kcc.web import pace
from kcc.web.pace import Pace


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock that only goes forward, set by hand."""
    at = [1000.0]
    monkeypatch.setattr(clock, "ticking", lambda: at[0])
    return at


def test_a_minutes_budget_at_once_then_evenly(tmp_path: Path, ticks: list[float]) -> None:
    asked = Pace(tmp_path / "pace")
    assert [asked.wait("recorder", "a", 6) for _ in range(6)] == [0] * 6
    assert asked.wait("recorder", "a", 6) == 10
    ticks[0] += 9
    assert asked.wait("recorder", "a", 6) == 1
    ticks[0] += 1
    assert (asked.wait("recorder", "a", 6), asked.wait("recorder", "a", 6)) == (0, 10)
    ticks[0] += 3600
    assert [asked.wait("recorder", "a", 6) for _ in range(7)] == [0] * 6 + [10]


def test_askers_and_kinds_have_budgets_of_their_own(tmp_path: Path, ticks: list[float]) -> None:
    asked = Pace(tmp_path / "pace")
    assert asked.wait("recorder", "a", 1) == 0
    assert asked.wait("recorder", "a", 1) == 60
    assert asked.wait("recorder", "b", 1) == asked.wait("stranger", "a", 1) == 0
    assert ticks


def test_another_boot_starts_afresh(tmp_path: Path, ticks: list[float]) -> None:
    asked = Pace(tmp_path / "pace")
    assert [asked.wait("recorder", "a", 2) for _ in range(3)] == [0, 0, 30]
    ticks[0] = 5.0  # the machine's steady clock began again
    assert Pace(tmp_path / "pace").wait("recorder", "a", 2) == 0


def test_processes_share_a_budget_exactly(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kcc.web.pace import Pace\n"
        "asked = Pace(Path(sys.argv[1]))\n"
        "print(sum(asked.wait('recorder', 'a', 400) == 0 for _ in range(300)))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "pace")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    let = sum(int(process.communicate(timeout=60)[0]) for process in running)
    assert 400 <= let <= 460  # what came back while they ran, and no more
    assert (tmp_path / "pace").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "pace").stat().st_size == 2 * pace.SLOTS * 8


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(20):
        Pace(tmp_path / "pace")
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) <= before + 2
