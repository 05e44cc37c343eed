"""Settings of how the metadata of recorders are read; the file they stand in is kcc.config's."""

import re
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator, model_validator

from kcc.sections import Section

AGENT = r"(?:sips?:|tel:)?(\d{3,5})(?:[@;].*)?"
"""How an employee is told from a caller where nothing else is said: an internal number of 3 to 5 digits."""


def _zone(value: str) -> str:
    if value:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is no time zone, such as Europe/Amsterdam or UTC") from None
    return value


def _pattern(value: str) -> str:
    try:
        groups = re.compile(value).groups
    except re.error as fault:
        raise ValueError(f"is no regular expression ({fault})") from None
    if groups != 1:
        raise ValueError("must have exactly one group, which is the agent id")
    return value


Zone = Annotated[str, AfterValidator(_zone)]
AgentPattern = Annotated[str, AfterValidator(_pattern)]


class Cdr(Section):
    """How Asterisk's call detail records (Master.csv) are read."""

    recorder: str = "asterisk"
    timezone: Annotated[Zone, Field(min_length=1)] = "Europe/Amsterdam"
    columns: tuple[str, ...] = (
        *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
        *(
            "start",
            "answer",
            "end",
            "duration",
            "billsec",
            "disposition",
            "amaflags",
            "uniqueid",
            "userfield",
        ),
    )
    incoming_agent: str = "dstchannel"
    outgoing_agent: str = "src"
    agent_pattern: AgentPattern = r"(?:[A-Za-z0-9]+/)?([^-@/;]+)(?:[-@/;].*)?"
    outgoing_contexts: tuple[str, ...] = ("from-internal",)
    internal_contexts: tuple[str, ...] = ()
    lines: dict[str, str] = Field(default_factory=dict)
    sound_begins: Literal["answer", "start"] = "answer"
    max_mb: Annotated[int, Field(ge=1, le=1024)] = 256

    @model_validator(mode="after")
    def _columns_are_there(self) -> "Cdr":
        needed = {"start", "duration", "billsec", "disposition", "dcontext", "uniqueid", "src", "dst"}
        missing = (needed | {self.incoming_agent, self.outgoing_agent}) - set(self.columns)
        if missing:
            raise ValueError(f"columns must name {', '.join(sorted(missing))}")
        return self


class Siprec(Section):
    """What SIPREC metadata (RFC 7865) do not say, and who in them is an employee."""

    recorder: str = "siprec"
    agent_pattern: AgentPattern = AGENT
    timezone: Zone = ""
    direction: Literal["incoming", "outgoing"] = "incoming"
    line: str = "main"
    employee_channel: Literal[0, 1] = 0
    sound_format: Literal["", "alaw", "ulaw", "g722"] = ""


class Vcons(Section):
    """Who may deliver vCons, and how they are read."""

    recorder: str = "vcon"
    max_mb: Annotated[int, Field(ge=1, le=256)] = 32
    secrets: dict[str, Path] = Field(default_factory=dict)
    sign_body_alone: bool = False
    certificates: tuple[Path, ...] = ()
    accept_unsigned: bool = True
    fetch_origins: tuple[str, ...] = ()
    agent_keys: tuple[str, ...] = ("uuid", "sip", "mailto", "tel")
    agent_role: str = ""
    agent_pattern: AgentPattern = AGENT
    timezone: Zone = ""
    line: str = "main"
    lines: dict[str, str] = Field(default_factory=dict)

    @field_validator("fetch_origins")
    @classmethod
    def _https_alone(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d{1,5})?", one) for one in value):
            raise ValueError("must be origins such as https://sound.example, without a path")
        return value
