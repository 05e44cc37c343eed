"""The settings of single sign-on: who the issuer is, whom it may name, and what remains when it fails."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from kcc.sections import Section

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def trustworthy(address: str) -> bool:
    """Whether secrets may be sent to an address: over TLS, or on this machine."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        )
    except ValueError:
        return False


class Sso(Section):
    """Signing in with the organisation's own account by OpenID Connect (SEC-1); off without an issuer."""

    issuer: Annotated[str, Field(max_length=500)] = ""
    client_id: str = ""
    client_secret_file: Path = Path("var/sso.secret")
    scopes: tuple[str, ...] = ("openid", "profile")
    label: Annotated[str, Field(max_length=60)] = ""
    number_claim: str = "preferred_username"
    bind_by_number: bool = True
    amr: tuple[str, ...] = ()
    local_signin: bool = True
    break_glass: Annotated[str, Field(max_length=64)] = ""
    timeout_seconds: Annotated[int, Field(ge=1, le=30)] = 5

    @field_validator("issuer")
    @classmethod
    def _over_tls(cls, value: str) -> str:
        if value and not trustworthy(value):
            raise ValueError("must start with https:// (or be on this machine)")
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Sso":
        if self.issuer and not self.client_id:
            raise ValueError("needs client_id when issuer is set")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        if not self.local_signin and not (self.issuer and self.break_glass):
            raise ValueError("local_signin = false needs an issuer, and the number of a break_glass account")
        return self

    @property
    def on(self) -> bool:
        """Whether there is single sign-on."""
        return bool(self.issuer)
