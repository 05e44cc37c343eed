"""The tables of the settings file, one class each, and what each setting may be; reading them is config's."""

from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy.engine import make_url

from kcc.s3_place import S3Place

DATABASE_ROLES = ("web", "gate", "intake", "jobs", "figures")
"""The roles with which kcc connects to its database; what each may do there stands in kcc.wall."""


class Section(BaseModel):
    """A table of the file; a key it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(Section):
    """Where kcc answers."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: str = "http://127.0.0.1:8000"
    hosts: tuple[str, ...] = ()
    proxies: Annotated[int, Field(ge=0, le=8)] = 0
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    secret_key_file: Path = Path("var/secret.key")
    max_upload_mb: Annotated[int, Field(ge=1, le=4096)] = 512
    calls_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 6000
    strangers_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 60
    requests_per_minute: Annotated[int, Field(ge=60, le=1_000_000)] = 1200
    signins_per_minute: Annotated[int, Field(ge=5, le=1_000_000)] = 300
    uploads_at_once: Annotated[int, Field(ge=1, le=64)] = 4
    metrics_token_file: Path = Path("var/metrics.token")

    @field_validator("public_url")
    @classmethod
    def _has_scheme(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("hosts")
    @classmethod
    def _bare_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not name or set(name) & set("/@?#* ") for name in value):
            raise ValueError("must be names or addresses of hosts, without scheme or path")
        return tuple(name.lower() for name in value)

    @property
    def secure(self) -> bool:
        """Whether browsers reach kcc over TLS, so that cookies may demand it."""
        return self.public_url.startswith("https://")


class DatabaseSection(Section):
    """The main database."""

    url: str = "sqlite:///var/kcc.db"

    @field_validator("url")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
        return value


class MainDatabase(DatabaseSection):
    """The main database; with all other URLs set, each kind of process connects as a role of its own."""

    web_url: str = ""
    gate_url: str = ""
    intake_url: str = ""
    jobs_url: str = ""
    figures_url: str = ""

    @model_validator(mode="after")
    def _all_or_none(self) -> "MainDatabase":
        urls = [self.web_url, self.gate_url, self.intake_url, self.jobs_url, self.figures_url]
        if not any(urls):
            return self
        if not all(one.startswith("postgresql+psycopg://") for one in [self.url, *urls]):
            raise ValueError("roles need all five URLs, and PostgreSQL (postgresql+psycopg://)")
        if len({make_url(one).username for one in [self.url, *urls]}) != len(urls) + 1:
            raise ValueError("each URL needs a role of its own")
        return self

    @property
    def split(self) -> bool:
        """Whether processes connect with roles of their own, so that the second wall stands."""
        return bool(self.web_url)

    def url_of(self, role: str) -> str:
        """Where a role connects: web, gate, intake, jobs or figures."""
        named: str = getattr(self, f"{role}_url")
        return named or self.url

    def names(self) -> dict[str, str]:
        """The database's name of each role, by ours; for a split one."""
        return {role: str(make_url(self.url_of(role)).username) for role in DATABASE_ROLES}


class KeystoreSection(DatabaseSection):
    """The key store, which is no part of the database and is never backed up."""

    url: str = "sqlite:///var/keys/keys.db"
    root_file: Path = Path("var/keys/root.key")


class Blobs(Section):
    """Where sealed sound lies: in a folder, or in an S3 bucket when `url` names one."""

    folder: Path = Path("var/blobs")
    url: str = ""
    credentials_file: Path = Path("var/s3.toml")

    @field_validator("url")
    @classmethod
    def _names_a_bucket(cls, value: str) -> str:
        if value:
            S3Place.of(value)
        return value

    @property
    def s3(self) -> S3Place | None:
        """The bucket, if sound lies in one."""
        return S3Place.of(self.url) if self.url else None


class Decoding(Section):
    """How sound other than PCM and G.711 is decoded: in a confined process, or not at all."""

    enabled: bool = True
    memory_mb: Annotated[int, Field(ge=256, le=4096)] = 512
    cpu_seconds: Annotated[int, Field(ge=10, le=3600)] = 600


class Limits(Section):
    """The protocol's limits: stricter at will, looser not at all (GOV-2)."""

    calls_per_month: Annotated[int, Field(ge=1, le=4)] = 4
    calls_with_exception: Annotated[int, Field(ge=1, le=8)] = 8
    exception_days: Annotated[int, Field(ge=1, le=184)] = 184
    recording_days: Annotated[int, Field(ge=1, le=28)] = 28
    threat_months: Annotated[int, Field(ge=1, le=6)] = 6
    quarantine_days: Annotated[int, Field(ge=1, le=7)] = 7
    least_in_group: Annotated[int, Field(ge=5, le=1000)] = 5
    disclosure_days: Annotated[int, Field(ge=1, le=92)] = 31
    police_copy_days: Annotated[int, Field(ge=1, le=31)] = 7


class Summaries(Section):
    """Summaries for the appraisal cycle (REP-10)."""

    least_calls: Annotated[int, Field(ge=5, le=48)] = 5
    reading_days: Annotated[int, Field(ge=7, le=90)] = 14
    kept_months: Annotated[int, Field(ge=1, le=24)] = 12


class QualityPlan(Section):
    """How the criteria of monitoring change (REP-2)."""

    read_days: Annotated[int, Field(ge=1, le=90)] = 7


class Sampling(Section):
    """Which calls count as business calls, and when a month's draw is held (SAM-1, SAM-4, ANN-1)."""

    directions: Annotated[tuple[Literal["incoming", "outgoing"], ...], Field(min_length=1)] = (
        "incoming",
        "outgoing",
    )
    natures: Annotated[tuple[Literal["business", "unknown"], ...], Field(min_length=1)] = (
        "business",
        "unknown",
    )
    min_seconds: Annotated[int, Field(ge=0)] = 20
    max_seconds: Annotated[int, Field(ge=1)] = 3600
    window_days: Annotated[int, Field(ge=1, le=28)] = 28
    min_days_left: Annotated[int, Field(ge=0, le=27)] = 7
    announce_days: Annotated[int, Field(ge=3, le=28)] = 3
    day_of_month: Annotated[int, Field(ge=1, le=28)] = 15
    employees_a_day: Annotated[int, Field(ge=1, le=50)] = 4
    non_working_days: frozenset[date] = frozenset()

    @model_validator(mode="after")
    def _lengths_in_order(self) -> "Sampling":
        if self.max_seconds < self.min_seconds:
            raise ValueError("max_seconds must not be below min_seconds")
        return self


class Callers(Section):
    """How a caller's number is read where it has no country code (SUB-1)."""

    country_code: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}$")] = "31"
    trunk_prefix: Annotated[str, Field(pattern=r"^[0-9]{0,2}$")] = "0"
    international_prefix: Annotated[str, Field(pattern=r"^[0-9]{1,4}$")] = "00"


class Signin(Section):
    """Sign-in and sessions (SEC-1)."""

    idle_minutes: Annotated[int, Field(ge=1, le=15)] = 15
    absolute_hours: Annotated[int, Field(ge=1, le=10)] = 10
    password_min_length: Annotated[int, Field(ge=15, le=128)] = 15
    password_words: tuple[str, ...] = ()
    second_factor: Literal["required", "optional"] = "required"
    factor_key_file: Path = Path("var/factors.key")


class Playback(Section):
    """How long an opened call may be fetched."""

    lease_minutes: Annotated[int, Field(ge=1, le=240)] = 60


class Scheduler(Section):
    """When jobs run, on the centre's clock."""

    erase_every_minutes: Annotated[int, Field(ge=1, le=60)] = 60
    announce_at: time = time(6, 0)
    summaries_at: time = time(5, 15)
    centre_at: time = time(3, 30)
    draw_at: time = time(6, 30)
    refill_every_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    rotate_at: time = time(5, 0)
    reconcile_at: time = time(4, 0)
    checkpoint_every_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    watch_every_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    forget_at: time = time(4, 30)
    notify_every_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    digest_at: time = time(7, 30)
    endings_every_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    audit_at: time = time(5, 30)

    @field_validator(
        "announce_at",
        "draw_at",
        "rotate_at",
        "reconcile_at",
        "forget_at",
        "audit_at",
        "summaries_at",
        "centre_at",
        "announce_at",
        "draw_at",
        "rotate_at",
        "reconcile_at",
        "forget_at",
        "audit_at",
        "digest_at",
    )
    @classmethod
    def _not_in_the_missing_hour(cls, value: time) -> time:
        if value.hour == 2:
            raise ValueError("must not lie between 02:00 and 03:00, which some nights skip and others repeat")
        return value


class Drop(Section):
    """A folder in which a recorder leaves calls, and how it is known there that a file is whole."""

    folder: Path
    recorder: Annotated[str, Field(pattern=r"^([A-Za-z0-9_.+-]{1,64})?$")] = ""
    stable_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    patience_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    done_mark: Annotated[str, Field(pattern=r"^(\.[A-Za-z0-9]{1,15})?$")] = ""
    alarm_refused: Annotated[int, Field(ge=1)] = 10


class Log(Section):
    """What kcc writes about itself; never personal data."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Mail(Section):
    """Letters to the administrator about alarms; off without a host."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: Path = Path("var/mail.password")
    sender: str = ""
    to: tuple[str, ...] = ()
    language: Literal["nl", "en"] = "nl"

    @model_validator(mode="after")
    def _complete(self) -> "Mail":
        if self.host and not (self.to and all("@" in address for address in (self.sender, *self.to))):
            raise ValueError("needs sender and to, as addresses, when host is set")
        return self
