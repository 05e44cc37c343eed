"""The small centre with its second factor required, as kcc has it unless told otherwise."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kcc import config
from kcc.people import passwords
from kcc.sections import Signin
from kcc.stores import Stores
from tests.people.centre import Centre


@pytest.fixture(autouse=True)
def light_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id as ever, in a hundredth of the time."""
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=256, parallelism=1))


@pytest.fixture
def settings(settings: config.Settings) -> config.Settings:
    """As in tests/conftest.py, but for the second factor, which is as an installation has it."""
    default = Signin().second_factor
    signin = settings.signin.model_copy(update={"second_factor": default})
    server = settings.server.model_copy(update={"public_url": "http://localhost"})
    return settings.model_copy(update={"signin": signin, "server": server})


@pytest.fixture
def centre(stores: Stores, tmp_path: Path) -> Centre:
    """The small centre, imported; Anna (1001) and Ada the administrator (9001) have a password."""
    found = Centre(stores, tmp_path)
    found.give_password("1001")
    found.give_password("9001")
    return found
