"""What the vault's tests share: a key store's place on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kcc.vault.keystore import KeyStore
from tests import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def keystore_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of its own for one key store, empty."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keys.sqlite'}"
        return
    with postgres.database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture
def root_file(tmp_path: Path) -> Path:
    """Where the root key is to lie: a folder of its own."""
    return tmp_path / "root" / "root.key"


@pytest.fixture
def store(keystore_url: str, root_file: Path) -> Iterator[KeyStore]:
    """An open, empty key store."""
    opened = KeyStore.open(keystore_url, root_file)
    yield opened
    opened.close()
