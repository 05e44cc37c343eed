"""The sealing of short personal texts for a database column; sound is kcc.vault.sealing's."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kcc.errors import N_, Invalid
from kcc.vault.sealing import SealBroken

_VERSION = b"\x01"
_NONCE, _TAG, _COUNT, _BLOCK = 12, 16, 4, 32


def seal_text(key: bytes, place: str, text: str) -> bytes:
    """Seal `text` so that it opens only under `key` and at `place` ("recording.remote_number:<id>").

    A version byte, a random nonce, and the text under AES-256-GCM with a sub-key of `key`, its length filled
    up to a multiple of 32 bytes so that it betrays little. Invalid if the text has no UTF-8 form (a half
    surrogate).
    """
    try:
        plain = text.encode()
    except UnicodeEncodeError:
        raise Invalid(place, N_("This text holds characters that cannot be stored.")) from None
    counted = len(plain).to_bytes(_COUNT, "big") + plain
    padded = counted + bytes(-len(counted) % _BLOCK)
    nonce = secrets.token_bytes(_NONCE)
    return _VERSION + nonce + _aead(key).encrypt(nonce, padded, _associated(place))


def open_text(key: bytes, place: str, sealed: bytes) -> str:
    """The text that was sealed under `key` for `place`; SealBroken for anything else."""
    start = len(_VERSION) + _NONCE
    if sealed[: len(_VERSION)] != _VERSION or len(sealed) < start + _BLOCK + _TAG:
        raise SealBroken
    try:
        padded = _aead(key).decrypt(sealed[len(_VERSION) : start], sealed[start:], _associated(place))
    except InvalidTag:
        raise SealBroken from None
    # Sound by now: only a holder of the key can have written the count.
    return padded[_COUNT : _COUNT + int.from_bytes(padded[:_COUNT], "big")].decode()


def _aead(key: bytes) -> AESGCM:
    if len(key) != 32:
        raise ValueError("a sealing key has 32 bytes")
    return AESGCM(HKDF(SHA256(), 32, None, b"kcc field v1").derive(key))


def _associated(place: str) -> bytes:
    return _VERSION + place.encode()
