"""Settings: typed, read from one TOML file, all faults reported at once; config.example.toml explains
each.
"""

import os
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kcc.recorder_settings import Cdr, Siprec, Vcons
from kcc.s3_place import S3Place

ENVIRONMENT = "KCC_CONFIG"
"""The environment variable that names the file, where no option does."""


class ConfigError(Exception):
    """The settings cannot be used; `faults` names each setting and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Section(BaseModel):
    """A table of the file; a key it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(Section):
    """Where kcc answers."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: str = "http://127.0.0.1:8000"
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    secret_key_file: Path = Path("var/secret.key")
    max_upload_mb: Annotated[int, Field(ge=1, le=4096)] = 512
    metrics_token_file: Path = Path("var/metrics.token")

    @field_validator("public_url")
    @classmethod
    def _has_scheme(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

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
    recording_days: Annotated[int, Field(ge=1, le=28)] = 28
    threat_months: Annotated[int, Field(ge=1, le=6)] = 6
    quarantine_days: Annotated[int, Field(ge=1, le=7)] = 7


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

    @model_validator(mode="after")
    def _lengths_in_order(self) -> "Sampling":
        if self.max_seconds < self.min_seconds:
            raise ValueError("max_seconds must not be below min_seconds")
        return self


class Signin(Section):
    """Sign-in and sessions (SEC-1)."""

    idle_minutes: Annotated[int, Field(ge=1, le=15)] = 15
    absolute_hours: Annotated[int, Field(ge=1, le=10)] = 10
    password_min_length: Annotated[int, Field(ge=15, le=128)] = 15


class Playback(Section):
    """How long an opened call may be fetched."""

    lease_minutes: Annotated[int, Field(ge=1, le=240)] = 60


class Scheduler(Section):
    """When jobs run, on the centre's clock."""

    erase_every_minutes: Annotated[int, Field(ge=1, le=60)] = 60
    announce_at: time = time(6, 0)
    draw_at: time = time(6, 30)
    refill_every_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    rotate_at: time = time(5, 0)
    reconcile_at: time = time(4, 0)

    @field_validator("announce_at", "draw_at", "rotate_at", "reconcile_at")
    @classmethod
    def _not_in_the_missing_hour(cls, value: time) -> time:
        if value.hour == 2:
            raise ValueError("must not lie between 02:00 and 03:00, which some nights skip and others repeat")
        return value


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


class Settings(Section):
    """Everything an installation can set."""

    server: Server = Server()
    database: DatabaseSection = DatabaseSection()
    keystore: KeystoreSection = KeystoreSection()
    blobs: Blobs = Blobs()
    decoding: Decoding = Decoding()
    limits: Limits = Limits()
    sampling: Sampling = Sampling()
    signin: Signin = Signin()
    playback: Playback = Playback()
    scheduler: Scheduler = Scheduler()
    cdr: Cdr = Cdr()
    siprec: Siprec = Siprec()
    vcons: Vcons = Vcons()
    mail: Mail = Mail()
    log: Log = Log()


def load(path: Path | None = None) -> Settings:
    """Read the settings from `path`, else from the file KCC_CONFIG names, else kcc.toml here, else defaults.

    Relative paths in the file count from the file's folder. Raises ConfigError naming every fault.
    """
    path = path or _from_environment()
    if path is None:
        return parse({}, Path.cwd())
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except OSError as fault:
        raise ConfigError([f"{path}: cannot be read ({fault.strerror})"]) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigError([f"{path}: is not TOML ({fault})"]) from fault
    return parse(raw, path.resolve().parent)


def parse(raw: dict[str, Any], base: Path) -> Settings:
    """Check settings already read; relative paths count from `base`. ConfigError names every fault."""
    faults: list[str] = []
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as fault:
        faults = [_sentence(error) for error in fault.errors()]
        # What is wrong is left out, so that the rest can be looked at together.
        settings = Settings.model_validate(_without(raw, fault))
    settings = _anchored(settings, base)
    faults += _contradictions(settings)
    if faults:
        raise ConfigError(faults)
    return settings


def _without(raw: dict[str, Any], fault: ValidationError) -> dict[str, Any]:
    """The settings that are right by themselves: a table with a fault falls back to its defaults."""
    wrong = {str(error["loc"][0]) for error in fault.errors() if error["loc"]}
    return {name: table for name, table in raw.items() if name not in wrong}


def _contradictions(settings: Settings) -> list[str]:
    """Settings that are each right, and together would break a promise or leave nothing to draw."""
    found = []
    if settings.database.url == settings.keystore.url:
        found.append("keystore.url: must not be the database's, keys and data must not lie together (RET-8)")
    if settings.sampling.min_days_left >= settings.limits.recording_days:
        found.append(
            "sampling.min_days_left: must be less than limits.recording_days, or no call could ever be drawn"
        )
    return found


def _from_environment() -> Path | None:
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    here = Path("kcc.toml")
    return here if here.exists() else None


def _sentence(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "settings"
    if error["type"] == "extra_forbidden":
        return f"{place}: there is no such setting"
    if place.startswith("limits.") and error["type"] == "less_than_equal":
        return f"{place}: at most {error['ctx']['le']}, looser needs the works council's consent (GOV-2)"
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"


def _anchored(settings: Settings, base: Path) -> Settings:
    server = settings.server.model_copy(
        update={
            "secret_key_file": base / settings.server.secret_key_file,
            "metrics_token_file": base / settings.server.metrics_token_file,
        }
    )
    mail = settings.mail.model_copy(update={"password_file": base / settings.mail.password_file})
    keystore = settings.keystore.model_copy(
        update={
            "root_file": base / settings.keystore.root_file,
            "url": _anchored_url(settings.keystore.url, base),
        }
    )
    database = settings.database.model_copy(update={"url": _anchored_url(settings.database.url, base)})
    blobs = settings.blobs.model_copy(
        update={
            "folder": base / settings.blobs.folder,
            "credentials_file": base / settings.blobs.credentials_file,
        }
    )
    secrets = {recorder: base / path for recorder, path in settings.vcons.secrets.items()}
    certificates = tuple(base / path for path in settings.vcons.certificates)
    vcons = settings.vcons.model_copy(update={"secrets": secrets, "certificates": certificates})
    return settings.model_copy(
        update={
            "server": server,
            "keystore": keystore,
            "database": database,
            "blobs": blobs,
            "vcons": vcons,
            "mail": mail,
        }
    )


def _anchored_url(url: str, base: Path) -> str:
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        return url
    return f"{prefix}{(base / url.removeprefix(prefix)).resolve()}"
