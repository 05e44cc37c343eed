"""What one process works with: settings, database, key store and blobs, opened once; opening order lives
here, use elsewhere.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from kcc.config import Settings
from kcc.db import Database
from kcc.vault.folder import Folder
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Stores:
    """The open stores of one installation."""

    settings: Settings
    database: Database
    keys: KeyStore
    blobs: Folder

    @classmethod
    def open(cls, settings: Settings) -> "Stores":
        """Open what the settings name; folders of embedded databases are made, a missing volume is not."""
        for url in (settings.database.url, settings.keystore.url):
            _make_folder_of(url)
        return cls(
            settings,
            Database(settings.database.url),
            KeyStore.open(settings.keystore.url, settings.keystore.root_file),
            Folder(settings.blobs.folder),
        )

    def close(self) -> None:
        """Give everything back."""
        self.database.close()
        self.keys.close()


def _make_folder_of(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
