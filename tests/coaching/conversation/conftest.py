"""What the tests of conversations share: finished reports about anna's drawn calls, and both who talk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from kcc import clock
from kcc.access.actor import Actor
from kcc.coaching import assessment
from kcc.coaching.conversation import appointments, reading, signing, writing
from kcc.coaching.conversation.reading import Talk
from tests.access.world import COMPLETE
from tests.coaching.conftest import Month

SAID = {
    "conclusions": "Het gesprek liep goed; de samenvatting kwam laat.",
    "agreements": "Anna vat voortaan na elke stap samen.",
    "point-1": "Vat na elke stap samen.",
}
VIEWS = {"employee": "Ik vond het een lastig gesprek.", "coach": "Ik hoorde veel geduld."}


@dataclass
class Table:
    """A finished report, and the verbs of both who sit at the table."""

    month: Month
    report_id: str

    @property
    def coach(self) -> Actor:
        """The one who wrote the report."""
        return self.month.coach

    @property
    def anna(self) -> Actor:
        """The one whom it is about."""
        return self.month.anna

    def do(self, verb: Any, who: Actor, *given: Any, **named: Any) -> Any:
        """Do something at the table, in a transaction of its own."""
        with self.month.stores.database.write() as session:
            return verb(session, self.month.stores.keys, who, self.report_id, *given, **named)

    def read(self, who: Actor) -> Talk:
        """How the conversation reads for somebody."""
        return self.do(reading.read, who)

    def propose(self, *moments: datetime, minutes: int = 45, where: str = "Kamer 2.14") -> None:
        """Propose moments, by default the day after tomorrow at ten."""
        self.do(appointments.propose, self.coach, moments or (self.moment(),), minutes, where)

    def moment(self, days: int = 2, hour: int = 10) -> datetime:
        """A moment some days from now."""
        return clock.start_of_day(clock.today() + timedelta(days=days)) + timedelta(hours=hour)

    def view(self, who: Actor, text: str, revision: int = 0, **more: Any) -> Any:
        """Save and share somebody's view."""
        return self.do(writing.save_view, who, revision, text, **{"share": True, **more})

    def write(self, who: Actor, revision: int = 0, closed: Any = (), reason: str = "", **said: str) -> Any:
        """Save what both write; fields have underscores."""
        named = SAID | {name.replace("_", "-"): text for name, text in said.items()}
        return self.do(writing.save_together, who, revision, named, closed, reason=reason)

    def sign(self, who: Actor, seen: str | None = None) -> bool:
        """Sign what somebody sees now, or saw before."""
        return bool(self.do(signing.sign, who, seen or self.read(who).seen))

    def write_all(self) -> None:
        """Both views and what both write."""
        self.view(self.anna, VIEWS["employee"])
        self.view(self.coach, VIEWS["coach"])
        self.write(self.coach)

    def sign_off(self) -> None:
        """Everything written and signed by both."""
        self.write_all()
        assert not self.sign(self.coach)
        assert self.sign(self.anna)


def finish(month: Month, place: int = 0) -> Table:
    """A finished report about one of anna's drawn calls."""
    sample, stores = month.samples(month.centre.anna)[place], month.stores
    with stores.database.write() as session:
        report = assessment.open_report(session, stores.keys, month.coach, sample.id)
        assessment.save(session, stores.keys, month.coach, report.id, 0, COMPLETE)
        assessment.finish(session, stores.keys, month.coach, report.id, 1)
    return Table(month, report.id)


@pytest.fixture
def table(drawn: Month) -> Table:
    """The first report, finished on the day of the draw."""
    return finish(drawn)
