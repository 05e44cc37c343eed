"""What the people tests share: a light hasher and the small centre."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kcc.people import passwords
from kcc.stores import Stores
from tests.people.centre import Centre


@pytest.fixture(autouse=True)
def light_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id as ever, in a hundredth of the time."""
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=256, parallelism=1))


@pytest.fixture
def centre(stores: Stores, tmp_path: Path) -> Centre:
    """The small centre, imported."""
    return Centre(stores, tmp_path)
