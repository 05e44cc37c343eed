"""How often somebody may ask: one budget for all worker processes of a machine, without a database; whose
budget it is, and what is said when it is spent, the asker knows.
"""

import fcntl
import hashlib
import math
import mmap
import os
import struct
import threading
import weakref
from pathlib import Path

from kcc import clock
from kcc.errors import KccError

SLOTS = 2048
"""For each kind of asker. Two that share a slot share a budget: with 10 recorders one time in 45."""
KINDS = ("recorder", "stranger", "typist")
WINDOW = 60.0
_ROUNDING = 1e-6
_SLOT = struct.Struct("d")


class TooOften(KccError):
    """The budget of the minute is spent; `seconds` says when to come again."""

    status = 429
    code = "too_often"


class Pace:
    """Budgets by the generic cell rate algorithm: of each asker one number, the moment up to which its budget
    is spent, on a clock that all processes of the machine share.

    A whole minute's budget may be spent at once; then it comes back evenly. The file is empty again for
    whoever starts after the machine did: moments of another boot lie beyond any window, or in the past.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = len(KINDS) * SLOTS * _SLOT.size
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._file)
        os.posix_fallocate(self._file, 0, size)  # a hole that finds no room later would kill the process
        self._slots = mmap.mmap(self._file, size)
        self._threads = threading.Lock()

    def wait(self, kind: str, asker: str, per_minute: int) -> int:
        """Take one from the asker's budget: 0, or in how many seconds there is one again."""
        digest = hashlib.blake2b(asker.encode(), digest_size=4).digest()
        number = KINDS.index(kind) * SLOTS + int.from_bytes(digest, "big") % SLOTS
        step, now = WINDOW / per_minute, clock.ticking()
        with self._threads:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                (spent,) = _SLOT.unpack_from(self._slots, number * _SLOT.size)
                spent = spent if now < spent <= now + WINDOW + step else now
                if spent + step > now + WINDOW + _ROUNDING:
                    return max(1, math.ceil(spent + step - now - WINDOW - _ROUNDING))
                _SLOT.pack_into(self._slots, number * _SLOT.size, spent + step)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        return 0
