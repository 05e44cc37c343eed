"""What ends or waits with time: present team leads are told, reviews are announced, longer keeping without a
ground ends, and what follows when an employee's function ends; the calls themselves are erased by recordings.

An incident is not about the work in a function, so that REP-5 does not take it along: the threat is to the
person. Its employee has no way to it any more; whoever leads the team they left finishes what runs, alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.notices import outbox
from kcc.people import endings
from kcc.people import queries as people
from kcc.people.endings import Ended
from kcc.people.model import FunctionPeriod
from kcc.stores import Stores
from kcc.threat import keeping, queries, telling
from kcc.threat.model import Incident

BEFORE_REVIEW = timedelta(days=14)
"""How long before a review, or the end of a term, both are reminded: time to sit together once."""


@dataclass
class Swept:
    """How many team leads were told, reviews announced, and longer keepings ended."""

    told: int = 0
    reminded: int = 0
    ended: int = 0

    def __str__(self) -> str:
        return f"{self.told} leads told, {self.reminded} reminded, {self.ended} no longer kept longer"


def sweep(stores: Stores) -> Swept:
    """Look at each incident that stands: one transaction for each, so that one stops no other. Repeatable."""
    done, now = Swept(), clock.now()
    with stores.database.read() as session:
        ids = [one.id for one in queries.standing(session)]
    for incident_id in ids:
        with stores.database.write() as session:
            incident = _locked(session, incident_id)
            if incident is None or not queries.facts_of(session, incident, now).kept:
                continue
            _back(session, incident)
            done.told += _tell_present_lead(session, incident)
            done.ended += keeping.reassess(stores, session, incident)
            done.reminded += _remind(session, incident, now)
    return done


def follow(stores: Stores, ended: Ended) -> int:
    """Do what follows when an employee's function has ended: their team lead goes on alone, and is told so.
    No report goes, so it answers 0. Repeatable.
    """
    if ended.function is not Function.EMPLOYEE or ended.continues:
        return 0
    with stores.database.write() as session:
        if not endings.still(session, ended):
            return 0
        mine = [one.id for one in queries.standing_of(session, ended.person_id)]
        for incident in (_locked(session, id_) for id_ in mine):
            if incident is not None and incident.left_at is None:
                _line(session, incident, "left")
                incident.left_at = clock.now()
                telling.leads(session, incident, "threat.left")
    return 0


def _locked(session: Session, incident_id: str) -> Incident | None:
    query = select(Incident).where(Incident.id == incident_id, Incident.state.in_(queries.STANDING))
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _back(session: Session, incident: Incident) -> None:
    """Whoever left by mistake, or came back, decides again."""
    if incident.left_at is not None and _employed(session, incident.employee_id):
        _line(session, incident, "back")
        incident.left_at = None


def _employed(session: Session, person_id: str) -> bool:
    query = select(FunctionPeriod.id).where(
        FunctionPeriod.person_id == person_id,
        FunctionPeriod.function == Function.EMPLOYEE,
        people.holds_on(FunctionPeriod, clock.today()),
    )
    return session.scalars(query).first() is not None


def _tell_present_lead(session: Session, incident: Incident) -> bool:
    """Tell whoever leads the employee now, where nobody of them was told: the lead or the team is another."""
    present = queries.team_lead_of(session, incident, clock.today())
    if not present or incident.told_id in present:
        return False
    _line(session, incident, "told")
    telling.leads(session, incident, "threat.yours")
    return True


def _remind(session: Session, incident: Incident, now: datetime) -> bool:
    """Tell both once that a review, or the end of the term, is near."""
    review = queries.next_review(session, incident, now)
    if review is None or now < review - BEFORE_REVIEW or incident.reminded_of == review:
        return False
    _line(session, incident, "reminded")
    incident.reminded_of = review
    day = clock.local_day(review)
    told = {*queries.team_lead_of(session, incident, clock.today())}
    told |= set() if incident.left_at else {incident.employee_id}
    for person_id in sorted(told):
        outbox.tell(session, person_id, "threat.review", about_id=incident.employee_id, day=day)
    return True


def _line(session: Session, incident: Incident, step: str) -> None:
    facts = queries.facts_of(session, incident, clock.now())
    subject = Subject("incident", incident.id)
    record.act(session, policy.permit(keeping.ACTOR, Action.INCIDENT_END, subject, facts), step=step)
