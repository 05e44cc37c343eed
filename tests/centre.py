"""A small contact centre for tests: one person of each profile, two of those that must be told apart,
lines, and calls.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor, Function, system
from kcc.people import queries as people
from kcc.people.model import AgentId, CoachAssignment, Department, FunctionPeriod, Person, Team
from kcc.recordings import intake
from kcc.recordings.model import Line
from kcc.recordings.sources.metadata import CallMetadata
from kcc.stores import Stores
from tests.sounds import wav

BEGAN = date(2024, 1, 1)
PASSWORD = "vier paarden op een rij"


@dataclass
class Centre:
    """Ids of its people; employees anna and bob are in the red team, carla in the blue one.

    coach coaches anna and bob, other_coach coaches carla; lead leads red, other_lead leads blue.
    """

    stores: Stores
    anna: str = ""
    bob: str = ""
    carla: str = ""
    coach: str = ""
    other_coach: str = ""
    lead: str = ""
    other_lead: str = ""
    manager: str = ""
    officer: str = ""
    administrator: str = ""
    council: str = ""

    def __post_init__(self) -> None:
        self._calls = count(1)

    def actor(self, person_id: str, session_id: str | None = None) -> Actor:
        """The person as actor, with the posts of today."""
        with self.stores.database.read() as session:
            found = people.actor_of(session, person_id, clock.today())
        return Actor(found.person_id, found.name, found.posts, session_id)

    def call(
        self,
        agent: str = "anna",
        start: datetime | None = None,
        seconds: float = 30.0,
        content: bytes | None = None,
        **described: object,
    ) -> intake.Receipt:
        """Take one call in through the real intake; by default an hour ago, external, business, on the
        main line.
        """
        number = next(self._calls)
        values = {
            "call_id": f"call-{number}",
            "start": (start or clock.now() - timedelta(hours=1)).isoformat(),
            "agent_id": f"agent-{agent}",
            "direction": "incoming",
            "scope": "external",
            "line": "main",
            "remote_number": "+31201234567",
            "nature": "business",
        } | described
        sound = wav(seconds, hertz=300 + number % 97) if content is None else content
        return intake.take_in(self.stores, system("test"), "exchange", CallMetadata.of(values), [sound])

    def calls(self, number: int, agent: str = "anna", **described: object) -> None:
        """Many short calls, one each two hours back from an hour ago."""
        for index in range(number):
            start = clock.now() - timedelta(hours=1 + 2 * index)
            self.call(agent, start, seconds=21, **described)


def build(stores: Stores) -> Centre:
    """Register the people, their relations and the lines."""
    centre = Centre(stores)
    with stores.database.write() as session:
        department = Department(code="service", name="Klantcontact")
        session.add(department)
        session.flush()
        red, blue = (Team(code=code, name=name, department_id=department.id) for code, name in TEAMS)
        session.add_all([red, blue])
        session.flush()
        for name, function, team in _staff(red, blue):
            _hire(session, centre, name, function, team, department)
        session.flush()
        for coach, employee in (("coach", "anna"), ("coach", "bob"), ("other_coach", "carla")):
            session.add(
                CoachAssignment(
                    coach_id=getattr(centre, coach), employee_id=getattr(centre, employee), begins=BEGAN
                )
            )
        session.add_all(_lines())
    return centre


TEAMS = (("red", "Team Rood"), ("blue", "Team Blauw"))


def _staff(red: Team, blue: Team) -> Iterable[tuple[str, Function, Team | None]]:
    yield "anna", Function.EMPLOYEE, red
    yield "bob", Function.EMPLOYEE, red
    yield "carla", Function.EMPLOYEE, blue
    yield "coach", Function.COACH, None
    yield "other_coach", Function.COACH, None
    yield "lead", Function.TEAM_LEAD, red
    yield "other_lead", Function.TEAM_LEAD, blue
    yield "manager", Function.DEPARTMENT_MANAGER, None
    yield "officer", Function.DATA_PROTECTION_OFFICER, None
    yield "administrator", Function.ADMINISTRATOR, None
    yield "council", Function.WORKS_COUNCIL, None


def _hire(
    session: Session, centre: Centre, name: str, function: Function, team: Team | None, department: Department
) -> None:
    person = Person(number=name, name=f"{name.replace('_', ' ').title()} Jansen", language="nl")
    session.add(person)
    session.flush()
    setattr(centre, name, person.id)
    employee = function is Function.EMPLOYEE
    session.add(
        FunctionPeriod(
            person_id=person.id,
            function=function,
            team_id=team.id if team else None,
            department_id=department.id if function is Function.DEPARTMENT_MANAGER else None,
            customer_calls=employee,
            begins=BEGAN,
        )
    )
    if employee:
        session.add(AgentId(person_id=person.id, agent_id=f"agent-{name}", begins=BEGAN))


def _lines() -> list[Line]:
    return [
        Line(code="main", name="Hoofdlijn", kind="recorded", welcome_text_since=BEGAN),
        Line(code="silent", name="Zonder welkomsttekst", kind="recorded", welcome_text_since=None),
        Line(code="private", name="Privélijn", kind="private", welcome_text_since=None),
        Line(code="direct", name="Doorkiesnummer", kind="direct", welcome_text_since=None),
        Line(code="network", name="Netwerkrelaties", kind="network", welcome_text_since=BEGAN),
        Line(code="excluded", name="Niet opgenomen", kind="excluded", welcome_text_since=None),
    ]
