"""The kinds of "no" that kcc gives, with what a person needs to understand them; how they are shown lives
in kcc.web.errors.
"""

from collections.abc import Mapping
from typing import Any


def N_(message: str) -> str:  # noqa: N802 - the gettext convention, which extractors know by this name
    """Mark an English sentence for translation without translating it; the edge does that."""
    return message


class KccError(Exception):
    """A refusal or failure with a translatable sentence.

    `message` is an English msgid with %(name)s places for `params`; `code` is a stable word for programs.
    """

    status = 500
    code = "error"

    def __init__(
        self, message: str, *, code: str | None = None, rule: str | None = None, **params: Any
    ) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params: Mapping[str, Any] = params
        self.rule = rule
        if code is not None:
            self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        """How it travels between processes: whole, without being made anew by each kind's own arguments."""
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[KccError], args: tuple[Any, ...], told: dict[str, Any]) -> KccError:
    fault = kind.__new__(kind, *args)
    fault.args = args
    fault.__dict__.update(told)
    return fault


class NotFound(KccError):
    """There is no such thing, or this actor may not know of it: both look alike (ACC-1)."""

    status = 404
    code = "not_found"

    def __init__(self, message: str = N_("This page does not exist, or is not for you."), **params: Any):
        super().__init__(message, **params)


class AccessDenied(NotFound):
    """The policy refused; `refusal` tells the audit who asked for what. Shown exactly like NotFound."""

    def __init__(self, refusal: Any, rule: str) -> None:
        super().__init__()
        self.refusal = refusal
        self.rule = rule


class Refused(KccError):
    """A rule says no to something this actor may otherwise do; `rule` is its id in docs/protocol.md."""

    status = 409
    code = "refused"


class Invalid(KccError):
    """Input is wrong; `field` names the input."""

    status = 422
    code = "invalid"

    def __init__(self, field: str, message: str, **params: Any) -> None:
        super().__init__(message, **params)
        self.field = field


class Unavailable(KccError):
    """Something outside (disk, database, key store) does not answer; trying again later may help."""

    status = 503
    code = "unavailable"
