"""What tests of threats share."""

import pytest

from kcc.stores import Stores
from tests.centre import Centre
from tests.threat.case import Case


@pytest.fixture
def case(stores: Stores, centre: Centre) -> Case:
    """A centre in which nothing has happened yet."""
    return Case(stores, centre)
