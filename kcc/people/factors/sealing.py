"""Sealing what second factors must keep secret, each for its owner alone; what it is lives elsewhere."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kcc.people.factors import keyfile
from kcc.sections import Signin

_NONCE = 12


def seal(limits: Signin, purpose: str, owner: str, secret: bytes) -> bytes:
    """The secret under AES-256-GCM, bound to what it is for and whose it is; the first one makes the key."""
    nonce = secrets.token_bytes(_NONCE)
    key = keyfile.create(limits.factor_key_file)
    return nonce + AESGCM(_derived(key, "seal")).encrypt(nonce, secret, _bound(purpose, owner))


def unseal(limits: Signin, purpose: str, owner: str, sealed: bytes) -> bytes | None:
    """What was sealed for this, or None when it was sealed for something else, or not by this key.

    Raises FactorKeyUnusable when the key is away.
    """
    key = keyfile.read(limits.factor_key_file)
    try:
        return AESGCM(_derived(key, "seal")).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(purpose, owner))
    except (InvalidTag, ValueError):
        return None


def digest(limits: Signin, owner: str, code: str) -> bytes:
    """What is kept of a recovery code: without the key, trying all codes against it is of no use.

    Raises FactorKeyUnusable when the key is away.
    """
    key = keyfile.read(limits.factor_key_file)
    return hmac.digest(_derived(key, "digest"), _bound(owner, code), hashlib.sha256)


def _derived(key: bytes, use: str) -> bytes:
    return hmac.digest(key, f"kcc second factor {use}".encode(), hashlib.sha256)


def _bound(*parts: str) -> bytes:
    return "\0".join(parts).encode()
