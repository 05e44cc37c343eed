"""Reading incidents; writes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.people.model import Person
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


def reported_by(session: Session, employee_ids: Collection[str]) -> list[Notice]:
    """The incidents these employees reported that are still kept, newest first."""
    query = (
        select(Person.name, Incident.kind, Incident.reported_at)
        .join(Incident, Incident.employee_id == Person.id)
        .where(Person.id.in_(employee_ids))
        .order_by(Incident.reported_at.desc())
    )
    return [Notice(*row) for row in session.execute(query)]
