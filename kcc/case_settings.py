"""Settings of cases of weighty reasons; the file is kcc.config's."""

from typing import Annotated

from pydantic import Field, field_validator

from kcc.sections import Section


class WeightyReasons(Section):
    """Cases of weighty reasons (WGT-2): what they keep longer needs the works council's consent (RET-5,
    GOV-2).
    """

    consent: Annotated[str, Field(max_length=200)] = ""
    postpone_days: Annotated[int, Field(ge=1, le=28)] = 14
    text_days: Annotated[int, Field(ge=1, le=365)] = 90

    @field_validator("consent")
    @classmethod
    def _says_something(cls, value: str) -> str:
        value = value.strip()
        if value and (len(value) < 3 or value.lower() in ("true", "yes", "ja", "on", "aan")):
            raise ValueError("must be the reference of the works council's consent (GOV-2), or empty")
        return value
