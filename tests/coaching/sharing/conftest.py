"""What these tests share: a drawn call of anna's with sound, three coaches, and the verbs told shortly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor, Function
from kcc.coaching.calibration import convening, scoring
from kcc.coaching.calibration.model import CalibrationSheet
from kcc.coaching.consents import answering, asking
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.training import holding
from kcc.people.model import FunctionPeriod, Person
from tests.centre import BEGAN
from tests.coaching.conftest import DRAW_DAY, Month

YES = {f"answer-{number}": "yes" for number in range(3, 24)}
LAST = DRAW_DAY + timedelta(days=7)


@dataclass
class Sharing:
    """A month with one drawn call of anna's, and her coach, another and a third."""

    month: Month
    sample: str
    recording: str
    third: str
    more: dict[str, str] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Somebody as they are today."""
        return self.month.centre.actor(self.id(name))

    def id(self, name: str) -> str:
        """Somebody's id."""
        return self.third if name == "third" else str(getattr(self.month.centre, name))

    def write(self, verb: Callable[..., Any], who: str, *more: Any, keyed: bool = False) -> Any:
        """A verb in its own transaction."""
        with self.month.stores.database.write() as session:
            keys = [self.month.stores.keys] if keyed else []
            return verb(session, *keys, self.actor(who), *more)

    def session(self, *scorers: str, ends: date = LAST) -> str:
        """A session about anna's call that she has been asked about."""
        ids = [self.id(name) for name in scorers or ("other_coach", "third")]
        return str(self.write(convening.ask, "coach", self.sample, ids, ends).id)

    def yes(self, purpose: str = "calibration") -> None:
        """Anna says yes."""
        self.write(answering.give, "anna", self.recording, purpose)

    def no(self, purpose: str = "calibration") -> None:
        """Anna says no, or takes her yes back."""
        self.write(answering.withdraw, "anna", self.recording, purpose)

    def scored(self, calibration: str, who: str, **answers: str) -> bool:
        """Somebody fills in the whole form and finishes; whether all lie open now."""
        changes = YES | {name.replace("_", "-"): said for name, said in answers.items()}
        self.write(scoring.save, who, calibration, 0, changes, keyed=True)
        return bool(self.write(scoring.finish, who, calibration, 1, keyed=True))

    def training(self, kind: str = "customer_contact", who: tuple[str, ...] = ("bob", "third")) -> str:
        """A training of the coach's that lasts from today for two weeks."""
        today = clock.today()
        ids = [self.id(name) for name in who]
        wanted = holding.Plan("Doorvragen", kind, today, today + timedelta(days=14), ids)
        return str(self.write(holding.plan, "coach", wanted).id)

    def in_training(self, training: str) -> str:
        """Anna's call, asked for and given; the consent's id."""
        consent = str(self.write(asking.ask_for_training, "coach", self.sample, training))
        self.yes("training")
        return consent

    def sheets(self) -> int:
        """How many sheets there are."""
        with self.month.stores.database.read() as session:
            return len(session.scalars(select(CalibrationSheet.id)).all())

    def state(self, purpose: str = "calibration") -> str:
        """What the database keeps of anna's word."""
        mine = (CallConsent.recording_id == self.recording, CallConsent.purpose == purpose)
        with self.month.stores.database.read() as session:
            return str(session.scalar(select(CallConsent.state).where(*mine)))

    def leave(self, name: str) -> None:
        """Somebody's function ended yesterday."""
        with self.month.stores.database.write() as session:
            period = FunctionPeriod.person_id == self.id(name)
            yesterday = clock.today() - timedelta(days=1)
            session.execute(update(FunctionPeriod).where(period).values(ends=yesterday))


def hire_coach(session: Session, number: str) -> str:
    """One more coach."""
    person = Person(number=number, name=f"{number.title()} Jansen", language="nl")
    session.add(person)
    session.flush()
    session.add(FunctionPeriod(person_id=person.id, function=Function.COACH, begins=BEGAN))
    return person.id


@pytest.fixture
def sharing(month: Month) -> Sharing:
    """On the morning of the draw."""
    month.announce()
    month.go_to(DRAW_DAY)
    month.centre.call("anna", seconds=30)
    month.draw()
    with month.stores.database.write() as session:
        third = hire_coach(session, "third")
    drawn = month.samples(month.centre.anna)[0]
    return Sharing(month, drawn.id, drawn.recording_id, third)
