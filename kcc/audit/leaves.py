"""One pass over the lines of an exported audit log: hashes, roots, what was erased and by which line.

Signatures are notes', judging the whole is verify's.
"""

import binascii
import hashlib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

try:
    from kcc.audit.notes import Note
except ImportError:  # beside it, on a machine without kcc
    from notes import Note  # type: ignore[no-redef,import-not-found]

_sha = hashlib.sha256
CHUNK = 1 << 14
"""Lines that are read and hashed together; a power of two."""
_OPEN, _MIDDLE, _CLOSE = b'{"salt":"', b'","body":', b"}\n"
_WHOLE = re.compile(rb'\{"salt":"([0-9a-f]{64})","body":(\{.*\})\}\n')
_BARE = re.compile(rb'\{"commitment":"([0-9a-f]{64})"\}\n')
_SALTS = range(0, 32 * CHUNK, 32)
_SHOWN = 20
"""Findings of one kind that are told one by one."""


@dataclass
class Report:
    """What a check found: `findings` mean that the log is not what it was, `notices` a person should know."""

    findings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    size: int = 0
    checkpoints: int = 0
    erased: int = 0
    keys: list[bytes] = field(default_factory=list)


class Pass:
    """One pass: the lines' hashes, the root at every checkpoint, and what was erased by which line.

    `forgotten` are the places of the lines that say what was erased.
    """

    def __init__(self, report: Report, notes: Sequence[Note], forgotten: Collection[int]) -> None:
        self._report, self._notes, self._forgotten = report, notes, forgotten
        self._stack: list[bytes | None] = []
        """The hash of each whole subtree before the chunk, by its height above a chunk."""
        self._erased: set[int] = set()
        self._forgetting: list[tuple[int, bytes]] = []
        self._good, self._bad = 0, False
        self._next = 0

    def read(self, log: BinaryIO) -> None:
        """Read them to the end."""
        size = 0
        while chunk := list(islice(log, CHUNK)):
            levels = [self._leaves(chunk, size)]
            while len(levels[-1]) > 1:
                row = iter(levels[-1])
                levels.append([_sha(b"\1" + a + b).digest() for a, b in zip(row, row, strict=False)])
            self._judge(levels, size, size + len(chunk))
            size += len(chunk)
            if len(chunk) == CHUNK:
                self._push(levels[-1][0])
        if not size:
            self._judge([[]], 0, 0)
        self._report.size, self._report.erased = size, len(self._erased)
        self._account()

    def _leaves(self, chunk: list[bytes], start: int) -> list[bytes]:
        """The leaf hashes: all at once where every line is whole, else one by one."""
        self._collect(chunk, start)
        salts = b"".join([line[9:73] for line in chunk])
        if not _framed(chunk, salts):
            return [self._leaf(line, position) for position, line in enumerate(chunk, start)]
        sha, raw = _sha, binascii.unhexlify(salts)
        commitments = [sha(raw[at : at + 32] + line[82:-2]).digest() for at, line in zip(_SALTS, chunk)]  # noqa: B905 - as many as there are lines
        return [sha(b"\0" + commitment).digest() for commitment in commitments]

    def _leaf(self, line: bytes, position: int) -> bytes:
        if whole := _WHOLE.fullmatch(line):
            commitment = _sha(binascii.unhexlify(whole[1]) + whole[2]).digest()
        elif bare := _BARE.fullmatch(line):
            commitment = binascii.unhexlify(bare[1])
            self._erased.add(position)
        else:
            self._tell(f"line {position + 1} is missing or cannot be read")
            return bytes(32)
        return _sha(b"\0" + commitment).digest()

    def _collect(self, chunk: list[bytes], start: int) -> None:
        for position in self._forgotten:
            if start <= position < start + len(chunk) and (
                whole := _WHOLE.fullmatch(chunk[position - start])
            ):
                self._forgetting.append((position, whole[2]))

    def _judge(self, levels: list[list[bytes]], start: int, end: int) -> None:
        """Compare the root with every checkpoint that was signed within these lines."""
        while self._next < len(self._notes):
            note = self._notes[self._next]
            if note.size > end:
                return
            self._next += 1
            if self._root(levels, note.size - start) == note.root:
                self._good = note.size
            elif not self._bad:
                self._bad = True
                self._tell(
                    f"the lines {self._good + 1} to {note.size} are not those that checkpoint "
                    f"{note.number} was signed over"
                )

    def _root(self, levels: list[list[bytes]], count: int) -> bytes | None:
        """The root at `count` lines into the chunk: whole subtrees folded from the right."""
        if count < 0:
            return None
        node, at = None, count
        for level in range(len(levels)):
            if count >> level & 1:
                at -= 1 << level
                left = levels[level][at >> level]
                node = left if node is None else _sha(b"\1" + left + node).digest()
        for whole in self._stack:
            if whole is not None:
                node = whole if node is None else _sha(b"\1" + whole + node).digest()
        return _sha(b"").digest() if node is None else node

    def _push(self, node: bytes) -> None:
        for height, left in enumerate(self._stack):
            if left is None:
                self._stack[height] = node
                return
            node, self._stack[height] = _sha(b"\1" + left + node).digest(), None
        self._stack.append(node)

    def _account(self) -> None:
        """What is erased was erased by a line that says so, and not before its day."""
        for position, body in self._forgetting:
            try:
                self._allow(position, json.loads(body))
            except (ValueError, TypeError, KeyError, AttributeError):
                self._tell(f"line {position + 1} does not say what was erased")
        for position in sorted(self._erased)[:_SHOWN]:
            self._tell(f"what line {position + 1} said is gone, and no line says that its time had come")
        if len(self._erased) > _SHOWN:
            self._tell(f"and so it is with {len(self._erased) - _SHOWN} lines more")

    def _allow(self, position: int, body: Any) -> None:
        """Take this line's word for what it erased: of before its day, and proven by then."""
        if body["action"] != "audit:forget" or body["allowed"] is not True:
            raise ValueError(body["action"])
        bound = min(self._sealed_by(body["detail"]["before"]), position)
        for first, last in body["detail"]["lines"]:
            self._erased -= set(range(max(first, 0), min(last + 1, bound)))

    def _sealed_by(self, instant: str) -> int:
        """No line of before this instant stands at this place of the log or behind it."""
        until = datetime.fromisoformat(instant)
        return next((note.size for note in self._notes if note.time >= until), 0)

    def _tell(self, finding: str) -> None:
        self._report.findings.append(finding)


def _framed(chunk: list[bytes], salts: bytes) -> bool:
    """Whether every line is a whole one, written as it must be; joined, as this is asked of millions."""
    count = len(chunk)
    return (
        b"".join([line[:9] for line in chunk]) == _OPEN * count
        and b"".join([line[73:82] for line in chunk]) == _MIDDLE * count
        and b"".join([line[-2:] for line in chunk]) == _CLOSE * count
        and len(salts) == 64 * count
        and not salts.translate(None, b"0123456789abcdef")
    )
