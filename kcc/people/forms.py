"""The forms of signing in and of one's own account, as typed, with what is missing in them; no database."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

Errors = list[tuple[str, str]]
"""Pairs of a field's id and the sentence that goes beside it."""


@dataclass(frozen=True, slots=True)
class SignInForm:
    """Number and password, and where to go on."""

    number: str
    password: str
    next: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "SignInForm":
        """What was typed."""
        return cls(form.get("number", ""), form.get("password", ""), form.get("next", ""))

    def missing(self) -> Errors:
        """What was left out."""
        errors = []
        if not self.number.strip():
            errors.append(("number", gettext("Fill in your personnel number.")))
        if not self.password:
            errors.append(("password", gettext("Fill in your password.")))
        return errors


@dataclass(frozen=True, slots=True)
class PasswordForm:
    """The current password and the new one, twice."""

    current: str
    new: str
    again: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "PasswordForm":
        """What was typed."""
        return cls(form.get("current", ""), form.get("password", ""), form.get("again", ""))

    def missing(self) -> Errors:
        """What was left out, or typed differently the second time."""
        errors = []
        if not self.current:
            errors.append(("current", gettext("Fill in your current password.")))
        if not self.new:
            errors.append(("password", gettext("Fill in a new password.")))
        elif self.new != self.again:
            errors.append(("again", gettext("Type the new password again: the two are not the same.")))
        return errors
