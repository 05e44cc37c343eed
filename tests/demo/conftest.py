"""One centre, one plan and one small bank for all tests of the demo."""

from datetime import UTC, datetime

import pytest

from kcc.demo import calls, centre, dialogues
from kcc.demo.calls import PlannedCall
from kcc.demo.centre import Centre
from kcc.demo.speech import Bank

SEED = 7
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def house() -> Centre:
    return centre.generate(SEED, NOW.date())


@pytest.fixture(scope="session")
def planned(house: Centre) -> list[PlannedCall]:
    return calls.plan(house, SEED, NOW)


@pytest.fixture(scope="session")
def bank() -> Bank:
    """The dialogues on one topic in one employee's voice, and every employee's openings."""
    mine = [s for s in dialogues.scripts(SEED) if s.employee == 0 and len(s.topics) == 1]
    return Bank.build(SEED, scripts=mine, workers=1)


@pytest.fixture(scope="session")
def audible(planned: list[PlannedCall], bank: Bank) -> list[PlannedCall]:
    """The planned calls of employees whose voice the small bank has."""
    return [call for call in planned if bank.voices[call.employee] == 0]
