"""Many ways to change a log that nobody should be able to change unnoticed; that each is found is tested in
test_verify.
"""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Log:
    """An export in its parts, and the checkpoints that others hold."""

    header: bytes
    checkpoints: tuple[bytes, ...]
    lines: tuple[bytes, ...]
    held: tuple[str, ...]

    def file(self) -> bytes:
        """As it was exported."""
        return self.header + b"".join(self.checkpoints) + b"".join(self.lines)


def parse(file: bytes, held: list[str]) -> Log:
    """The parts of an export."""
    header, *rest = file.splitlines(keepends=True)
    number = json.loads(header)["checkpoints"]
    return Log(header, tuple(rest[:number]), tuple(rest[number:]), tuple(held))


def _with_header(log: Log, **told: object) -> Log:
    return replace(log, header=json.dumps({**json.loads(log.header), **told}).encode() + b"\n")


def edit(log: Log, chance: random.Random) -> Log:
    """One character of one line becomes another."""
    at = chance.randrange(len(log.lines))
    line = bytearray(log.lines[at])
    place = chance.randrange(len(line) - 1)
    line[place] = chance.choice([c for c in b'aA0Z9{}":, ' if c != line[place]])
    return replace(log, lines=(*log.lines[:at], bytes(line), *log.lines[at + 1 :]))


def rewrite(log: Log, chance: random.Random) -> Log:
    """A line says something else that reads as well, under its old salt or one of its own."""
    whole = [at for at, line in enumerate(log.lines) if b'"body"' in line]
    at = chance.choice(whole)
    told = json.loads(log.lines[at])
    name = chance.choice(["actor", "name", "action", "at", "subject", "purpose", "allowed", "about", "rule"])
    told["body"][name] = chance.choice(["someone else", None, True, False, "recording:play", 7])
    if chance.random() < 0.5:
        told["salt"] = chance.randbytes(32).hex()
    line = json.dumps(told, sort_keys=False, separators=(",", ":")).encode() + b"\n"
    if line == log.lines[at]:
        return rewrite(log, chance)
    return replace(log, lines=(*log.lines[:at], line, *log.lines[at + 1 :]))


def delete(log: Log, chance: random.Random) -> Log:
    """A line or a few go; the numbers in the header go along, or not."""
    at, many = chance.randrange(len(log.lines)), chance.choice([1, 1, 1, 5, 40])
    left = (*log.lines[:at], *log.lines[at + many :])
    log = replace(log, lines=left)
    return _with_header(log, size=len(left)) if chance.random() < 0.5 else log


def insert(log: Log, chance: random.Random) -> Log:
    """A line that never was, or one that was, once more."""
    line = chance.choice(log.lines)
    if chance.random() < 0.5:
        line = b'{"commitment":"%s"}\n' % chance.randbytes(32).hex().encode()
    at = chance.randrange(len(log.lines) + 1)
    more = (*log.lines[:at], line, *log.lines[at:])
    log = replace(log, lines=more)
    return _with_header(log, size=len(more)) if chance.random() < 0.5 else log


def swap(log: Log, chance: random.Random) -> Log:
    """Two lines change places."""
    lines = list(log.lines)
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return replace(log, lines=tuple(lines)) if lines[one] != lines[other] else swap(log, chance)


def truncate(log: Log, chance: random.Random) -> Log:
    """The end goes: of lines, within a line, or of everything."""
    kind = chance.randrange(3)
    if kind == 0:
        left = log.lines[: chance.randrange(len(log.lines))]
        log = replace(log, lines=left)
        return _with_header(log, size=len(left)) if chance.random() < 0.5 else log
    if kind == 1:
        last = log.lines[-1]
        return replace(log, lines=(*log.lines[:-1], last[: chance.randrange(1, len(last))]))
    size = sum(map(len, log.lines)) + sum(map(len, log.checkpoints))
    rest = log.file()[: len(log.header) + chance.randrange(size)]
    return Log(b"", (), (rest,), log.held)


def roll_back(log: Log, chance: random.Random) -> Log:
    """An older state of everything, consistent in itself: what others hold gives it away."""
    number = chance.randrange(len(log.checkpoints))
    notes = log.checkpoints[:number]
    size = int(json.loads(notes[-1])["checkpoint"].split("\n")[1]) if notes else 0
    older = replace(log, checkpoints=notes, lines=log.lines[:size])
    return _with_header(older, size=size, checkpoints=number)


def withhold(log: Log, chance: random.Random) -> Log:
    """What a line said is taken out before its time, as if its term were over."""
    whole = [at for at, line in enumerate(log.lines) if b'"body"' in line]
    at = chance.choice(whole)
    told = json.loads(log.lines[at])
    body = json.dumps(told["body"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    bare = hashlib.sha256(bytes.fromhex(told["salt"]) + body.encode()).hexdigest()
    line = b'{"commitment":"%s"}\n' % bare.encode()
    return replace(log, lines=(*log.lines[:at], line, *log.lines[at + 1 :]))


def drop_checkpoint(log: Log, chance: random.Random) -> Log:
    """A checkpoint goes, or comes twice, or two change places, or one says something else."""
    notes, at, kind = list(log.checkpoints), chance.randrange(len(log.checkpoints)), chance.randrange(4)
    if kind == 0:
        del notes[at]
    elif kind == 1:
        notes.insert(at, notes[at])
    elif kind == 2:
        other = chance.choice([place for place in range(len(notes)) if place != at])
        notes[at], notes[other] = notes[other], notes[at]
    else:
        note = bytearray(notes[at])
        place = chance.randrange(16, len(note) - 4)
        note[place] = chance.choice([c for c in b"aA0Z9+/ " if c != note[place]])
        notes[at] = bytes(note)
    return _with_header(replace(log, checkpoints=tuple(notes)), checkpoints=len(notes))


KINDS: tuple[Callable[[Log, random.Random], Log], ...] = (
    edit,
    rewrite,
    delete,
    insert,
    swap,
    truncate,
    roll_back,
    withhold,
    drop_checkpoint,
)
