"""The root file: the one secret outside database and key store, under which every key is wrapped; no rows.

It holds one root, or during a rotation two: the new one first. Whoever copies it together with the key store
undoes erasure; it belongs on a disk of its own that is never backed up.
"""

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kcc.errors import N_, Unavailable
from kcc.failpoints import durable
from kcc.synced import sync
from kcc.vault.sealing import SealBroken

_MAGIC = "kcc-root-1"
_NONCE = 12
_DAMAGED = N_("The root key file is damaged.")


class RootUnusable(Unavailable):
    """The root file is missing, readable by others, damaged, or not this key store's."""

    code = "root_unusable"


@dataclass(frozen=True)
class Root:
    """A root key with its id and the instant at which it came into use."""

    id: str
    made_at: datetime
    key: bytes = field(repr=False)

    @classmethod
    def new(cls, at: datetime) -> "Root":
        """A fresh random root in use from `at` (aware)."""
        return cls(secrets.token_hex(8), at, secrets.token_bytes(32))

    def wrap(self, key_id: str, key: bytes) -> bytes:
        """`key` sealed under this root for the row `key_id`."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, key, self._associated(key_id))

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The key in `wrapped`; SealBroken if it was not wrapped under this root for this row."""
        try:
            return AESGCM(self.key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], self._associated(key_id))
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def _associated(self, key_id: str) -> bytes:
        return f"kcc key v1\0{self.id}\0{key_id}".encode()


@dataclass(frozen=True)
class Roots:
    """What the root file holds: the root that wraps, and while a rotation runs the one before it."""

    current: Root
    previous: Root | None = None

    def by_id(self) -> Mapping[str, Root]:
        """The roots under which a row may be wrapped."""
        return {root.id: root for root in (self.current, self.previous) if root}


class RootFile:
    """Reads and replaces the root file; nothing of it is remembered between two calls."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()  # a replacement lands where a symbolic link points, not on the link

    def exists(self) -> bool:
        """Whether there is a root file at all."""
        return self.path.exists()

    def read(self) -> Roots:
        """The roots; RootUnusable with the reason."""
        try:
            return self._read()
        except RootUnusable:
            return self._read()  # a replacement may have wiped the file under our eyes

    def _read(self) -> Roots:
        try:
            with self.path.open("rb") as file:
                return _parse(_private(file.fileno(), file.read(4096)))
        except FileNotFoundError:
            raise RootUnusable(N_("The root key file is missing; without it no recording opens.")) from None
        except OSError as fault:
            raise RootUnusable(
                N_("The root key file cannot be read: %(reason)s"), reason=fault.strerror
            ) from fault

    def replace(self, roots: Roots) -> None:
        """Put `roots` in the file, durably and at once, then wipe what it held (as far as the disk lets us).

        The caller holds the key store's lock. A crash leaves the old file or the new one, never half of it.
        """
        draft = self.path.with_name(self.path.name + ".new")
        try:
            with durable("root.folder"):
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with durable("root.clear"):
                draft.unlink(missing_ok=True)  # of a crash: this lock has no other writer
            _write_private(draft, _format(roots))
            old = os.open(self.path, os.O_RDWR) if self.path.exists() else None
            try:
                with durable("root.replace"):
                    draft.replace(self.path)
                with durable("root.placed"):
                    sync(self.path.parent)
                if old is not None:
                    _wipe(old)
            finally:
                if old is not None:
                    os.close(old)
        except OSError as fault:
            raise RootUnusable(
                N_("The root key file cannot be written: %(reason)s"), reason=fault.strerror
            ) from fault


def _private(descriptor: int, content: bytes) -> bytes:
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode) or mode & 0o077:
        raise RootUnusable(N_("The root key file may be read by others than its owner; set its mode to 600."))
    return content


def _format(roots: Roots) -> bytes:
    held = [roots.current, *([roots.previous] if roots.previous else [])]
    lines = [f"{root.id} {root.made_at.isoformat()} {root.key.hex()}" for root in held]
    return "\n".join([_MAGIC, *lines, ""]).encode()


def _parse(content: bytes) -> Roots:
    try:
        magic, *lines, end = content.decode("ascii").split("\n")
        held = [_parse_line(line) for line in lines]
    except ValueError:
        raise RootUnusable(_DAMAGED) from None
    if magic != _MAGIC or end or len(held) not in (1, 2):
        raise RootUnusable(_DAMAGED)
    return Roots(*held)


def _parse_line(line: str) -> Root:
    root_id, made_at, key = line.split(" ")
    root = Root(root_id, datetime.fromisoformat(made_at), bytes.fromhex(key))
    if len(root.key) != 32 or root.made_at.tzinfo is None:
        raise ValueError
    return root


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with durable("root.write"):
            file.write(content)
            file.flush()
        with durable("root.sync"):
            os.fsync(descriptor)


def _wipe(descriptor: int) -> None:
    with durable("root.wipe"):
        os.pwrite(descriptor, bytes(os.fstat(descriptor).st_size), 0)
    with durable("root.wiped"):
        os.fsync(descriptor)
