"""Reading incidents; writes nothing."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kcc import clock
from kcc.db import walled
from kcc.people import queries as people
from kcc.people.model import Person
from kcc.recordings.model import Recording
from kcc.threat.model import Incident


def of_recording(session: Session, recording_id: str) -> Incident | None:
    """The incident reported on a recording, if any."""
    return session.scalar(select(Incident).where(Incident.recording_id == recording_id))


@dataclass(frozen=True, slots=True)
class Notice:
    """That an employee reported a call, as their team lead learns of it: no call, no content."""

    name: str
    kind: str
    reported_at: datetime


def reported_in(session: Session, team_id: str, now: datetime) -> list[Notice]:
    """The incidents reported by people who were then in a team, newest first, while their call is kept.

    What somebody reported in an earlier team is not a later lead's to know; nor is what is past its deadline.
    """
    if walled(session):
        return _told(session, team_id)
    members: dict[date, frozenset[str]] = {}
    query = (
        select(Person.id, Person.name, Incident.kind, Incident.reported_at)
        .join(Incident, Incident.employee_id == Person.id)
        .join(Recording, Recording.id == Incident.recording_id)
        .where(Recording.due_at > now)
        .order_by(Incident.reported_at.desc())
    )
    found = []
    for person_id, name, kind, reported_at in session.execute(query):
        day = clock.local_day(reported_at)
        if day not in members:
            members[day] = people.team_members(session, team_id, day)
        if person_id in members[day]:
            found.append(Notice(name, kind, reported_at))
    return found


def _told(session: Session, team_id: str) -> list[Notice]:
    """The same from behind the second wall, where a team lead reaches no incident but is told this much."""
    asked = text(
        "SELECT person.name, told.kind, told.reported_at FROM kcc_wall.incidents_in(:team) AS told"
        " JOIN person ON person.id = told.person_id ORDER BY told.reported_at DESC"
    )
    return [Notice(*row) for row in session.execute(asked, {"team": team_id})]
