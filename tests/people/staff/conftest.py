"""What the tests of the administrator's pages share: the centre with somebody of every profile."""

import pytest

from kcc.stores import Stores
from tests.centre import Centre, build


@pytest.fixture
def centre(stores: Stores) -> Centre:
    """The small centre of all other packages."""
    return build(stores)
