"""An authenticator in software, that tests can have answer wrongly; Chromium's own is in tests/browser."""

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "http://localhost"


class Authenticator:
    """One passkey; `count` goes up with each use."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.user = b""
        self.count = 0

    def create(self, options: str, origin: str = ORIGIN, flags: int = PRESENT | VERIFIED) -> str:
        """What navigator.credentials.create() gives."""
        told = json.loads(options)
        self.user = base64url_to_bytes(told["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        about = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(told["rp"]["id"], flags | ATTESTED) + about
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": self._client("webauthn.create", told["challenge"], origin),
                "attestationObject": attested,
            }
        )

    def get(
        self,
        options: str,
        origin: str = ORIGIN,
        flags: int = PRESENT | VERIFIED,
        user: bytes | None = None,
        site: str | None = None,
    ) -> str:
        """What navigator.credentials.get() gives."""
        told = json.loads(options)
        self.count += 1
        data = self._data(site or told["rpId"], flags)
        client = self._client("webauthn.get", told["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": data,
                "signature": signature,
                "userHandle": self.user if user is None else user,
            }
        )

    def _data(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        told = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps(
            {
                "id": bytes_to_base64url(self.id),
                "rawId": bytes_to_base64url(self.id),
                "type": "public-key",
                "response": told,
                "clientExtensionResults": {},
            }
        )
