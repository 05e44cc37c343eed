"""What the tests of planning share: verbs in a transaction of their own, and what somebody was told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.access.actor import Actor
from kcc.audit.model import AuditLine
from kcc.coaching import exceptions, unannounced
from kcc.coaching.exceptions import Wanted
from kcc.coaching.model import SelectionDate
from kcc.coaching.planned import dates
from kcc.coaching.planned.model import QuotaException
from kcc.notices import rules as notices
from kcc.notices.model import Notice
from kcc.people.model import CoachAssignment, FunctionPeriod, Person
from kcc.stores import Stores
from tests.centre import BEGAN, Centre
from tests.coaching.conftest import Month

DAY = date(2026, 11, 18)
"""A Wednesday, two weeks from the present."""


@dataclass
class Desk:
    """A coach's desk: each verb in a transaction of its own."""

    month: Month

    @property
    def stores(self) -> Stores:
        """The month's."""
        return self.month.stores

    @property
    def centre(self) -> Centre:
        """The month's."""
        return self.month.centre

    def do(self, verb: Callable[..., Any], *more: Any, **named: Any) -> Any:
        """Let a verb that takes (session, …) act."""
        with self.stores.database.write() as session:
            return verb(session, *more, **named)

    def add(self, who: str, day: date = DAY, calls: int | None = None, by: Actor | None = None) -> str:
        """Set a date; answers its id."""
        coach, settings = by or self.month.coach, self.stores.settings
        return str(self.do(dates.add, coach, settings, who, day, calls).id)

    def move(self, selection_id: str, day: date, by: Actor | None = None) -> None:
        """Move a date."""
        self.do(dates.move, by or self.month.coach, self.stores.settings, selection_id, day)

    def withdraw(self, selection_id: str, by: Actor | None = None) -> None:
        """Withdraw a date."""
        self.do(dates.withdraw, by or self.month.coach, selection_id)

    def except_(self, who: str, by: Actor | None = None, **said: Any) -> QuotaException:
        """Another number of calls from tomorrow, for a month."""
        begins = said.pop("begins", date(2026, 11, 4))
        values = {"reason": "induction", "explanation": "Zij is nieuw.", "calls": 6, "begins": begins}
        wanted = Wanted(**(values | {"last": begins + timedelta(days=30)} | said))
        settings, keys = self.stores.settings, self.stores.keys
        made = self.do(exceptions.make, keys, by or self.month.coach, settings, who, wanted)
        assert isinstance(made, QuotaException)
        return made

    def agree(self, who: str = "anna") -> None:
        """An employee asks not to have dates announced, and the coach agrees."""
        person = getattr(self.centre, who)
        self.do(unannounced.ask, self.centre.actor(person))
        self.do(unannounced.answer, self.stores.keys, self.month.coach, person, agree=True)

    def revoke(self, who: str = "anna") -> None:
        """The employee takes it back."""
        self.do(unannounced.revoke, self.centre.actor(getattr(self.centre, who)), self.stores.settings)

    def date(self, selection_id: str) -> SelectionDate:
        """A date as it stands."""
        with self.stores.database.read() as session:
            return session.get_one(SelectionDate, selection_id)

    def dates(self, who: str) -> list[SelectionDate]:
        """An employee's dates in their order."""
        query = select(SelectionDate).where(SelectionDate.employee_id == who)
        with self.stores.database.read() as session:
            return list(session.scalars(query.order_by(SelectionDate.day, SelectionDate.ordinal)))

    def told(self, who: str) -> list[tuple[str, dict[str, Any]]]:
        """What somebody was told of planning, in its order."""
        query = select(Notice).where(Notice.person_id == who).order_by(Notice.told_at, Notice.id)
        with self.stores.database.read() as session:
            return [(one.word, notices.load(one.params)) for one in session.scalars(query)]

    def entries(self, who: str) -> list[tuple[str, str, date, int, str]]:
        """What went to somebody's calendar: uid, summary, day, sequence and state."""
        query = select(Notice.entry).where(Notice.person_id == who).order_by(Notice.told_at, Notice.id)
        with self.stores.database.read() as session:
            kept = [one for one in session.scalars(query) if one]
        found = [Calendar.from_ical(one).walk("VEVENT")[0] for one in kept]
        rows = [(str(e["uid"]), str(e["summary"]), e.start, e.sequence, str(e["status"])) for e in found]
        return sorted(rows, key=lambda row: row[3])

    def words(self, who: str) -> list[str]:
        """The words of what somebody was told, sorted: in one moment there is no order."""
        return sorted(word for word, _ in self.told(who))

    def lines_about(self, who: str) -> list[str]:
        """The log's lines that somebody sees as about them."""
        query = select(AuditLine.body).where(AuditLine.about_id == who)
        with self.stores.database.read() as session:
            return [body or "" for body in session.scalars(query)]

    def hire(self, number: int) -> list[str]:
        """More employees with customer calls, coached by the same coach."""
        return self.do(_hire, self.centre.coach, number)  # type: ignore[no-any-return]


def _hire(session: Session, coach: str, number: int) -> list[str]:
    people = [Person(number=f"h{n}", name=f"Hanna {n:03} Jansen", language="nl") for n in range(number)]
    session.add_all(people)
    session.flush()
    for person in people:
        row = {"person_id": person.id, "function": "employee", "customer_calls": True, "begins": BEGAN}
        session.add(FunctionPeriod(**row))
        session.add(CoachAssignment(coach_id=coach, employee_id=person.id, begins=BEGAN))
    return [person.id for person in people]


@pytest.fixture
def desk(month: Month) -> Desk:
    """The coach of anna and bob, on 3 November; nothing is announced yet."""
    return Desk(month)
