"""Signed checkpoints as text: reading them, checking a signature, and that one continues another; Python and
`cryptography` are all it takes. Making them is checkpoints'.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_NOTE = re.compile(
    r"(?P<origin>[!-~]+)\n(?P<size>\d{1,18})\n(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"number (?P<number>\d{1,18})\ntime (?P<time>\S+)\n"
    r"(?:next-key (?P<next_key>[A-Za-z0-9+/]{43}=)\n)?"
    r"(?:restored-from (?P<restored>\d{1,18})\n)?"
)
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/]{91}=)\n")
_PROOF = "\nproof\n"


@dataclass(frozen=True)
class Note:
    """A checkpoint: at that time this log had `size` lines and this root.

    Numbers are consecutive, from 1. `next_key` signs from the next one on. `restored` is the number up to
    which checkpoints were given up, since the log was restored from a backup.
    """

    text: str
    origin: str
    size: int
    root: bytes
    number: int
    time: datetime
    next_key: bytes | None
    restored: int | None

    @classmethod
    def read(cls, text: str) -> "Note":
        """Read one; ValueError where it is none, or could be written in another way, too."""
        body, _, signed = text.partition("\n\n")
        found = _NOTE.fullmatch(f"{body}\n")
        if not found or "".join(m[0] for m in _SIGNATURE.finditer(signed)) != signed or not signed:
            raise ValueError("no checkpoint")
        next_key, restored = found["next_key"], found["restored"]
        note = cls(
            text=text,
            origin=found["origin"],
            size=int(found["size"]),
            root=base64.b64decode(found["root"]),
            number=int(found["number"]),
            time=datetime.fromisoformat(found["time"]),
            next_key=base64.b64decode(next_key) if next_key else None,
            restored=int(restored) if restored else None,
        )
        if note.body() != f"{body}\n" or note.time.tzinfo is None:
            raise ValueError("no checkpoint")
        return note

    def body(self) -> str:
        """What is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        lines += [f"number {self.number}", f"time {self.time.isoformat()}"]
        if self.next_key is not None:
            lines.append(f"next-key {base64.b64encode(self.next_key).decode()}")
        if self.restored is not None:
            lines.append(f"restored-from {self.restored}")
        return "\n".join(lines) + "\n"

    def signed_by(self, key: bytes) -> bool:
        """Whether one of its signatures is this public key's."""
        body, _, signed = self.text.partition("\n\n")
        name = key_id(self.origin, key)
        for found in _SIGNATURE.finditer(signed):
            blob = base64.b64decode(found[2])
            if found[1] == self.origin and blob[:4] == name:
                return _holds(key, blob[4:], f"{body}\n".encode())
        return False


def key_id(origin: str, key: bytes) -> bytes:
    """The four bytes by which a signature names its key, as signed notes have it."""
    return hashlib.sha256(origin.encode() + b"\n\x01" + key).digest()[:4]


def signature_line(origin: str, key: bytes, signature: bytes) -> str:
    """One signature under a note."""
    return f"— {origin} {base64.b64encode(key_id(origin, key) + signature).decode()}\n"


def _holds(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def with_proof(text: str, proof: Sequence[bytes]) -> str:
    """A checkpoint as it is sent: the note, and the proof that it continues the one before."""
    return text + _PROOF + "".join(f"{base64.b64encode(node).decode()}\n" for node in proof)


def without_proof(sent: str) -> tuple[str, list[bytes]]:
    """The note and the proof of a checkpoint that was sent; ValueError where the proof cannot be read."""
    text, _, proof = sent.partition(_PROOF)
    return text, [base64.b64decode(line, validate=True) for line in proof.splitlines()]


def continues(old: Note, new: Note, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the new tree begins with the old one's lines (RFC 9162, 2.1.4.2)."""
    if old.size == new.size or old.size == 0:
        return not proof and (old.size == 0 or old.root == new.root)
    if old.size > new.size or not proof:
        return False
    path = [old.root, *proof] if old.size & (old.size - 1) == 0 else list(proof)
    left, right = old.size - 1, new.size - 1
    while left & 1:
        left, right = left >> 1, right >> 1
    old_root = new_root = path[0]
    for node in path[1:]:
        if right == 0:
            return False
        if left & 1 or left == right:
            old_root, new_root = _node(node, old_root), _node(node, new_root)
            while left and not left & 1:
                left, right = left >> 1, right >> 1
        else:
            new_root = _node(new_root, node)
        left, right = left >> 1, right >> 1
    return right == 0 and (old_root, new_root) == (old.root, new.root)


def contains(note: Note, position: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path shows that this leaf stands at this place under the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < note.size:
        return False
    at, last, found = position, note.size - 1, leaf
    for node in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = _node(node, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = _node(found, node)
        at, last = at >> 1, last >> 1
    return last == 0 and found == note.root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
