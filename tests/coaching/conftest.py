"""What the tests of coaching share: announced dates, calls without sound, a month that has been drawn."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import insert, select

from kcc import clock
from kcc.access.actor import Actor, system
from kcc.clock import Frozen
from kcc.coaching import drawing, planning
from kcc.coaching.model import Draw, SampledCall
from kcc.db import new_id
from kcc.recordings.model import Recording
from kcc.stores import Stores
from tests.centre import Centre

DRAW_DAY = date(2026, 11, 16)
"""The Monday after Sunday the 15th, which the settings name."""

_numbers = count(1)


def recording(of: str, start: datetime, **said: Any) -> dict[str, Any]:
    """The row of a call that may be drawn, unless `said` otherwise; it has no sound."""
    return {
        "id": new_id(),
        "recorder": "exchange",
        "call_id": f"bare-{next(_numbers)}",
        "receipt": new_id(),
        "state": "live",
        "started_at": start,
        "received_at": start,
        "duration_ms": 240_000,
        "direction": "incoming",
        "scope": "external",
        "nature": "business",
        "line": "main",
        "agent_id": "agent",
        "employee_id": of,
        "size": 1,
        "content_digest": bytes(32),
        "due_at": start + timedelta(days=28),
        "due_rule": "RET-1",
        "sample_barred": False,
    } | said


@dataclass
class Month:
    """Verbs for telling a month's story."""

    stores: Stores
    centre: Centre
    now: Frozen

    def add_calls(self, employee_id: str, number: int, **said: Any) -> list[str]:
        """Calls of an employee, one each hour back from the present, without sound."""
        begin = clock.now()
        rows = [recording(employee_id, begin - timedelta(hours=1 + n), **said) for n in range(number)]
        with self.stores.database.write() as session:
            session.execute(insert(Recording), rows)
        return [row["id"] for row in rows]

    def announce(self) -> int:
        """Run the job that announces."""
        with self.stores.database.write() as session:
            return planning.propose(session, system("announce"), clock.today(), self.stores.settings)

    def go_to(self, day: date, hour: int = 9) -> None:
        """Move the clock to a day."""
        self.now.set(clock.start_of_day(day) + timedelta(hours=hour))

    def draw(self) -> drawing.Outcome:
        """Run the job that draws."""
        return drawing.run(self.stores, clock.today())

    def samples(self, employee_id: str, live: bool = True) -> list[SampledCall]:
        """The drawn calls of an employee by slot, those still in the sample or all."""
        query = select(SampledCall).where(SampledCall.employee_id == employee_id)
        if live:
            query = query.where(SampledCall.left_at.is_(None))
        with self.stores.database.read() as session:
            return list(session.scalars(query.order_by(SampledCall.slot, SampledCall.drawn_at)))

    def draws(self) -> list[Draw]:
        """All draws by number."""
        with self.stores.database.read() as session:
            return list(session.scalars(select(Draw).order_by(Draw.number)))

    @property
    def coach(self) -> Actor:
        """The coach of anna and bob."""
        return self.centre.actor(self.centre.coach)

    @property
    def anna(self) -> Actor:
        """An employee of that coach."""
        return self.centre.actor(self.centre.anna)


@pytest.fixture
def month(stores: Stores, centre: Centre, now: Frozen) -> Month:
    """A centre in which nothing has been announced yet, on 3 November."""
    return Month(stores, centre, now)


@pytest.fixture
def drawn(month: Month) -> Month:
    """The same on the morning of the draw: anna has ten calls, of which four have been drawn."""
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 10)
    month.draw()
    return month
