"""The forms between a password and a session, as typed, with what is missing in them; no database."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

Errors = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ProofForm:
    """One proof: a typed code, a password, or what a passkey answered; and where to go on."""

    code: str
    password: str
    credential: str
    next: str
    typed: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "ProofForm":
        """What was sent."""
        return cls(*(form.get(name, "") for name in ("code", "password", "credential", "next", "typed")))

    def missing(self) -> Errors:
        """The code, when nothing was given at all."""
        if self.code.strip() or self.password or self.credential:
            return []
        return [("code", gettext("Type the code that your app shows, or a recovery code."))]


@dataclass(frozen=True, slots=True)
class EnrolForm:
    """A new factor: its name, and the code of an app that took the ticket's secret, or a passkey's answer."""

    name: str
    code: str
    ticket: str
    credential: str
    next: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "EnrolForm":
        """What was sent."""
        return cls(*(form.get(name, "") for name in ("name", "code", "ticket", "credential", "next")))
