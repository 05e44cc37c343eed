"""Whether an ID token proves who somebody is: signature, issuer, audience, time, nonce; no database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from kcc.errors import N_, KccError
from kcc.people.sso.proven import LONGEST_SUBJECT, Proven

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures that need the issuer's private key: never none, nor HS256, for which the public key does."""
LEEWAY_SECONDS = 60


class NotProven(KccError):
    """The token proves nothing; `why` is for the log, not for whoever shows it."""

    status = 400
    code = "sso_token"

    def __init__(self, why: str) -> None:
        super().__init__(N_("kcc does not trust the answer of your organisation's sign-in. Start again."))
        self.why = why


class UnknownKey(NotProven):
    """It is signed with a key that is not among the issuer's: perhaps a new one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say to be ours."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str | None
    now: datetime
    since: datetime | None = None
    """Whoever signed in there before this, as far as the token says when, proves nothing."""


def proven(token: object, keys: KeySet, expected: Expected) -> Proven:
    """What a token proves; raises UnknownKey or NotProven."""
    if not isinstance(token, str):
        raise NotProven("no ID token")
    try:
        found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        claims = _checked(found, expected)
    except InvalidKeyIdError as fault:
        raise UnknownKey("unknown key") from fault
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        raise NotProven(f"{type(fault).__name__}: {fault}"[:200]) from fault
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise NotProven("no subject")
    return Proven(subject, dict(claims))


def _checked(found: jwt.Token, expected: Expected) -> Any:
    claims = CodeIDToken(
        found.claims,
        found.header,
        options={
            "iss": {"essential": True, "value": expected.issuer},
            "aud": {"essential": True, "value": expected.client_id},
        },
        params={
            "nonce": expected.nonce,
            "client_id": expected.client_id,
            "access_token": expected.access_token,
        },
    )
    claims.validate(now=int(expected.now.timestamp()), leeway=LEEWAY_SECONDS)
    if expected.since and "auth_time" in claims:
        late_enough = float(claims["auth_time"]) >= expected.since.timestamp() - LEEWAY_SECONDS
        if not late_enough:
            raise NotProven("signed in before it was asked")
    return claims
