"""Who is asking: a person with the functions they hold at this moment, a machine with a token, or kcc
itself.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Function(StrEnum):
    """What somebody is here for; held for a period, never stored as a right."""

    EMPLOYEE = "employee"
    COACH = "coach"
    TEAM_LEAD = "team_lead"
    DEPARTMENT_MANAGER = "department_manager"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    ADMINISTRATOR = "administrator"
    WORKS_COUNCIL = "works_council"
    RECORDER = "recorder"
    PROVISIONER = "provisioner"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Post:
    """One function held today, with the team or department it concerns."""

    function: Function
    team_id: str | None = None
    department_id: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in one request; derived anew at each one (ACC-1)."""

    person_id: str
    name: str
    posts: frozenset[Post] = field(default_factory=frozenset)
    session_id: str | None = None

    @property
    def functions(self) -> frozenset[Function]:
        """The functions held now."""
        return frozenset(post.function for post in self.posts)

    @property
    def teams_led(self) -> frozenset[str]:
        """Ids of the teams this actor leads now."""
        return frozenset(p.team_id for p in self.posts if p.function is Function.TEAM_LEAD and p.team_id)


def system(job: str) -> Actor:
    """kcc itself, doing a named job."""
    return Actor(f"system:{job}", "kcc", frozenset({Post(Function.SYSTEM)}))


def recorder(token_id: str, name: str) -> Actor:
    """A recorder that delivers calls with a token."""
    return Actor(f"recorder:{token_id}", name, frozenset({Post(Function.RECORDER)}))


def provisioner(token_id: str, name: str) -> Actor:
    """An identity provider that says who works here, with a token."""
    return Actor(f"provisioner:{token_id}", name, frozenset({Post(Function.PROVISIONER)}))
