"""The form of a package for the police, and checking one: this one file, Python's standard library and
`cryptography` are all it takes, nothing of kcc, no database, no network; how one is made is package's.

    python verify.py PACKAGE [--key KEY]

A package is a ZIP file in which nothing is left to the writer: every byte follows from the manifest and the
parts, so that whatever was added, cut, moved or changed is found. Any program that opens ZIP files opens it.
"""

import argparse
import base64
import binascii
import hashlib
import json
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORM = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
SIGNED = "kcc-police-package/1\n"
"""Before the manifest when it is signed: the same key signs other things, which never begin so."""
LARGEST = 0xFFFFFFFF
_LONGEST_MANIFEST = 1_048_576
_PIECE = 262_144
_DATE = 0x21
"""1 January 1980, the first day that ZIP knows: when it was made stands in the manifest."""
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
_ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, struct.error, EOFError)


@dataclass(frozen=True)
class Member:
    """One file in the package, as its entries in the ZIP tell it."""

    name: str
    size: int
    crc: int


def local(member: Member) -> bytes:
    """What stands before a member's bytes."""
    name = member.name.encode()
    sizes = (member.crc, member.size, member.size)
    return _LOCAL.pack(b"PK\3\4", 20, 0, 0, 0, _DATE, *sizes, len(name), 0) + name


def directory(members: Sequence[Member]) -> bytes:
    """What stands after the last member's bytes, to the end of the file."""
    listed, at = b"", 0
    for one in members:
        name = one.name.encode()
        sizes = (one.crc, one.size, one.size)
        listed += _CENTRAL.pack(b"PK\1\2", 20, 20, 0, 0, 0, _DATE, *sizes, len(name), 0, 0, 0, 0, 0, at)
        listed += name
        at += len(local(one)) + one.size
    return listed + _END.pack(b"PK\5\6", 0, 0, len(members), len(members), len(listed), at, 0)


@dataclass
class Report:
    """What a check found: what holds, what is wrong, what could not be judged, and what the package says."""

    passed: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings


def check(file: BinaryIO, key: str | None = None) -> Report:
    """Check a package, against the public key (base64) where it is known; never raises, whatever it holds."""
    report = Report()
    try:
        manifest, members = _signed(file, report, key)
        for told in manifest["parts"]:
            members.append(_part(file, told, report))
        _rest(file, members, report)
    except _ODD as fault:
        report.findings.append(
            f"this is no package of kcc, or not all of one ({type(fault).__name__}: {fault})"
        )
    return report


def _signed(file: BinaryIO, report: Report, key: str | None) -> tuple[dict[str, Any], list[Member]]:
    """The manifest and its signature, which come first."""
    members, texts = [], []
    for name in (MANIFEST, SIGNATURE):
        text = _small(file, name)
        member = Member(name, len(text), zlib.crc32(text))
        file.seek(-len(text) - len(local(member)), 1)
        _same(file.read(len(local(member))), local(member), f"the entry of {name}", report)
        file.seek(len(text), 1)
        members.append(member)
        texts.append(text)
    manifest = json.loads(texts[0])
    if manifest["kcc-police-package"] != FORM:
        raise ValueError("of another form than is known here")
    report.manifest = manifest
    _judge(texts[0], texts[1], str(manifest["key"]), key, report)
    return manifest, members


def _small(file: BinaryIO, name: str) -> bytes:
    head = file.read(_LOCAL.size)
    size = _LOCAL.unpack(head)[8]
    if file.read(len(name)) != name.encode() or size > _LONGEST_MANIFEST:
        raise ValueError(f"{name} is not where it belongs")
    return _exactly(file, size)


def _judge(manifest: bytes, signature: bytes, named: str, known: str | None, report: Report) -> None:
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(named, validate=True))
        raw = base64.b64decode(signature.removesuffix(b"\n"), validate=True)
        public.verify(raw, SIGNED.encode() + manifest)
        report.passed.append(f"the manifest is signed with the key {named}")
        if signature != base64.b64encode(raw) + b"\n":
            report.findings.append("the signature is written in another way than it was")
    except (InvalidSignature, ValueError, binascii.Error):
        report.findings.append("the manifest is not signed with the key that it names")
    if known is None:
        report.notices.append("compare that key with the one that the organisation gives you (--key)")
    elif known.strip() != named:
        report.findings.append("the package is signed with another key than the one you know")


def _part(file: BinaryIO, told: dict[str, Any], report: Report) -> Member:
    """One part: the bytes that the manifest promises, under an entry that follows from them."""
    name, size = str(told["name"]), int(told["bytes"])
    head = _exactly(file, _LOCAL.size + len(name.encode()))
    digest, crc = hashlib.sha256(), 0
    for piece in _pieces(file, size):
        digest.update(piece)
        crc = zlib.crc32(piece, crc)
    member = Member(name, size, crc)
    if digest.hexdigest() != told["sha256"]:
        report.findings.append(f"{name} was changed: its SHA-256 is {digest.hexdigest()}")
    elif _same(head, local(member), f"the entry of {name}", report):
        report.passed.append(f"{name}: {size} bytes, SHA-256 {told['sha256']}")
    return member


def _rest(file: BinaryIO, members: Sequence[Member], report: Report) -> None:
    wanted = directory(members)
    if _same(file.read(len(wanted) + 1), wanted, "the list of files at its end", report):
        report.passed.append("nothing was added, cut or moved")


def _same(found: bytes, wanted: bytes, what: str, report: Report) -> bool:
    if found != wanted:
        report.findings.append(f"{what} was changed")
    return found == wanted


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) != size:
        raise EOFError("it ends too early")
    return found


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = _exactly(file, min(size, _PIECE))
        size -= len(piece)
        yield piece


def lines(report: Report) -> list[str]:
    """The report as somebody reads it."""
    said = [f"ok       {one}" for one in report.passed]
    said += [f"note     {one}" for one in report.notices]
    said += [f"WRONG    {one}" for one in report.findings]
    if report.intact:
        told = {name: value for name, value in report.manifest.items() if name not in ("parts", "key")}
        said.append(json.dumps(told, ensure_ascii=False, indent=2))
    return [*said, "intact" if report.intact else "NOT INTACT: do not rely on this package"]


def verify(path: Path, key: str | None = None) -> int:
    """Check a package and print what was found; exit status 0 if it is intact, else 1."""
    known = Path(key).read_text() if key and Path(key).is_file() else key
    with path.open("rb") as file:
        report = check(file, known)
    print("\n".join(lines(report)))
    return 0 if report.intact else 1


def main() -> int:
    """The same from a command line without kcc."""
    parser = argparse.ArgumentParser(description="Check a package that kcc made for the police.")
    parser.add_argument("package", type=Path)
    parser.add_argument("--key", help="the public key as you know it, or a file that holds it")
    asked = parser.parse_args()
    return verify(asked.package, asked.key)


if __name__ == "__main__":
    sys.exit(main())
