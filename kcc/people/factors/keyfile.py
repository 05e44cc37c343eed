"""The key under which second factors are sealed: a private file of its own, made whole at the first need."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from kcc.errors import N_, Unavailable
from kcc.failpoints import durable
from kcc.synced import sync, write_private

KEY_BYTES = 32


class FactorKeyUnusable(Unavailable):
    """The key is missing, readable by others, or cannot be written."""

    code = "factor_key_unusable"


def read(path: Path) -> bytes:
    """The key in the file; FactorKeyUnusable with the reason."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise FactorKeyUnusable(
                    N_("The key of the second factors may be read by others; set the file's mode to 600.")
                )
            key = file.read()
    except OSError as fault:
        raise _unusable(path) from fault
    if len(key) != KEY_BYTES:
        raise _unusable(path)
    return key


def create(path: Path) -> bytes:
    """The key in the file, made now if there is none; whoever was first is right."""
    if not path.exists():
        try:
            _make(path)
        except OSError as fault:
            raise _unusable(path) from fault
    return read(path)


def _unusable(path: Path) -> FactorKeyUnusable:
    return FactorKeyUnusable(N_("The key of the second factors cannot be used: %(path)s"), path=str(path))


def _make(path: Path) -> None:
    with durable("factors.folder"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.making-{secrets.token_hex(4)}")
    with durable("factors.write"):
        write_private(draft, secrets.token_bytes(KEY_BYTES))
    with suppress(FileExistsError), durable("factors.link"):
        os.link(draft, path)
    with durable("factors.unlink"):
        draft.unlink(missing_ok=True)
    with durable("factors.sync"):
        sync(path.parent)
