"""A disk that breaks at the n-th of the durable steps of one name, for a block."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from kcc import failpoints


@contextmanager
def broken_at(point: str, time: int = 1, *, after: bool = False) -> Iterator[None]:
    """Have that step fail with EIO, before it or after it was done; it must come to that."""
    met = 0

    def hook(name: str, done: bool) -> None:
        nonlocal met
        if (name, done) == (point, after):
            met += 1
            if met == time:
                raise OSError(errno.EIO, "Input/output error")

    with failpoints.armed(hook):
        yield
    assert met >= time, f"{point} was met {met} times"
