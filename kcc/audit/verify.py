"""Checking an exported audit log: this file, leaves.py and notes.py beside it, Python and `cryptography` are
all it takes, no database and nothing else of kcc; how logs are exported is export's.

    python verify.py [LOG] [--checkpoints FOLDER] [--key KEY]
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

try:
    from kcc.audit.leaves import Pass, Report
    from kcc.audit.notes import Note, contains, continues, without_proof
except ImportError:  # these three files alone, on a machine without kcc
    from leaves import Pass, Report  # type: ignore[no-redef,import-not-found]
    from notes import Note, contains, continues, without_proof  # type: ignore[no-redef,import-not-found]


def check_line(told: Any, held: Iterable[str] = (), key: bytes | None = None) -> Report:
    """Check the proof of one line: it says what was signed, at its place, under a key that was handed over.

    `held` and `key` are as for a whole log; of what is held only a checkpoint of the same number is compared.
    """
    report = Report()
    try:
        first, notes = base64.b64decode(told["key"]), [Note.read(text) for text in told["keys"]]
        note, path = Note.read(told["checkpoint"]), [bytes.fromhex(node) for node in told["path"]]
        salt, body, position = bytes.fromhex(told["salt"]), told["body"], int(told["position"])
        commitment = hashlib.sha256(salt + body.encode()).digest()
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        report.findings.append(f"this is no proof of a line ({fault})")
        return report
    report.size, report.checkpoints = 1, 1
    report.keys.append(first)
    for change in notes:
        if (
            not change.signed_by(report.keys[-1])
            or not change.next_key
            or not change.signed_by(change.next_key)
        ):
            report.findings.append(f"checkpoint {change.number} does not hand over to another key")
        report.keys.append(change.next_key or report.keys[-1])
    if not note.signed_by(report.keys[-1]):
        report.findings.append(f"checkpoint {note.number} is not signed by this log's key")
    if key is not None and key not in report.keys:
        report.findings.append("no checkpoint is signed by the key you gave")
    if not contains(note, position, hashlib.sha256(b"\0" + commitment).digest(), path):
        report.findings.append(f"this line does not stand at place {position + 1} of what was signed")
    same = [one for one in map(_held, held) if one and one.number == note.number]
    if any(one.text != note.text for one in same):
        report.findings.append(f"checkpoint {note.number} is another one than you hold")
    return report


def _held(text: str) -> Note | None:
    try:
        return Note.read(without_proof(text)[0])
    except ValueError:
        return None


def check(log: BinaryIO, held: Iterable[str] = (), key: bytes | None = None) -> Report:
    """Check an exported log; `held` are checkpoints kept elsewhere, `key` the public key known beforehand."""
    report = Report()
    try:
        header = _header(log.readline())
        notes = [_checkpoint(log.readline()) for _ in range(header["checkpoints"])]
    except (ValueError, KeyError, TypeError) as fault:
        report.findings.append(f"the file does not begin as an exported log does ({fault})")
        return report
    _follow(report, header["origin"], header["key"], notes)
    if key is not None and key not in report.keys:
        report.findings.append("no checkpoint is signed by the key you gave")
    Pass(report, notes, header["forgotten"]).read(log)
    _compare(report, notes, held)
    if not notes:
        report.findings.append("there is no checkpoint: nothing proves this log")
    elif notes[-1].size != report.size or header["size"] != report.size:
        report.findings.append(f"the last checkpoint is of {notes[-1].size} lines, here are {report.size}")
    return report


def _header(line: bytes) -> Any:
    told = json.loads(line)
    if told["kcc-audit-log"] != 1 or sorted(told) != sorted(_HEADER):
        raise ValueError("another form")
    for name in ("size", "checkpoints"):
        if type(told[name]) is not int or told[name] < 0:
            raise ValueError(name)
    told["key"] = base64.b64decode(told["key"], validate=True)
    told["forgotten"] = {int(position) for position in told["forgotten"]}
    return told


_HEADER = ("kcc-audit-log", "origin", "key", "size", "checkpoints", "forgotten")


def _checkpoint(line: bytes) -> Note:
    return Note.read(json.loads(line)["checkpoint"])


def _follow(report: Report, origin: str, key: bytes, notes: Sequence[Note]) -> None:
    """The checkpoints follow each other, each signed by the key whose turn it is."""
    number, size, time = 0, 0, notes[0].time if notes else None
    report.keys.append(key)
    report.checkpoints = len(notes)
    for note in notes:
        given_up = note.restored or number
        if note.number != max(number, given_up) + 1:
            report.findings.append(f"checkpoint {number + 1} is not there, {note.number} follows {number}")
        elif note.restored is not None:
            report.notices.append(
                f"checkpoint {note.number} says that the log was restored from a backup: checkpoints "
                f"{number + 1} to {note.restored} were given up, with the lines after line {size}"
            )
        if note.origin != origin or not note.signed_by(key):
            report.findings.append(f"checkpoint {note.number} is not signed by this log's key")
        if note.size < size or (time and note.time < time):
            report.findings.append(f"checkpoint {note.number} is of before checkpoint {number}")
        if note.next_key:
            if not note.signed_by(note.next_key):
                report.findings.append(f"checkpoint {note.number} hands over to a key that did not sign it")
            key = note.next_key
            report.keys.append(key)
        number, size, time = note.number, note.size, note.time


def _compare(report: Report, notes: Sequence[Note], held: Iterable[str]) -> None:
    """What was sent elsewhere is what stands here."""
    known = {note.number: note for note in notes}
    last = notes[-1].number if notes else 0
    for text in held:
        try:
            note = Note.read(without_proof(text)[0])
        except ValueError:
            report.findings.append("a checkpoint that you hold cannot be read")
            continue
        if not any(note.signed_by(key) for key in report.keys):
            report.findings.append(f"checkpoint {note.number} that you hold is not signed by this log's key")
        elif note.number > last:
            report.findings.append(
                f"you hold checkpoint {note.number} of {note.size} lines, this log ends before it: "
                "export it anew, and if it still does, it was taken back"
            )
        elif note.number not in known:
            _given_up(report, notes, note)
        elif known[note.number].text != note.text:
            report.findings.append(f"checkpoint {note.number} is another one than you hold")


def _given_up(report: Report, notes: Sequence[Note], note: Note) -> None:
    later = next(other for other in notes if other.number > note.number)
    if later.restored is None or later.restored < note.number:
        report.findings.append(f"you hold checkpoint {note.number}, which this log leaves out")


def check_held(sent: Iterable[str], key: bytes) -> Report:
    """Check checkpoints without the log, by the proofs that came along: each continues the one before.

    `key` is the public key of the first. Only what was sent to one place can be checked so: where some were
    left out, their proofs are missing.
    """
    report, proofs, notes = Report(), {}, []
    for text in sent:
        try:
            note, proof = without_proof(text)
            notes.append(Note.read(note))
        except ValueError:
            report.findings.append("a checkpoint that you hold cannot be read")
            continue
        proofs[notes[-1].number] = proof
    notes.sort(key=lambda note: note.number)
    _follow(report, notes[0].origin if notes else "", key, notes)
    for old, new in pairwise(notes):
        if new.restored is None and not continues(old, new, proofs[new.number]):
            report.findings.append(f"checkpoint {new.number} does not continue checkpoint {old.number}")
    report.size = notes[-1].size if notes else 0
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 when nothing was changed, 1 when something was, 2 when there is nothing to check."""
    parser = argparse.ArgumentParser(description="Check an exported audit log of kcc, without kcc.")
    parser.add_argument("log", nargs="?", type=Path, help="what `kcc audit export` wrote")
    parser.add_argument("--checkpoints", type=Path, help="a folder of checkpoints that were sent elsewhere")
    parser.add_argument("--key", help="the log's public key as you know it, or a file that holds it")
    told = parser.parse_args(arguments)
    return verify(told.log, told.checkpoints, told.key)


def verify(log: Path | None, checkpoints: Path | None, key: str | None) -> int:
    """Check what was named and print what was found; the exit status."""
    known = _key(key) if key else None
    held = [path.read_text() for path in sorted(checkpoints.glob("*.checkpoint"))] if checkpoints else []
    if log is not None:
        with log.open("rb") as file:
            one = _one_line(file.readline(_LONGEST))
            file.seek(0)
            report = check(file, held, known) if one is None else check_line(one, held, known)
    elif held and known:
        report = check_held(held, known)
    else:
        print("name a log, or a folder of checkpoints and the key", file=sys.stderr)
        return 2
    for words, told in (("WRONG", report.findings), ("NOTE", report.notices)):
        for sentence in told:
            print(f"{words}: {sentence}")
    print(f"{report.size} lines, {report.erased} erased on their term, {report.checkpoints} checkpoints")
    print("signed by " + ", then ".join(base64.b64encode(one).decode() for one in report.keys))
    if known is None:
        print("NOTE: compare that key with the one you were given; this log names it itself")
    print("CHANGED" if report.findings else "unchanged")
    return 1 if report.findings else 0


_LONGEST = 1 << 22
"""Bytes of the longest proof of a line; a log's first line is short."""


def _one_line(first: bytes) -> Any | None:
    """The proof of one line, if that is what a file holds."""
    try:
        told = json.loads(first)
    except ValueError:
        return None
    return told if isinstance(told, dict) and told.get("kcc-audit-line") == 1 else None


def _key(told: str) -> bytes:
    path = Path(told)
    return base64.b64decode(path.read_text() if len(told) != 44 and path.exists() else told)


if __name__ == "__main__":
    sys.exit(main())
