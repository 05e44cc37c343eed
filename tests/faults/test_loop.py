"""A sample of `make faults`: some places of every scene fail, on both databases; the whole takes longer."""

import re
import subprocess
import sys

import pytest

from kcc import failpoints
from tests.faults.__main__ import bound
from tests.faults.conftest import ROOT
from tests.whole import WHOLE

pytestmark = pytest.mark.faults

EVERY = "37" if WHOLE else "127"
FEW = ("kill", "EIO", "ENOSPC that lasts") if WHOLE else ("kill", "EIO")


def played(*asked: str) -> "subprocess.CompletedProcess[str]":
    """The loop in a process of its own: it forks, and may have no threads."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults", *asked, "--jobs", "1"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.rule("RET-1", "RET-7", "RET-8", "ACC-5")
def test_wherever_a_step_fails_the_invariants_hold() -> None:
    names = (
        "intake",
        "hold",
        "lift",
        "first listening",
        "rotation",
        "erasure",
        "restart",
        "set-up",
        "end of a function",
    )
    both = ("drop folder", "checkpoint")
    done = played(
        "--grounds",
        "sqlite",
        "--scenes",
        *names,
        *both,
        "--faults",
        *FEW,
        "--every",
        "37" if WHOLE else "127",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kills, wrong = struck(done.stdout, "kill")
    assert (kills >= 5, wrong) == (True, 0), done.stdout


@pytest.mark.rule("RET-8")
@pytest.mark.in_part("postgresql")
def test_on_postgresql_as_well(postgres_url: str) -> None:
    asked = ("--grounds", "postgresql", "--server", postgres_url, "--faults", "kill", "--every", "9")
    done = played(*asked, "--scenes", "intake", "erasure", "hold")
    assert done.returncode == 0, done.stdout + done.stderr
    assert struck(done.stdout, "kill")[0] >= 2, done.stdout


def struck(told: str, fault: str) -> tuple[int, int]:
    """How many runs the sum tells of a fault, and how many violations."""
    found = re.search(rf"^{fault} +(\d+) +(\d+) ", told, re.MULTILINE)
    assert found, told
    return int(found[1]), int(found[2])


def test_the_loop_is_judge_of_itself() -> None:
    """A hole that is really there is found: the loop can fail."""
    code = (
        "import sys\n"
        "from kcc.vault import keystore\n"
        "keystore.KeyStore.destroy = lambda self, key_ids: None  # it says so and does nothing\n"
        "sys.argv[1:] = ['--grounds', 'sqlite', '--scenes', 'restart', '--jobs', '1']\n"
        "sys.argv += ['--faults', 'kill', '--every', '500']\n"
        "from tests.faults import __main__\n"
        "sys.exit(__main__.main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "is called erased and its key is there" in done.stdout


def test_the_bound_is_the_exact_one() -> None:
    """0 of n: 1 - 0.05^(1/n), about 3/n."""
    assert bound(0) == 1.0
    assert bound(1) == pytest.approx(0.95)
    assert bound(500) == pytest.approx(0.005974, abs=1e-6)
    assert 1 - (1 - bound(500)) ** 500 == pytest.approx(0.95)


def test_an_unknown_name_is_no_point() -> None:
    """Whoever writes a step under a name that is in no list hears of it as soon as anybody looks."""
    with failpoints.armed(lambda _name, _after: None), pytest.raises(KeyError):
        failpoints.durable("nothing.known")
    with failpoints.durable("nothing.known"):
        pass  # outside tests nobody asks
