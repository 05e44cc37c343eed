"""What one process works with: settings, database, key store and blobs, opened once; opening order lives
here, use elsewhere.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from kcc.config import Settings
from kcc.db import Database
from kcc.errors import N_, Unavailable
from kcc.failpoints import durable
from kcc.vault import s3_credentials
from kcc.vault.blobs import Blobs
from kcc.vault.folder import Folder
from kcc.vault.keystore import KeyStore
from kcc.wall.entering import Walled
from kcc.wall.rights import Role

if TYPE_CHECKING:
    from kcc.vault.s3 import S3Blobs


@dataclass(frozen=True, slots=True)
class Stores:
    """The open stores of one installation; `databases` are the same database, opened as each role in use."""

    settings: Settings
    database: Database
    keys: KeyStore
    blobs: Blobs
    databases: dict[Role, Database] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, settings: Settings, role: Role = Role.JOBS) -> "Stores":
        """Open what the settings name, in a role; folders of embedded databases are made, a missing volume is
        not.
        """
        for url in (settings.database.url, settings.keystore.url):
            make_folder_of(url)
        databases = _databases(settings, role)
        return cls(
            settings,
            databases[role],
            KeyStore.open(settings.keystore.url, settings.keystore.root_file),
            open_blobs(settings),
            databases,
        )

    def acting(self, role: Role) -> "Stores":
        """The same stores in another role of the database, where its roles are split; else these."""
        if not self.settings.database.split or role not in self.databases:
            return self
        return replace(self, database=self.databases[role])

    def close(self) -> None:
        """Give everything back."""
        for database in {id(one): one for one in (self.database, *self.databases.values())}.values():
            database.close()
        self.keys.close()


def _databases(settings: Settings, role: Role) -> dict[Role, Database]:
    """The database in the role asked for; a process of the web has them all, and nobody's first.

    No connection is made before one is used.
    """
    if not settings.database.split:
        return {role: Database(settings.database.url)}
    if role is not Role.WEB:
        return {role: Database(settings.database.url_of(role))}
    opened = {one: Database(settings.database.url_of(one)) for one in Role if one is not Role.WEB}
    return {Role.WEB: Walled(settings.database.url_of(Role.WEB), opened[Role.GATE])} | opened


def open_blobs(settings: Settings) -> Blobs:
    """The volume that the settings name; Unavailable when it is not there, or its store does not answer."""
    if settings.blobs.s3 is None:
        return Folder(settings.blobs.folder)
    return _bucket()(settings.blobs.s3, *s3_credentials.read(settings.blobs.credentials_file))


def create_blobs(settings: Settings) -> Blobs:
    """Make an empty place a volume; one that is a volume already stays as it is."""
    if settings.blobs.s3 is None:
        return Folder.create(settings.blobs.folder)
    return _bucket().create(settings.blobs.s3, *s3_credentials.read(settings.blobs.credentials_file))


def _bucket() -> "type[S3Blobs]":
    """What stores sound in S3, loaded only where sound lies there."""
    try:
        from kcc.vault.s3 import S3Blobs
    except ImportError as fault:
        raise Unavailable(
            N_('Sound in an S3 bucket needs the extra "s3" (%(reason)s).'), reason=str(fault)
        ) from fault
    return S3Blobs


def make_folder_of(url: str) -> None:
    """Make the folder in which an embedded database lies; Unavailable when that cannot be."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        try:
            with durable("database.folder"):
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as fault:
            sentence = N_("The folder of the database cannot be made: %(reason)s.")
            raise Unavailable(sentence, code="database", reason=fault.strerror) from fault
