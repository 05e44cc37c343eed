"""Settings: typed, read from one TOML file, all faults reported at once; config.example.toml explains
each.
"""

import os
import tomllib
from itertools import permutations
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kcc.audit_settings import Audit
from kcc.case_settings import WeightyReasons
from kcc.recorder_settings import Cdr, Siprec, Vcons
from kcc.scim_settings import Scim
from kcc.sections import (
    Blobs,
    Callers,
    Decoding,
    Drop,
    KeystoreSection,
    Limits,
    Log,
    Mail,
    MainDatabase,
    Playback,
    QualityPlan,
    Sampling,
    Scheduler,
    Section,
    Server,
    Signin,
    Summaries,
)
from kcc.sso_settings import Sso

ENVIRONMENT = "KCC_CONFIG"
"""The environment variable that names the file, where no option does."""


class ConfigError(Exception):
    """The settings cannot be used; `faults` names each setting and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Settings(Section):
    """Everything an installation can set."""

    server: Server = Server()
    database: MainDatabase = MainDatabase()
    keystore: KeystoreSection = KeystoreSection()
    blobs: Blobs = Blobs()
    callers: Callers = Callers()
    decoding: Decoding = Decoding()
    limits: Limits = Limits()
    quality_plan: QualityPlan = QualityPlan()
    sampling: Sampling = Sampling()
    summaries: Summaries = Summaries()
    weighty_reasons: WeightyReasons = WeightyReasons()
    signin: Signin = Signin()
    sso: Sso = Sso()
    playback: Playback = Playback()
    scheduler: Scheduler = Scheduler()
    cdr: Cdr = Cdr()
    siprec: Siprec = Siprec()
    vcons: Vcons = Vcons()
    drops: tuple[Drop, ...] = ()
    mail: Mail = Mail()
    scim: Scim = Scim()
    audit: Audit = Audit()
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
    if settings.audit.mail_to and not settings.mail.host:
        found.append("audit.mail_to: needs a mail server, set mail.host too")
    if settings.sampling.min_days_left >= settings.limits.recording_days:
        found.append(
            "sampling.min_days_left: must be less than limits.recording_days, or no call could ever be drawn"
        )
    folders = [drop.folder.resolve() for drop in settings.drops]
    if settings.blobs.s3 is None:
        folders.append(settings.blobs.folder.resolve())
    if any(one.is_relative_to(other) for one, other in permutations(folders, 2)):
        found.append("drops: each folder must be one by itself, neither in another drop nor with the blobs")
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
    signin = settings.signin.model_copy(update={"factor_key_file": base / settings.signin.factor_key_file})
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
    sso = settings.sso.model_copy(update={"client_secret_file": base / settings.sso.client_secret_file})
    secrets = {recorder: base / path for recorder, path in settings.vcons.secrets.items()}
    certificates = tuple(base / path for path in settings.vcons.certificates)
    vcons = settings.vcons.model_copy(update={"secrets": secrets, "certificates": certificates})
    drops = tuple(drop.model_copy(update={"folder": base / drop.folder}) for drop in settings.drops)
    audit = settings.audit.model_copy(
        update={
            "key_file": base / settings.audit.key_file,
            "folder": str(base / settings.audit.folder) if settings.audit.folder else "",
            "s3_credentials_file": base / settings.audit.s3_credentials_file,
        }
    )
    return settings.model_copy(
        update={
            "audit": audit,
            "drops": drops,
            "server": server,
            "sso": sso,
            "signin": signin,
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
