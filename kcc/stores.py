"""What one process works with: settings, database, key store and blobs, opened once; opening order lives
here, use elsewhere.
"""

from dataclasses import dataclass
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

if TYPE_CHECKING:
    from kcc.vault.s3 import S3Blobs


@dataclass(frozen=True, slots=True)
class Stores:
    """The open stores of one installation."""

    settings: Settings
    database: Database
    keys: KeyStore
    blobs: Blobs

    @classmethod
    def open(cls, settings: Settings) -> "Stores":
        """Open what the settings name; folders of embedded databases are made, a missing volume is not."""
        for url in (settings.database.url, settings.keystore.url):
            _make_folder_of(url)
        return cls(
            settings,
            Database(settings.database.url),
            KeyStore.open(settings.keystore.url, settings.keystore.root_file),
            open_blobs(settings),
        )

    def close(self) -> None:
        """Give everything back."""
        self.database.close()
        self.keys.close()


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


def _make_folder_of(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        try:
            with durable("database.folder"):
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as fault:
            sentence = N_("The folder of the database cannot be made: %(reason)s.")
            raise Unavailable(sentence, code="database", reason=fault.strerror) from fault
