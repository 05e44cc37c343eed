"""The credentials of an S3 bucket, from a private file or the environment, never from the settings."""

import os
import stat
import tomllib
from pathlib import Path

from kcc.errors import N_, Unavailable

_NAMES = ("access_key_id", "secret_access_key")
_ENVIRONMENT = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class CredentialsUnusable(Unavailable):
    """There are no credentials for the bucket, or others may read them."""

    code = "credentials_unusable"


def read(path: Path) -> tuple[str, str]:
    """Access key id and secret: from the file if there is one, else from the environment."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise CredentialsUnusable(
                    N_("The file with the bucket's credentials may be read by others; set its mode to 600.")
                )
            told = tomllib.load(file)
    except FileNotFoundError:
        return _from_environment(path)
    except (OSError, ValueError) as fault:
        raise CredentialsUnusable(
            N_("The file with the bucket's credentials cannot be read: %(path)s"), path=str(path)
        ) from fault
    return _both([told.get(name) for name in _NAMES], path)


def _from_environment(path: Path) -> tuple[str, str]:
    return _both([os.environ.get(name) for name in _ENVIRONMENT], path)


def _both(found: list[object], path: Path) -> tuple[str, str]:
    key_id, secret = found
    if not (isinstance(key_id, str) and isinstance(secret, str) and key_id and secret):
        raise CredentialsUnusable(
            N_("There are no credentials for the bucket: neither in %(path)s nor in the environment."),
            path=str(path),
        )
    return key_id, secret
