"""What the demo knows of its staff: dated functions, agent ids, assignments; it generates nothing."""

from dataclasses import dataclass, field
from datetime import date

from kcc.demo.names import Player

TEAMS = {"ENE": "Energie", "INN": "Innovatie", "OMG": "Omgeving", "LAN": "Landbouw"}
DEPARTMENTS = {"SUB": ("Subsidies", ("ENE", "INN")), "VER": ("Vergunningen en registraties", ("OMG", "LAN"))}


@dataclass(frozen=True)
class Period:
    """A function held from `begins` until the day before `ends` (None: still)."""

    function: str
    begins: date
    ends: date | None = None
    team: str | None = None
    department: str | None = None
    customer_calls: bool | None = None


@dataclass(frozen=True)
class AgentId:
    """The id under which the recorder knows a person, from `begins` until the day before `ends`."""

    agent_id: str
    begins: date
    ends: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether this id is the person's on `day`."""
        return self.begins <= day and (self.ends is None or day < self.ends)


@dataclass
class Person:
    """Somebody who works at the centre."""

    player: Player
    functions: list[Period]
    agent_ids: list[AgentId] = field(default_factory=list)
    language: str = "nl"

    @property
    def number(self) -> str:
        """The personnel number."""
        return self.player.number

    @property
    def current(self) -> Period:
        """The function held now."""
        return self.functions[-1]

    def agent_id_on(self, day: date) -> str:
        """The agent id on `day`; KeyError when the person had none."""
        for held in self.agent_ids:
            if held.holds_on(day):
                return held.agent_id
        raise KeyError(self.number)


@dataclass(frozen=True)
class Assignment:
    """A coach assigned to an employee, from `begins` until the day before `ends`."""

    coach: str
    employee: str
    begins: date
    ends: date | None = None
