"""Settings of the audit: signing, places, terms, and what is watched for; the file is kcc.config's."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from kcc.s3_place import S3Place
from kcc.sections import Section


class AuditTerms(Section):
    """Days after which the audit forgets who did what; the proof that a line was there stays for good."""

    listening: Annotated[int, Field(ge=190, le=1830)] = 395
    reports: Annotated[int, Field(ge=190, le=1830)] = 395
    signin: Annotated[int, Field(ge=31, le=1830)] = 180
    administration: Annotated[int, Field(ge=190, le=1830)] = 730
    upkeep: Annotated[int, Field(ge=31, le=1830)] = 395


class AuditWatch(Section):
    """How much reading in an hour is unusual: from so many on the data protection officer is told."""

    refusals: Annotated[int, Field(ge=3, le=1000)] = 20
    calls: Annotated[int, Field(ge=2, le=1000)] = 12
    exports: Annotated[int, Field(ge=1, le=100)] = 1


class Audit(Section):
    """Sealing the audit, signing it, and where the checkpoints go."""

    key_file: Path = Path("var/audit.key")
    folder: str = ""
    mail_to: tuple[str, ...] = ()
    mail_every_hours: Annotated[int, Field(ge=1, le=168)] = 24
    s3_url: str = ""
    s3_credentials_file: Path = Path("var/audit-s3.toml")
    terms: AuditTerms = AuditTerms()
    watch: AuditWatch = AuditWatch()

    @field_validator("s3_url")
    @classmethod
    def _names_a_bucket(cls, value: str) -> str:
        if value:
            S3Place.of(value)
        return value

    @field_validator("mail_to")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all("@" in address for address in value):
            raise ValueError("must be addresses")
        return value
