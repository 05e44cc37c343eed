"""The key that signs checkpoints: a private file outside the database, and beside it what it signed last.

What is signed is checkpoints'.
"""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kcc.errors import N_, Unavailable
from kcc.failpoints import durable
from kcc.synced import sync, write_private

_DRAFT = ".making-"


class KeyUnusable(Unavailable):
    """The signing key is missing, readable by others, damaged, or not this log's."""

    code = "audit_key_unusable"


class SigningKey:
    """An Ed25519 key in a file of mode 600 (PEM, PKCS 8)."""

    def __init__(self, path: Path) -> None:
        """The key in the file; KeyUnusable with the reason."""
        self.path = path
        try:
            with path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise KeyUnusable(
                        N_("The audit's signing key may be read by others; set the file's mode to 600.")
                    )
                key = serialization.load_pem_private_key(file.read(), password=None)
        except (OSError, ValueError, TypeError) as fault:
            raise KeyUnusable(
                N_("The audit's signing key cannot be read: %(path)s"), path=str(path)
            ) from fault
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable(N_("The audit's signing key is of another kind than Ed25519."))
        self._key = key

    @classmethod
    def create(cls, path: Path) -> "SigningKey":
        """The key in the file, made now if there is none; it appears whole, or not at all."""
        with _disk(path):
            _clear(path)
            if not path.exists():
                _make(path, _pem(Ed25519PrivateKey.generate()))
        return cls(path)

    @property
    def public(self) -> bytes:
        """The 32 bytes by which everybody can check what it signs."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, text: str) -> bytes:
        """64 bytes."""
        return self._key.sign(text.encode())

    def successor(self) -> "SigningKey":
        """The key that will follow, in a file beside this one; made now unless a hand-over was begun."""
        return SigningKey.create(self._beside(".new"))

    def promote(self, successor: "SigningKey") -> "SigningKey":
        """Put the successor in this key's place; this key is gone then."""
        with _disk(self.path):
            _clear(successor.path)
            with durable("signing.promote"):
                os.replace(successor.path, self.path)  # noqa: PTH105 - as everywhere
            with durable("signing.promoted"):
                sync(self.path.parent)
        return SigningKey(self.path)

    def remember(self, note: str) -> None:
        """Keep the last checkpoint beside the key, where no restoring of the database takes it back."""
        draft = self._beside(".draft")
        with _disk(self.path):
            with durable("memory.clear"):
                draft.unlink(missing_ok=True)
            with durable("memory.write"):
                write_private(draft, note.encode())
            with durable("memory.replace"):
                os.replace(draft, self._beside(".last"))  # noqa: PTH105 - as everywhere
            with durable("memory.sync"):
                sync(self.path.parent)

    def last(self) -> str | None:
        """The checkpoint that was kept last."""
        kept = self._beside(".last")
        try:
            return kept.read_text() if kept.exists() else None
        except (OSError, ValueError) as fault:
            raise KeyUnusable(
                N_("The audit's signing key cannot be read: %(path)s"), path=str(kept)
            ) from fault

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)


def _pem(key: Ed25519PrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _make(path: Path, content: bytes) -> None:
    """Write it as a draft and give that the name; whoever was first is right."""
    with durable("signing.folder"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}{_DRAFT}{secrets.token_hex(4)}")
    with durable("signing.write"):
        write_private(draft, content)
    with suppress(FileExistsError), durable("signing.link"):
        os.link(draft, path)
    with durable("signing.unlink"):
        draft.unlink(missing_ok=True)
    with durable("signing.sync"):
        sync(path.parent)


def _clear(path: Path) -> None:
    """Remove drafts that a crash left: one may be the key itself, under a second name."""
    for left in path.parent.glob(f"{path.name}{_DRAFT}*"):
        with durable("signing.clear"):
            left.unlink(missing_ok=True)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    """Tell a disk's fault as one of ours."""
    try:
        yield
    except OSError as fault:
        raise KeyUnusable(
            N_("The audit's signing key, or what is kept beside it, cannot be written: %(path)s"),
            path=str(path),
        ) from fault
