"""Memory of a call of 4 hours in stereo through intake, decoding, playback and what is shown of it: the peak
of the process and its decoder together, above the same process doing nothing.
"""

import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import numpy as np
from sqlalchemy import select

from benchmarks.house import house
from benchmarks.ratio import report
from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.people import sessions
from kcc.recordings import intake, listening, queries
from kcc.recordings.model import Recording
from kcc.recordings.playback import Player
from kcc.recordings.sounding import Sounding
from kcc.recordings.sources.metadata import CallMetadata
from kcc.stores import Stores
from tests.centre import Centre

LIMIT_MB, HOURS, PIECE = 100, 4, 262_144
BLOCK, SAMPLES = 1024, 1017
"""IMA ADPCM in stereo as recorders write it: bytes of a block, and samples per channel in it."""


def main() -> bool:
    """Each leg in a process of its own; whether all keep the limit."""
    if len(sys.argv) > 1:
        work(sys.argv[1])
        return True
    kept = True
    for leg in ("native", "coded"):
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.memory", leg], capture_output=True, text=True, check=True
        ).stdout
        for line in told.splitlines():
            what, idle, peak, seconds = line.split("\t")
            claim = f"{leg}: {what}, MB above {float(idle):.0f} MB idle"
            kept &= report(claim, float(peak) - float(idle), LIMIT_MB, at_least=False, detail=f"{seconds} s")
    return kept


def work(leg: str) -> None:
    """One leg: a minute first, so that everything is loaded and has run once, then the 4 hours."""
    with house() as (centre, _):
        make = {"native": alaw, "coded": adpcm}[leg]
        for _, act in steps(centre, make, "short", 1 / 60):
            act()
        time.sleep(0.2)
        idle = resident()
        for what, act in steps(centre, make, "long", HOURS):
            begin = time.perf_counter()
            with Watch() as watch:
                act()
            print(f"{what}\t{idle:.1f}\t{watch.peak:.1f}\t{time.perf_counter() - begin:.1f}", flush=True)


def steps(
    centre: Centre, make: Callable[[float], Iterator[bytes]], call_id: str, hours: float
) -> Iterator[tuple[str, Callable[[], object]]]:
    """What happens to a call, one after another."""
    yield "intake", lambda: taken(centre.stores, make(hours), call_id)
    sounding = opened(centre)
    if sounding.made:
        yield "decoding until all is ready", lambda: decoded(sounding)
    yield "listening to all of it in ranges", lambda: listened(sounding)
    yield "waveform", sounding.peaks
    yield "who is heard when", sounding.timeline


def taken(stores: Stores, sound: Iterator[bytes], call_id: str) -> None:
    """In through the real intake, in pieces as they come from a recorder."""
    described = {
        "call_id": call_id,
        "start": (clock.now() - timedelta(hours=5)).isoformat(),
        "agent_id": "agent-anna",
        "direction": "incoming",
        "scope": "external",
        "line": "main",
        "nature": "business",
    }
    intake.take_in(stores, system("benchmark"), "exchange", CallMetadata.of(described), sound)


def opened(centre: Centre) -> Sounding:
    """A lease of the employee on the longest call there is."""
    stores = centre.stores
    with stores.database.write() as session:
        secret = sessions.begin(session, centre.anna)
    with stores.database.write() as session:
        found = sessions.look_up(session, secret, stores.settings.signin)
        assert found
        recording_id = session.scalars(select(Recording.id).order_by(Recording.size.desc())).first()
        assert recording_id
        lease = listening.open_own(session, found.actor, recording_id, 60)
    player = Player(stores, {Action.RECORDING_PLAY: queries.facts})
    return player.sounding(lease.id, lease.session_id)


def decoded(sounding: Sounding) -> None:
    """Wait for the last piece."""
    while sounding.progress() < 1:
        time.sleep(0.2)


def listened(sounding: Sounding) -> None:
    """Every range once, as streaming sends them."""
    for start in range(0, sounding.rendition.size, PIECE):
        assert sounding.rendition.read(start, PIECE)


def header(tag: int, rate: int, size: int, block: int, bits: int, extra: bytes = b"") -> bytes:
    """The head of a WAV file in stereo."""
    a_second = rate * block // SAMPLES if extra else rate * block
    fmt = struct.pack("<HHIIHHH", tag, 2, rate, a_second, block, bits, len(extra)) + extra
    chunks = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", len(chunks) + size) + chunks


def alaw(hours: float) -> Iterator[bytes]:
    """Noise that swells and ebbs, so that there is something to measure."""
    seconds = round(hours * 3600)
    yield header(6, 8000, seconds * 16_000, 2, 8)
    chance = np.random.default_rng(1)
    loud, soft = (chance.integers(low, 256, 16_000, dtype=np.uint8).tobytes() for low in (0, 208))
    yield from islice((loud if second // 3 % 2 else soft for second in range(seconds)), seconds)


def adpcm(hours: float) -> Iterator[bytes]:
    """The same coded."""
    count = int(hours * 3600 * 8000 / SAMPLES) - 2
    yield header(0x11, 8000, count * BLOCK, BLOCK, 4, struct.pack("<H", SAMPLES))
    chance = np.random.default_rng(1)
    blocks = chance.integers(0, 256, (16, BLOCK), dtype=np.uint8)
    blocks[:, :8] = 0  # each channel's first sample and step
    joined = blocks.tobytes()
    for start in range(0, count, 16):
        yield joined[: BLOCK * min(16, count - start)]


class Watch:
    """The highest that `resident` comes to, looked at a hundred times a second."""

    def __enter__(self) -> "Watch":
        self.peak, self._over = resident(), threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.01):
            self.peak = max(self.peak, resident())


def resident() -> float:
    """Megabytes of this process and all its children; a page that they share counts in each."""
    own = _program(os.getpid())
    children = [pid for pid in _children(os.getpid()) if _program(pid) not in (own, b"")]
    return sum(_resident(pid) for pid in [os.getpid(), *children])


def _program(pid: int) -> bytes:
    """Its command line: a child that has not become another program yet lives in our own memory."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            direct = [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
        for child in direct:
            found += [child, *_children(child)]
    return found


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(not main())
