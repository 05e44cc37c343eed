"""The decoder that waits ready-made: confined before it is given a file, used once, gone with its process."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kcc.recordings.decoding import decoder, process, spare
from kcc.recordings.decoding.process import Child, Limits
from kcc.recordings.decoding.proof import proof
from kcc.recordings.sound import Encoding
from kcc.recordings.unknown_sound import UnknownSound
from kcc.sections import Decoding
from tests.coded import MADE, gsm_frames

ON = Decoding()
LIMITS = Limits(ON.memory_mb, ON.cpu_seconds)


@pytest.fixture(autouse=True)
def _kept() -> Iterator[None]:
    proof(ON)
    spare.keep()
    yield
    spare.stop()


def until(true: Callable[[], object]) -> None:
    """Wait for it, not for ever."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def decoded(data: bytes = gsm_frames(1.0), encoding: Encoding = Encoding.GSM) -> int:
    return decoder.measure(ON, encoding, lambda at, size: data[at : at + size], len(data)).frames


def waiting() -> Child:
    keeper = spare._keeper
    assert keeper
    until(lambda: keeper._waiting)
    assert keeper._waiting
    return keeper._waiting


def gone(pid: int) -> bool:
    """Ended, be it that its new parent has not taken note."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_none_waits_before_the_first_sound_nor_where_none_is_kept() -> None:
    assert spare._keeper
    assert spare._keeper._waiting is None
    spare.stop()
    assert decoded() == 8000
    assert spare._keeper is None


def test_none_is_started_where_decoding_is_off() -> None:
    data = gsm_frames(1.0)
    with pytest.raises(UnknownSound):
        decoder.measure(Decoding(enabled=False), Encoding.GSM, lambda at, size: data[at : at + size], 100)
    assert spare._keeper
    assert spare._keeper._wanted is None
    assert spare._keeper._waiting is None


def test_it_is_confined_before_it_is_given_anything() -> None:
    decoded()
    child = waiting()
    if child.wrapper:
        pytest.skip("what is seen from here is bubblewrap, not the decoder in it")
    proc = Path(f"/proc/{child._process.pid}")
    until(lambda: "NoNewPrivs:\t1" in (proc / "status").read_text())
    until(lambda: "Max open files            3 " in (proc / "limits").read_text())
    limits = (proc / "limits").read_text()
    assert f"Max address space         {ON.memory_mb << 20} " in limits
    assert f"Max cpu time              {ON.cpu_seconds} " in limits
    assert "Max file size             0 " in limits
    until(lambda: "CapPrm:\t0000000000000000" in (proc / "status").read_text())
    said = (proc / "status").read_text()
    assert "Seccomp:\t2" in said
    assert os.geteuid() != 0 or "Uid:\t65534" in said


def test_it_serves_one_sound_and_another_takes_its_place() -> None:
    decoded()
    used: list[int] = []
    for name in ("gsm", "mp3", "opus"):
        used.append(waiting()._process.pid)
        assert decoded(MADE[name][0](1.0), Encoding(MADE[name][1])) > 7000
        assert gone(used[-1])
    assert waiting()._process.pid not in used
    assert len(set(used)) == 3


def test_a_sound_that_is_refused_costs_the_next_one_nothing() -> None:
    decoded()
    bad = waiting()._process.pid
    with pytest.raises(UnknownSound):
        decoded(b"ID3" + bytes(500), Encoding.MP3)
    assert gone(bad)
    assert waiting()._process.pid != bad
    assert decoded() == 8000


def test_one_that_died_while_it_waited_is_not_used() -> None:
    decoded()
    child = waiting()
    os.kill(child._process.pid, signal.SIGKILL)
    until(lambda: not child.lives())
    assert decoded() == 8000


def test_one_of_other_limits_is_not_used() -> None:
    decoded()
    other = waiting()
    found = spare.child(Limits(300, 60), proof(ON).wrapper)
    assert found.limits == Limits(300, 60)
    assert not other.lives()
    found.end()


def test_many_at_once_each_have_their_own() -> None:
    decoded()
    waiting()
    taken: list[Child] = []
    threads = [
        threading.Thread(target=lambda: taken.append(spare.child(LIMITS, proof(ON).wrapper)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({child._process.pid for child in taken}) == 6
    for child in taken:
        child.end()
        spare.replace(LIMITS, proof(ON).wrapper)
    assert waiting().lives()
    assert spare._keeper
    assert spare._keeper._wanted is None


def test_a_machine_that_can_start_none_decodes_when_it_can_again(monkeypatch: pytest.MonkeyPatch) -> None:
    executable = sys.executable
    monkeypatch.setattr(process.sys, "executable", "/nowhere/python")
    spare.replace(LIMITS, ())
    keeper = spare._keeper
    assert keeper
    until(lambda: keeper._wanted is None)
    monkeypatch.setattr(process.sys, "executable", executable)
    assert decoded() == 8000
    assert waiting().lives()


HELD = """
import os, sys, time
from kcc.recordings.decoding import spare
from kcc.recordings.decoding.process import Limits
spare.keep()
spare.replace(Limits(512, 60), ())
while not spare._keeper._waiting:
    time.sleep(0.01)
child = spare._keeper._waiting._process
if sys.argv[1] == "forked":
    if os.fork() == 0:
        assert spare._keeper is None and child.stdin.closed and child.stdout.closed
        time.sleep(60)
if sys.argv[1] == "held":  # a stranger that holds the pipes: no end of input tells the child
    ends = os.dup(child.stdin.fileno()), os.dup(child.stdout.fileno())
    if os.fork() == 0:
        time.sleep(60)
time.sleep(2)
print(child.pid, flush=True)
if sys.argv[1] != "ends":
    time.sleep(60)
"""


@pytest.mark.parametrize("how", ["alone", "forked", "held", "ends"])
def test_it_dies_with_its_process(how: str) -> None:
    """However that ends, and whoever else holds the pipes."""
    parent = subprocess.Popen(
        [sys.executable, "-c", HELD, how], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        if how != "ends":
            assert not gone(pid)
            parent.kill()
        parent.wait(30)
        until(lambda: gone(pid))
    finally:
        os.killpg(parent.pid, signal.SIGKILL) if how in ("forked", "held") else None
        parent.stdout.close()
