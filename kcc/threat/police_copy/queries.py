"""Reading copies for the police, and the facts by which the policy judges them; writes nothing."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import PoliceCopyFacts
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.recordings import queries as recordings
from kcc.recordings.model import Recording
from kcc.threat import queries as threat
from kcc.threat.model import IncidentMeasure
from kcc.threat.police_copy.model import PoliceCopy
from kcc.threat.police_copy.rules import Decision
from kcc.threat.rules import Measure


def by_id(session: Session, copy_id: str, *, lock: bool = False) -> PoliceCopy:
    """The copy, or NotFound; with `lock` nobody else takes it meanwhile."""
    found = session.get(PoliceCopy, copy_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound
    return found


def waits(copy: PoliceCopy, now: datetime) -> bool:
    """Whether a copy can still be taken out."""
    return copy.taken_at is None and copy.made_at <= now < copy.expires_at


def of_recording(session: Session, recording_id: str) -> list[PoliceCopy]:
    """Every copy that was made of a call, newest first."""
    query = select(PoliceCopy).where(PoliceCopy.recording_id == recording_id)
    return list(session.scalars(query.order_by(PoliceCopy.made_at.desc(), PoliceCopy.id)))


def measure(session: Session, measure_id: str) -> IncidentMeasure:
    """The measure, or NotFound."""
    found = session.get(IncidentMeasure, measure_id)
    if found is None:
        raise NotFound
    return found


def calls(session: Session, decided: IncidentMeasure) -> list[Recording]:
    """The calls that a measure's incident still keeps, oldest first: of these a copy may be made."""
    kept = threat.kept_calls(session, decided.incident_id, clock.now())
    return [session.get_one(Recording, one.recording_id) for one in kept]


def facts(
    session: Session,
    decided: IncidentMeasure,
    recording_id: str,
    now: datetime,
    copy: PoliceCopy | None = None,
) -> PoliceCopyFacts:
    """The facts of a call of which a copy is made, or was; NotFound for a call of no such incident."""
    recording = next((one for one in calls(session, decided) if one.id == recording_id), None)
    if recording is None:
        raise NotFound
    incident = threat.by_id(session, decided.incident_id)
    agreed = decided.kind == Measure.POLICE and decided.agreed_at is not None
    return PoliceCopyFacts(
        recording=recordings.facts_of(recording, now),
        lead_ids=threat.team_lead_of(session, incident, clock.local_day(now)),
        decided=agreed and incident.state in threat.STANDING,
        waiting=copy is not None and waits(copy, now),
    )


def decision(session: Session, decided: IncidentMeasure) -> Decision:
    """What was decided, of an agreed measure, and by whom: not by an employee who had left before."""
    incident = threat.by_id(session, decided.incident_id)
    names = people.names(session, [incident.employee_id, str(decided.lead_id)])
    return Decision(
        decided.id,
        names.get(incident.employee_id, "") if decided.employee_at else "",
        names.get(str(decided.lead_id), ""),
        decided.agreed_at or decided.proposed_at,
    )
