"""Talking with the issuer: where its doors are, its keys, and a code for tokens; what they say is proof's."""

import json
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import structlog
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException, Response

from kcc import clock
from kcc.errors import N_, KccError, Unavailable
from kcc.sso_settings import Sso, trustworthy

log = structlog.get_logger(__name__)

REMEMBERED_SECONDS = 600.0
"""How long its doors and keys are believed before they are asked for again."""
KEYS_AT_MOST_EVERY = 30.0
"""Seconds after which an unknown key makes us ask for the keys again, sooner never."""
FAILED_FOR = 5.0
"""Seconds for which a failing issuer is not asked again, so that not everybody waits for it."""
LARGEST = 1024 * 1024
"""Bytes of one answer."""
DOORS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class IssuerFailed(Unavailable):
    """The issuer does not answer, not in time, or not sensibly; signing in there may work later."""

    code = "sso"


class NotAccepted(KccError):
    """The issuer does not take the code: used already, too old, or of somebody else's sign-in."""

    status = 400
    code = "sso_code"


class Issuer:
    """One process's knowledge of the issuer; threads share it."""

    def __init__(self, settings: Sso) -> None:
        self.settings = settings
        self._kept: dict[str, tuple[float, Any]] = {}
        self._failed_at: float | None = None
        self._one = Lock()

    def door(self, name: str) -> str | None:
        """The address of one of its endpoints, or None where it has none."""
        found = self._doors().get(name)
        return found if isinstance(found, str) and trustworthy(found) else None

    def says(self, name: str) -> Any:
        """What its description of itself says of something else."""
        return self._doors().get(name)

    def way_in(self, redirect_uri: str, state: str, nonce: str, verifier: str, *, again: bool = False) -> str:
        """Where to send the browser: with PKCE (S256), state and nonce.

        With `again` the issuer is to ask who somebody is also where it still knows.
        """
        asking = {"prompt": "login", "max_age": "0"} if again else {}
        with self._session() as session:
            address, _ = session.create_authorization_url(
                self.door("authorization_endpoint"),
                redirect_uri=redirect_uri,
                scope=" ".join(self.settings.scopes),
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **asking,
            )
        return str(address)

    def way_out(self, back: str) -> str | None:
        """Where to send the browser to sign out there too, or None where that cannot be done."""
        door = self.door("end_session_endpoint")
        if door is None:
            return None
        said = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        return f"{door}{'&' if '?' in door else '?'}{urlencode(said)}"

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> Mapping[str, Any]:
        """The tokens for a code; raises NotAccepted or IssuerFailed."""
        door = self.door("token_endpoint")
        try:
            with self._session(secret=True) as session:
                found = session.fetch_token(
                    door,
                    code=code,
                    code_verifier=verifier,
                    redirect_uri=redirect_uri,
                    grant_type="authorization_code",
                    timeout=self.settings.timeout_seconds,
                    allow_redirects=False,
                )
        except AuthlibBaseError as fault:
            log.warning("single sign-on: code refused", error=fault.error)
            raise NotAccepted(N_("That sign-in is not valid any more. Start again.")) from fault
        except (RequestException, OSError, ValueError, TypeError, AttributeError) as fault:
            raise _failed(fault) from fault
        if not isinstance(found, dict):
            raise _failed(ValueError("no tokens"))
        return found

    def keys(self, *, anew: bool = False) -> KeySet:
        """Its public keys; `anew` when a token was signed with one that was not among them."""
        age = KEYS_AT_MOST_EVERY if anew else REMEMBERED_SECONDS
        found = self._get("keys", str(self.door("jwks_uri")), age)
        try:
            listed = [key for key in found["keys"] if key.get("kty") in ("RSA", "EC")]
            return KeySet.import_key_set({"keys": listed})
        except (KeyError, TypeError, AttributeError, ValueError, JoseError) as fault:
            raise self._failed(fault) from fault

    def _doors(self) -> Mapping[str, Any]:
        address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._get("doors", address, REMEMBERED_SECONDS)
        if found.get("issuer") != self.settings.issuer:
            raise self._failed(ValueError("it calls itself otherwise"))
        if not all(isinstance(found.get(name), str) and trustworthy(found[name]) for name in DOORS):
            raise self._failed(ValueError("a door is missing, or not over TLS"))
        return found

    def _get(self, what: str, address: str, age: float) -> dict[str, Any]:
        with self._one:
            at, found = self._kept.get(what, (0.0, None))
            now = clock.ticking()
            if found is None or now - at >= age:
                if self._failed_at is not None and now - self._failed_at < FAILED_FOR:
                    raise IssuerFailed(_SENTENCE)
                found = self._fetched(address)
                self._kept[what] = (clock.ticking(), found)
                self._failed_at = None
            return dict(found)

    def _fetched(self, address: str) -> dict[str, Any]:
        try:
            with (
                self._session() as session,
                session.get(
                    address,
                    withhold_token=True,
                    timeout=self.settings.timeout_seconds,
                    allow_redirects=False,
                    stream=True,
                ) as answer,
            ):
                found = json.loads(self._body(answer))
        except (RequestException, OSError, ValueError, RecursionError) as fault:
            raise self._failed(fault) from fault
        if not isinstance(found, dict):
            raise self._failed(ValueError("no object"))
        return found

    def _body(self, answer: Response) -> bytes:
        """A whole answer: of a size and within a time, also when it comes drop by drop."""
        if answer.status_code != 200:
            raise ValueError(f"status {answer.status_code}")
        until, body = clock.ticking() + 2 * self.settings.timeout_seconds, b""
        for piece in answer.iter_content(4096):
            body += piece
            if len(body) > LARGEST or clock.ticking() > until:
                raise ValueError("too long")
        return body

    def _failed(self, fault: Exception) -> IssuerFailed:
        """As below, and nobody asks it for a moment; not for what anybody can bring about with a bad code."""
        self._failed_at = clock.ticking()
        self._kept.clear()
        return _failed(fault)

    def _session(self, *, secret: bool = False) -> Any:
        return OAuth2Session(
            self.settings.client_id,
            _secret(self.settings.client_secret_file) if secret else None,
            token_endpoint_auth_method=self._proves_by() if secret else None,
            code_challenge_method="S256",
        )

    def _proves_by(self) -> str:
        """How we show our secret there: as every issuer knows it, unless it says that it does not."""
        ways = self.says("token_endpoint_auth_methods_supported")
        other = isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways
        return "client_secret_post" if other else "client_secret_basic"


_SENTENCE = N_("Your organisation's sign-in does not answer. Try again in a moment.")


def _failed(fault: Exception) -> IssuerFailed:
    log.warning("single sign-on: issuer failed", error=f"{type(fault).__name__}: {fault}"[:200])
    return IssuerFailed(_SENTENCE)


def _secret(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as fault:
        log.exception("single sign-on: no secret", error=type(fault).__name__)
        raise IssuerFailed(_SENTENCE) from fault
