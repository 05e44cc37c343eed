"""The parent's side of decoding: starts the confined child, hands it ranges, counts what it says, kills
it; what the bytes are is decoder's.
"""

import fcntl
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHILD = Path(__file__).with_name("child.py")
LONGEST_MESSAGE = 4 * 1024 * 1024
LONGEST_ASKED = 1024 * 1024
PIPE = 1024 * 1024
"""What may lie between us: half a minute of sound, so that it decodes on while we seal and write a piece."""
REREADS = 4
"""How often the whole file may be asked for: demuxers jump to its end and back, but not for ever."""
Read = Callable[[int, int], bytes]


class ChildFault(Exception):
    """The child said no, broke its word or was killed; `code` is its word, or "killed" or "protocol"."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(f"{code} {said}".strip())
        self.code = code


class NotStarted(OSError):
    """The machine could not bring a child to where it waits confined: no fault of any sound."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use."""

    memory_mb: int
    cpu_seconds: int

    @property
    def wall_seconds(self) -> float:
        """After so long it is killed, whatever it does."""
        return 2.0 * self.cpu_seconds + 10


def bubblewrap(program: str) -> list[str]:
    """The command that shows a child nothing but the interpreter and its libraries, read-only."""
    shown = {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", sys.prefix, sys.base_prefix, str(CHILD.parent)}
    shown |= {str(Path(sys.executable).resolve().parent)}
    spec = find_spec("av")
    if spec and spec.origin:
        shown.add(str(Path(spec.origin).parents[1]))
    binds = [part for path in sorted(shown) for part in ("--ro-bind-try", path, path)]
    flags = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    return [program, *flags, *binds, "--proc", "/proc", "--chdir", "/", "--"]


class Child:
    """One decoder, started and confined at once, given one task, then ended:
    `with Child(limits) as child: for kind, body in child.messages(task): ...`.
    """

    def __init__(self, limits: Limits, wrapper: Sequence[str] = ()) -> None:
        self.limits, self.wrapper = limits, tuple(wrapper)
        self._watch: threading.Timer | None = None
        self._process = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        limits = str(self.limits.memory_mb), str(self.limits.cpu_seconds)
        started = subprocess.Popen(  # noqa: S603 - our own program, no shell # nosec B603
            [*self.wrapper, sys.executable, "-I", "-B", str(CHILD), *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            close_fds=True,
            env={},
            cwd="/",
            start_new_session=True,
        )
        if started.stdout:
            with suppress(OSError):  # many large ones are not granted: then it is as large as it is
                fcntl.fcntl(started.stdout, fcntl.F_SETPIPE_SZ, PIPE)
        return started

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Kill it, whatever it does."""
        if self._watch:
            self._watch.cancel()
        self._process.kill()
        self.let_go()
        self._process.wait()

    def let_go(self) -> None:
        """Close this process's ends of the pipes: a child that waits for its task ends by that."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def lives(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def messages(self, task: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
        """What the child says of its only task until it is done; ChildFault when it says no, breaks off, or
        says too much, NotStarted when it never came so far as to hear of it.
        """
        self._watch = threading.Timer(self.limits.wall_seconds, self._process.kill)
        self._watch.daemon = True
        self._watch.start()
        self._here()
        told = json.dumps(task).encode()
        self.answer(struct.pack(">I", len(told)) + told)
        while True:
            kind, length = struct.unpack(">cI", self._hear(5))
            if length > LONGEST_MESSAGE or kind not in b"CRPEF":
                raise ChildFault("protocol")
            body = self._hear(length)
            if kind == b"F":
                raise ChildFault(body[:40].decode("ascii", "replace"))
            yield kind, body
            if kind == b"E":
                return

    def _here(self) -> None:
        try:
            said = self._hear(5)
        except ChildFault as fault:
            raise NotStarted(str(fault)) from fault
        if said != b"H\0\0\0\0":
            raise ChildFault("protocol")

    def answer(self, data: bytes) -> None:
        """Hand over the bytes that were asked for."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for # nosec B101
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._process.stdin.fileno(), rest) :]
        except BrokenPipeError:
            raise ChildFault("killed") from None

    def _hear(self, size: int) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for # nosec B101
        said = bytearray(size)
        view, filled = memoryview(said), 0
        while filled < size:
            came = os.readv(self._process.stdout.fileno(), [view[filled:]])
            if not came:
                raise ChildFault("killed", str(self._process.wait()))
            filled += came
        return bytes(said)


def run(task: dict[str, Any], child: Child, read: Read, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The messages of a decoding, its questions for ranges answered on the way by `read`; ends the child."""
    handed = 0
    with child:
        for kind, body in child.messages(task | {"size": size}):
            if kind != b"R":
                yield kind, body
                continue
            if len(body) != 12:
                raise ChildFault("protocol")
            start, length = struct.unpack(">QI", body)
            handed += length
            if length > LONGEST_ASKED or start + length > size or handed > REREADS * size + LONGEST_ASKED:
                raise ChildFault("protocol")
            child.answer(read(start, length))
