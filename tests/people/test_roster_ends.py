"""What an import ends is noted once, waits for a person, and is forgotten when the next file differs."""

from datetime import date

import pytest
from sqlalchemy import select

from kcc.access.actor import Function, system
from kcc.clock import Frozen
from kcc.people import endings, functions
from kcc.people.model import FunctionEnding, FunctionPeriod
from kcc.people.queries import actor_of
from kcc.stores import Stores
from tests.people.centre import Centre

TODAY = date(2026, 11, 3)


def anna(ends: str | None, begins: str = "2026-01-01", team: str = "red") -> str:
    """What a file says of Anna's function."""
    until = f"ends = {ends}" if ends else ""
    return f"""
[[people]]
number = "1001"
name = "Anna de Vries"
[[people.functions]]
function = "employee"
team = "{team}"
customer_calls = true
begins = {begins}
{until}
"""


def noted(stores: Stores) -> list[tuple[str, str, bool]]:
    """(first day without, how it came, whether it stands) of every end."""
    with stores.database.read() as session:
        rows = session.scalars(select(FunctionEnding).order_by(FunctionEnding.ends, FunctionEnding.id))
        return [(str(row.ends), row.came_by, row.withdrawn_at is None) for row in rows]


def test_a_file_that_ends_a_function_is_noted_once(stores: Stores, centre: Centre) -> None:
    """Again, it changes nothing; another day replaces it, no day takes it back."""
    for _ in range(2):
        centre.add(anna("2026-11-03"))
        assert noted(stores) == [("2026-11-03", "import", True)]
    with stores.database.read() as session:
        assert actor_of(session, centre.id("1001"), TODAY).functions == set()
        (waiting,) = endings.waiting(session)
    assert (waiting.ends_before, endings.last_day(waiting)) == (None, date(2026, 11, 10))
    centre.add(anna("2026-11-20"))
    assert noted(stores) == [("2026-11-03", "import", False), ("2026-11-20", "import", True)]
    centre.add(anna(None))
    assert [stands for *_, stands in noted(stores)] == [False, False]


def test_history_put_right_is_no_end(stores: Stores, centre: Centre, now: Frozen) -> None:
    """A period that is over, with its end moved in the past, or that is told of when it is over."""
    centre.add(anna("2026-06-01"))
    assert len(noted(stores)) == 1
    centre.add(anna("2026-07-01"))
    assert len(noted(stores)) == 1
    centre.add(anna("2026-03-01", begins="2025-01-01", team="blue").replace("2026-03-01", "2025-06-01"))
    assert len(noted(stores)) == 1
    assert now.at


def test_a_new_function_with_an_end_is_noted(stores: Stores, centre: Centre) -> None:
    """A contract for a time; it is reopened without one."""
    centre.add(anna("2026-11-01") + anna("2027-01-01", "2026-11-01", "blue").split('Vries"')[1])
    assert ("2027-01-01", "import", True) in noted(stores)
    with stores.database.write() as session:
        coming = select(FunctionEnding.id).where(FunctionEnding.ends == date(2027, 1, 1))
        functions.reopen(session, system("cli"), session.scalars(coming).one())
        periods = select(FunctionPeriod.ends).where(FunctionPeriod.begins == date(2026, 11, 1))
        assert session.scalars(periods).one() is None


@pytest.mark.rule("REP-5")
def test_a_move_in_a_file_is_no_change_of_function(stores: Stores, centre: Centre, now: Frozen) -> None:
    centre.add(anna("2026-11-03") + anna(None, "2026-11-03", "blue").split('Vries"')[1])
    with stores.database.read() as session:
        assert endings.waiting(session) == []
        (ending,) = endings.ripe(session, now.at)
        assert endings.seen(session, ending).continues
        assert actor_of(session, centre.id("1001"), TODAY).functions == {Function.EMPLOYEE}
