"""Telling the employee and their present team lead about an incident: that something happened or waits, never
what was said (THR-2).
"""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.notices import outbox
from kcc.people import queries as people
from kcc.threat import queries
from kcc.threat.model import Incident


def leads(session: Session, incident: Incident, word: str) -> None:
    """Tell whoever leads the employee today; with nobody there, the job does it once there is somebody."""
    told = sorted(queries.team_lead_of(session, incident, clock.today()))
    name = people.names(session, [incident.employee_id]).get(incident.employee_id, "")
    for lead_id in told:
        outbox.tell(session, lead_id, word, about_id=incident.employee_id, employee=name)
    if told:
        incident.told_id = told[0]


def employee(session: Session, incident: Incident, word: str, by_id: str) -> None:
    """Tell the employee what their team lead did, or what waits."""
    name = people.names(session, [by_id]).get(by_id, "")
    outbox.tell(session, incident.employee_id, word, person=name)


def other(session: Session, incident: Incident, by_id: str, word: str) -> None:
    """Tell the one of both who did not do it; whoever has left is told nothing."""
    if by_id == incident.employee_id:
        leads(session, incident, f"{word}_employee")
    elif incident.left_at is None:
        employee(session, incident, f"{word}_lead", by_id)
