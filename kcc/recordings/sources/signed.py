"""Verifying a JSON Web Signature (RFC 7515, flattened or general) against certificates that are trusted; what
was signed is not read here.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from kcc.errors import N_, Invalid, Unavailable
from kcc.recordings.sources.metadata import MetadataInvalid

SIGNATURES = 8
"""More signatures, or longer chains of certificates, than this are not looked at."""


class NotTrusted(MetadataInvalid):
    """No signature is by a certificate that is trusted, and of now."""

    def __init__(self) -> None:
        message = N_("The vCon is not signed by a certificate that is trusted here.")
        super().__init__((Invalid("signatures", message, code="vcon_unsigned"),))
        self.code = "vcon_unsigned"


def load(paths: Sequence[Path]) -> list[x509.Certificate]:
    """The trusted certificates in these PEM files; Unavailable if one cannot be read."""
    try:
        return [one for path in paths for one in x509.load_pem_x509_certificates(path.read_bytes())]
    except (OSError, ValueError) as fault:
        raise Unavailable(N_("The certificates for vCons cannot be read.")) from fault


def payload(document: Mapping[str, Any], trusted: Sequence[x509.Certificate], now: datetime) -> bytes:
    """What was signed, once one of its signatures holds; NotTrusted if none does, whatever the document is.

    A signer shows its certificate (x5c), which must be trusted or issued by one that is, or shows none: then
    the trusted ones are tried. RS256 and ES256 alone; the certificate must be valid now.
    """
    signatures = document.get("signatures", [document])
    trusted = [one for one in trusted if _valid(one, now)]
    signed = document.get("payload")
    if not isinstance(signed, str) or not isinstance(signatures, list):
        raise NotTrusted
    for signature in signatures[:SIGNATURES]:
        if isinstance(signature, dict) and _holds(signature, signed, trusted, now):
            return decode(signed)
    raise NotTrusted


def decode(text: str) -> bytes:
    """The bytes of base64url or base64, with or without padding; NotTrusted if it is neither."""
    plain = text.encode("ascii", "replace").translate(_TO_BASE64, b"\r\n\t =")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise NotTrusted from None


_TO_BASE64 = bytes.maketrans(b"-_", b"+/")


def _holds(
    signature: Mapping[str, Any], signed: str, trusted: Sequence[x509.Certificate], now: datetime
) -> bool:
    try:
        protected, unprotected = signature.get("protected", ""), signature.get("header") or {}
        header = json.loads(decode(protected))
        algorithm, chain = header.get("alg"), header.get("x5c") or unprotected.get("x5c")
        if "crit" in header or header.get("b64", True) is not True:
            return False
        value, message = decode(signature["signature"]), f"{protected}.{signed}".encode("ascii")
        candidates = _signers(chain, trusted, now) if chain else trusted
        return any(_by(one, algorithm, value, message) for one in candidates)
    except (NotTrusted, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return False


def _signers(
    chain: Sequence[str], trusted: Sequence[x509.Certificate], now: datetime
) -> list[x509.Certificate]:
    """The signer's certificate, if it or one that issued it is trusted; each issued the one before."""
    shown = [x509.load_der_x509_certificate(decode(one)) for one in chain[:SIGNATURES]]
    if not all(_valid(one, now) for one in shown):
        return []
    for number, one in enumerate(shown):
        if one in trusted or any(_issued(root, one) for root in trusted):
            return shown[:1]
        if number + 1 == len(shown) or not _issued(shown[number + 1], one):
            break
    return []


def _issued(issuer: x509.Certificate, issued: x509.Certificate) -> bool:
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    return basic.ca


def _valid(one: x509.Certificate, now: datetime) -> bool:
    return one.not_valid_before_utc <= now <= one.not_valid_after_utc


def _by(one: x509.Certificate, algorithm: Any, value: bytes, message: bytes) -> bool:
    key = one.public_key()
    try:
        if algorithm == "RS256" and isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
            key.verify(value, message, padding.PKCS1v15(), hashes.SHA256())
            return True
        if algorithm == "ES256" and isinstance(key, ec.EllipticCurvePublicKey) and len(value) == 64:
            if not isinstance(key.curve, ec.SECP256R1):
                return False
            r, s = int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big")
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
            return True
    except InvalidSignature:
        return False
    return False
