"""What a recorder tells about a call, whichever way it came; judges its form, not whose it is or how old."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kcc.errors import N_, Invalid

_NAME = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_FAULTS_TOLD = 20

_SENTENCES = {
    "recorder": N_("Give the recorder's name: 1 to 64 letters, digits and the signs _ . + -."),
    "call_id": N_("Give the call's id: 1 to 200 printable characters."),
    "start": N_("Give the start with its offset from UTC, such as 2026-11-03T14:05:00+01:00."),
    "agent_id": N_("Give the agent's id at the exchange: 1 to 64 printable characters."),
    "direction": N_("Say whether the call is incoming or outgoing."),
    "scope": N_("Say whether the call is external or internal."),
    "line": N_("Give the line's name: 1 to 64 letters, digits and the signs _ . + -."),
    "remote_number": N_("Give the other party's number in at most 64 printable characters, or leave it out."),
    "nature": N_("Say whether the call's nature is business, network, private or unknown, or leave it out."),
    "employee_channel": N_("Say on which channel the employee speaks, 0 or 1, or leave it out."),
    "sound_format": N_("For bare samples without a header say alaw, ulaw or g722; else leave it out."),
}


class MetadataInvalid(Invalid):
    """The metadata cannot be used. It reads as its first fault; `faults` has them all, one for each key."""

    def __init__(self, faults: tuple[Invalid, ...]) -> None:
        headline = faults[0]
        super().__init__(headline.field, headline.message, code="metadata_invalid", **headline.params)
        self.faults = faults


def unusable(message: str, **params: Any) -> MetadataInvalid:
    """The metadata cannot even be read, so that no key can be named."""
    return MetadataInvalid((Invalid("metadata", message, code="metadata_unreadable", **params),))


def _instant(value: object) -> datetime:
    """RFC 3339 with its offset, or an aware datetime; in UTC. ValueError says no."""
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        value = datetime.fromisoformat(value.upper())
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise ValueError("no instant")
    try:
        return value.astimezone(UTC)
    except OverflowError as beyond:
        raise ValueError("beyond the calendar") from beyond


def _printable(longest: int) -> BeforeValidator:
    def check(value: object) -> str:
        # isprintable also refuses NUL, line ends, lone surrogates and signs that turn the reading direction.
        if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
            raise ValueError("not printable")
        if value.isspace():
            raise ValueError("blank")
        return value

    return BeforeValidator(check)


def _name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError("no name")
    return value


def _channel(value: object) -> int | None:
    # A plain Literal takes True and 1.0 for 1.
    if value is not None and (type(value) is not int or value not in (0, 1)):
        raise ValueError("no channel")
    return value


def _withheld(value: object) -> object:
    """Recorders write an empty number where the caller withheld it."""
    return None if value == "" else value


Name = Annotated[str, BeforeValidator(_name)]


class CallMetadata(BaseModel):
    """A call as its recorder describes it; `start` is an instant in UTC."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    call_id: Annotated[str, _printable(200)]
    start: Annotated[datetime, BeforeValidator(_instant)]
    agent_id: Annotated[str, _printable(64)]
    direction: Literal["incoming", "outgoing"]
    scope: Literal["external", "internal"]
    line: Name
    recorder: Name | None = None
    # Kept out of repr, so that no log line or traceback shows a caller's number.
    remote_number: Annotated[Annotated[str, _printable(64)] | None, BeforeValidator(_withheld)] = Field(
        default=None, repr=False
    )
    nature: Literal["business", "network", "private", "unknown"] = "unknown"
    # Not said is not 0: who speaks on which channel is shown to people, and never guessed.
    employee_channel: Annotated[Literal[0, 1] | None, BeforeValidator(_channel)] = None
    # Forms that bear no mark of their own; all others are recognised by their bytes, whatever is said here.
    sound_format: Literal["alaw", "ulaw", "g722"] | None = None

    @classmethod
    def of(
        cls, values: Mapping[str, object], agreed: Mapping[str, object] = MappingProxyType({})
    ) -> "CallMetadata":
        """The metadata in `values`, as a recorder wrote them; MetadataInvalid names each wrong key.

        What else is known of the call stands in `agreed`, with which `values` may not differ.
        """
        known = {key: value for key, value in values.items() if key in cls.model_fields}
        faults = []
        try:
            call = cls.model_validate(known)
        except ValidationError as error:
            places = {str(fault["loc"][0]): fault["type"] for fault in error.errors(include_input=False)}
            faults = [_fault(key, kind) for key, kind in places.items()]
        faults += [_unknown(key) for key in values if key not in known]
        faults += [_disagrees(key) for key in agreed if values[key] != agreed[key]]
        if faults:
            # Raised outside the except: pydantic's context holds what was sent, and must reach no log.
            raise MetadataInvalid(tuple(faults[:_FAULTS_TOLD]))
        return call


def _fault(key: str, kind: str) -> Invalid:
    if kind == "missing":
        return Invalid(key, N_("The key %(key)s is missing."), code="metadata_missing", key=key)
    return Invalid(key, _SENTENCES[key], code="metadata_wrong")


def _disagrees(key: str) -> Invalid:
    return Invalid(
        key,
        N_("The key %(key)s says something else than the address or the token."),
        code="metadata_disagrees",
        key=key,
    )


def _unknown(key: str) -> Invalid:
    shown = shorten(key)
    return Invalid(shown, N_("The key %(key)s is not known."), code="metadata_unknown", key=shown)


def shorten(key: str) -> str:
    """A key that a stranger chose, fit for a message and a log: at most 40 harmless characters."""
    return ascii(key[:40])[1:-1][:40]
