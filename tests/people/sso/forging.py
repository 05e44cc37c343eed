"""An issuer of our own that keeps to the protocol, PKCE included, and forges whatever a test asks for."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.ports import free_port

SECRET = "a secret between kcc and its issuer"
Forge = Callable[[dict[str, Any]], str]


def b64(raw: bytes) -> str:
    """As in a token."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Forger:
    """One issuer: who is granted what, with which forgery, and what it was asked."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    granted: dict[str, dict[str, Any]] = field(default_factory=dict)
    forge: Forge | None = None
    description: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    failing: str = ""
    slow: Event = field(default_factory=Event)

    def grant(self, question: dict[str, str], **claims: Any) -> str:
        """What somebody gets who signed in there after kcc's question: a code, good once."""
        code = f"code-{len(self.granted)}"
        now = int(time.time())
        said = {
            "iss": self.url,
            "sub": "subject-1",
            "aud": question["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": question["nonce"],
            "preferred_username": "1001",
        } | claims
        known = {name: value for name, value in said.items() if value is not None}
        self.granted[code] = {"claims": known, "challenge": question["code_challenge"]}
        return code

    def signed(self, claims: dict[str, Any], key: Any = None, alg: str = "RS256", **header: Any) -> str:
        """An ID token, by default as it should be."""
        return jwt.encode({"alg": alg, "kid": self.key.kid, **header}, claims, key or self.key, [alg])

    def unsigned(self, claims: dict[str, Any]) -> str:
        """With alg=none and no signature."""
        header = b64(json.dumps({"alg": "none", "kid": self.key.kid}).encode())
        return f"{header}.{b64(json.dumps(claims).encode())}."

    def with_public_key(self, claims: dict[str, Any]) -> str:
        """HS256, its secret being the public key that everybody has."""
        header = b64(json.dumps({"alg": "HS256", "kid": self.key.kid}).encode())
        text = f"{header}.{b64(json.dumps(claims).encode())}"
        return f"{text}.{b64(hmac.digest(self.key.as_pem(private=False), text.encode(), 'sha256'))}"

    def __call__(self, environ: Any, start: Any) -> Any:
        """Answer."""
        request = Request(environ)
        self.asked.append(request.path)
        if self.failing == request.path or self.failing == "all":
            return Response("out of order", 500)(environ, start)
        if self.failing == "slow":
            self.slow.wait(20)
        answers = {
            "/.well-known/openid-configuration": self._description,
            "/keys": lambda _: {"keys": [self.key.as_dict(private=False)]},
            "/token": self._token,
        }
        found = answers[request.path](request)
        status = 400 if "error" in found else 200
        return Response(json.dumps(found), status, content_type="application/json")(environ, start)

    def _description(self, _: Request) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/out",
        } | self.description

    def _token(self, request: Request) -> dict[str, Any]:
        secret = request.authorization.password if request.authorization else None
        if secret != SECRET:
            return {"error": "invalid_client"}
        grant = self.granted.pop(request.form.get("code", ""), None)
        verifier = request.form.get("code_verifier", "")
        if grant is None or b64(hashlib.sha256(verifier.encode()).digest()) != grant["challenge"]:
            return {"error": "invalid_grant"}
        token = (self.forge or self.signed)(grant["claims"])
        return {"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": token}


@contextmanager
def forging() -> Iterator[Forger]:
    """Such an issuer on a free port, in a thread."""
    port, forger = free_port(), Forger()
    forger.url = f"http://127.0.0.1:{port}"
    server = make_server("127.0.0.1", port, forger, threaded=True)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield forger
    finally:
        forger.slow.set()
        server.shutdown()
        thread.join()
        server.server_close()
