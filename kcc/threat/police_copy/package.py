"""Making a package for the police out of its parts, streamed and signed; its form is verify's, and who may
have one, and when, is delivering's.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kcc.audit.signing import SigningKey
from kcc.errors import N_, Refused
from kcc.threat.police_copy.verify import (
    FORM,
    LARGEST,
    MANIFEST,
    SIGNATURE,
    SIGNED,
    Member,
    directory,
    local,
)

Pieces = Iterable[bytes | memoryview]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the package: what it is, and its bytes, anew each time they are asked for."""

    name: str
    what: str
    read: Callable[[], Pieces]


@dataclass(frozen=True, slots=True)
class Measured:
    """A part whose bytes have passed once."""

    part: Part
    member: Member
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package that can be sent: its size, the SHA-256 of its manifest, and its bytes."""

    size: int
    manifest_sha256: str
    pieces: Iterator[bytes]


def make(key: SigningKey, told: dict[str, Any], parts: Sequence[Part]) -> Package:
    """Sign what is told and the parts' digests; the bytes are read once now, and once while they are sent.

    Nothing of it is kept or written. The same words, parts and key give the same bytes.
    """
    measured = [_measured(part) for part in parts]
    manifest = _manifest(key, told, measured)
    signature = base64.b64encode(key.sign(SIGNED + manifest.decode())) + b"\n"
    small = [(_member(MANIFEST, manifest), manifest), (_member(SIGNATURE, signature), signature)]
    members = [*(member for member, _ in small), *(one.member for one in measured)]
    size = sum(len(local(one)) + one.size for one in members) + len(directory(members))
    if size > LARGEST:
        raise Refused(N_("This call is too long for one package."), rule="THR-5")
    return Package(size, hashlib.sha256(manifest).hexdigest(), _sent(small, measured, members))


def _manifest(key: SigningKey, told: dict[str, Any], measured: Sequence[Measured]) -> bytes:
    parts = [
        {"name": one.part.name, "what": one.part.what, "bytes": one.member.size, "sha256": one.sha256}
        for one in measured
    ]
    public = base64.b64encode(key.public).decode()
    whole = {"kcc-police-package": FORM, **told, "parts": parts, "key": public}
    return json.dumps(whole, ensure_ascii=False, indent=2).encode() + b"\n"


def _measured(part: Part) -> Measured:
    digest, crc, size = hashlib.sha256(), 0, 0
    for piece in part.read():
        digest.update(piece)
        crc = zlib.crc32(piece, crc)
        size += len(piece)
    return Measured(part, Member(part.name, min(size, LARGEST), crc), digest.hexdigest())


def _member(name: str, content: bytes) -> Member:
    return Member(name, len(content), zlib.crc32(content))


def _sent(
    small: Sequence[tuple[Member, bytes]], measured: Sequence[Measured], members: Sequence[Member]
) -> Iterator[bytes]:
    yield b"".join(local(member) + content for member, content in small)
    for one in measured:
        yield local(one.member)
        crc = 0
        for piece in one.part.read():
            crc = zlib.crc32(piece, crc)
            yield bytes(piece)
        if crc != one.member.crc:
            raise EOFError("a part of the package changed while it was sent")
    yield directory(members)
