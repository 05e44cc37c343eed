"""Waiting for what another thread or process does, by asking again; on a slow machine it takes longer."""

import time
from collections.abc import Callable


def wait_for(true: Callable[[], object], seconds: float = 30) -> None:
    """Return once it is true; fail when it does not become so in time."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)
