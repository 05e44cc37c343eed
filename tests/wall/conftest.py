"""What the tests of the second wall share: an installation on a PostgreSQL with split roles, and a whole
world in it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from kcc import config
from kcc.audit.signing import SigningKey
from kcc.clock import Frozen
from kcc.recordings import volume
from kcc.stores import Stores
from kcc.vault.folder import Folder
from kcc.wall.rights import Role
from tests import postgres, walled
from tests.access import world as worlds
from tests.access.world import World
from tests.centre import Centre


@pytest.fixture(scope="session")
def walled_template(postgres_url: str) -> Iterator[str]:
    """The name of an empty database behind the wall."""
    with walled.template(postgres_url) as name:
        yield name


@pytest.fixture
def database_url(postgres_url: str, walled_template: str) -> Iterator[str]:
    """A database of its own behind the wall, as the server's superuser reaches it."""
    with postgres.database(postgres_url, walled_template) as url:
        walled.make_roles(url)
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> config.Settings:
    """Settings with split roles."""
    return config.parse(
        {
            "database": walled.urls(database_url),
            "keystore": {
                "url": f"sqlite:///{tmp_path / 'keys' / 'keys.db'}",
                "root_file": str(tmp_path / "keys" / "root.key"),
            },
            "blobs": {"folder": str(tmp_path / "blobs")},
            "scim": {"enabled": True},
            "server": {"secret_key_file": str(tmp_path / "secret.key"), "requests_per_minute": 1_000_000},
            "signin": {"second_factor": "optional", "factor_key_file": str(tmp_path / "factors.key")},
        },
        tmp_path,
    )


@pytest.fixture
def stores(settings: config.Settings, now: Frozen) -> Iterator[Stores]:
    """The stores as the jobs have them."""
    assert now.at
    Folder.create(settings.blobs.folder)
    SigningKey.create(settings.audit.key_file)
    opened = Stores.open(settings)
    volume.check(opened)
    yield opened
    opened.close()


@pytest.fixture
def intake_stores(settings: config.Settings, stores: Stores) -> Iterator[Stores]:
    """The stores as whatever takes calls in has them."""
    assert stores.settings is settings
    opened = Stores.open(settings, Role.INTAKE)
    yield opened
    opened.close()


@pytest.fixture
def web_stores(settings: config.Settings, stores: Stores) -> Iterator[Stores]:
    """The stores as the web has them."""
    assert stores.settings is settings
    opened = Stores.open(settings, Role.WEB)
    walled.keep_time(opened.database)
    yield opened
    opened.close()


@pytest.fixture
def app(web_stores: Stores) -> Flask:
    """The whole web application, behind the wall."""
    from kcc.app import create_app

    return create_app(web_stores)


@pytest.fixture
def world(stores: Stores, centre: Centre, now: Frozen) -> World:
    """Everything that a route can be about."""
    return worlds.build(stores, centre, now)
