"""What is done at a durable step: the process killed, the disk broken or full, the answer lost; which step, a
number says. What must hold afterwards is invariants'.
"""

import errno
import os
import signal
import sqlite3
from collections.abc import Callable
from enum import StrEnum

from sqlalchemy.exc import OperationalError

ROWS = ("keys.", "database.")
"""Steps of a database: it tells its faults as a database does, not as a disk."""
FILES_OF_ROWS = ("keys.folder", "keys.file", "database.folder")
TAKES_SPACE = frozenset(
    (
        *("draft.create", "draft.write", "draft.sync", "shard.make", "shard.sync"),
        *("blob.link", "blob.sync", "blob.gone"),
        *("volume.make", "volume.arriving", "volume.mark", "volume.sync"),
        *("volume.identify", "volume.identity"),
        *("root.folder", "root.write", "root.sync", "root.placed"),
        *("drop.make", "claim.make", "claim.write", "claim.note", "claim.take", "claim.return"),
        *("refused.folder", "refused.write", "refused.reason", "refused.keep"),
        *(
            "signing.folder",
            "signing.write",
            "signing.link",
            "signing.sync",
            "memory.write",
            "memory.replace",
        ),
        *("memory.sync", "place.write", "place.link", "place.sync", "place.put"),
        *("keys.folder", "keys.file", "keys.schema", "keys.create", "keys.destroy", "keys.rewrap"),
        *("database.folder", "database.commit"),
        *("bucket.mark", "bucket.draft", "bucket.touch", "bucket.part", "bucket.parts"),
        *("bucket.put", "bucket.copy"),
    )
)
"""Steps that a full disk can refuse: nothing is ever too full to remove something."""


class Fault(StrEnum):
    """What befalls a step. EIO after a step that went well is an answer that was lost; the last two do not
    pass: from then on every step fails.
    """

    KILL = "kill"
    EIO = "EIO"
    ENOSPC = "ENOSPC"
    BROKEN = "EIO that lasts"
    FULL = "ENOSPC that lasts"


class Injected:
    """A hook for failpoints: counts the places at which its fault can strike, and strikes at the n-th."""

    def __init__(self, fault: Fault, strike_at: int, tell: Callable[[dict[str, object]], None]) -> None:
        self._fault, self._strike_at, self._tell = fault, strike_at, tell
        self.places = 0
        self.open: list[str] = []
        self.struck = False

    def __call__(self, name: str, after: bool) -> None:
        self._tell({"point": name, "after": after})
        if not self._can_strike(name, after=after):
            return
        self.places += 1
        lasting = self._fault in (Fault.BROKEN, Fault.FULL)
        if self.places == self._strike_at or (lasting and self.struck):
            self.struck = True
            self._tell({"struck": name, "after": after})
            self._strike(name, after=after)

    def _can_strike(self, name: str, *, after: bool) -> bool:
        if self._fault in (Fault.KILL, Fault.EIO):
            return True
        return not after and (self._fault is Fault.BROKEN or name in TAKES_SPACE)

    def _strike(self, name: str, *, after: bool) -> None:
        if self._fault is Fault.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        full = self._fault in (Fault.ENOSPC, Fault.FULL)
        if name.startswith(ROWS) and name not in FILES_OF_ROWS:
            told = sqlite3.OperationalError("database or disk is full" if full else "disk I/O error")
            # A commit whose answer is lost looks as it does when the connection breaks.
            raise OperationalError("COMMIT", None, told, connection_invalidated=after)
        number = errno.ENOSPC if full else errno.EIO
        raise OSError(number, os.strerror(number))
