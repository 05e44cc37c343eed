"""Reading incidents, and the facts that the policy asks for; writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Function
from kcc.access.facts import IncidentStage, IncidentState, RecordingState
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.people.model import FunctionPeriod, Person
from kcc.recordings import holds
from kcc.recordings.model import Hold, HoldReview, Recording
from kcc.threat.model import Incident, IncidentCall, IncidentExtension, IncidentMeasure

STANDING = (IncidentStage.OPEN.value, IncidentStage.DECIDED.value)


def by_id(session: Session, incident_id: str) -> Incident:
    """The incident, or NotFound."""
    found = session.get(Incident, incident_id)
    if found is None:
        raise NotFound
    return found


def of_recording(session: Session, recording_id: str) -> Incident | None:
    """The latest incident reported on a recording, if any, also one that was withdrawn or settled."""
    query = (
        select(Incident)
        .join(IncidentCall, IncidentCall.incident_id == Incident.id)
        .where(IncidentCall.recording_id == recording_id)
        .order_by(Incident.reported_at.desc(), Incident.id)
    )
    return session.scalars(query).first()


def open_incident_for(session: Session, recording_id: str) -> Incident | None:
    """The incident that now stands on a recording: reported, neither withdrawn nor settled."""
    query = (
        select(Incident)
        .join(IncidentCall, IncidentCall.incident_id == Incident.id)
        .where(IncidentCall.recording_id == recording_id, Incident.state.in_(STANDING))
    )
    return session.scalars(query).first()


def calls_of(session: Session, incident_id: str) -> Sequence[IncidentCall]:
    """The calls of an incident, oldest first."""
    query = (
        select(IncidentCall)
        .join(Recording, Recording.id == IncidentCall.recording_id)
        .where(IncidentCall.incident_id == incident_id)
        .order_by(Recording.started_at, Recording.id)
    )
    return session.scalars(query).all()


def kept_calls(session: Session, incident_id: str, now: datetime) -> list[IncidentCall]:
    """Those of its calls that it still keeps itself: what a case alone keeps is gone for both (WGT-2)."""
    return [
        call
        for call in calls_of(session, incident_id)
        if (found := session.get(Recording, call.recording_id)) is not None
        and found.state == RecordingState.LIVE.value
        and now < found.due_at
    ]


def measures_of(session: Session, incident_id: str) -> Sequence[IncidentMeasure]:
    """What was proposed and agreed about an incident, oldest first."""
    query = select(IncidentMeasure).where(IncidentMeasure.incident_id == incident_id)
    return session.scalars(query.order_by(IncidentMeasure.proposed_at, IncidentMeasure.id)).all()


def extensions_of(session: Session, incident_id: str) -> Sequence[IncidentExtension]:
    """How often an incident was kept longer, oldest first."""
    query = select(IncidentExtension).where(IncidentExtension.incident_id == incident_id)
    return session.scalars(query.order_by(IncidentExtension.made_at, IncidentExtension.id)).all()


def team_lead_of(session: Session, incident: Incident, day: date) -> frozenset[str]:
    """Who leads the employee of an incident on a day: their direct team lead (THR-2); nobody leads themself.

    Of an employee who has left, or whose function changed, whoever leads the team they worked in last:
    somebody must be able to finish what runs. A team may have no lead, or for a time two.
    """
    team_id = _team_of(session, incident.employee_id, day)
    query = select(FunctionPeriod.person_id).where(
        FunctionPeriod.team_id == team_id,
        FunctionPeriod.function == Function.TEAM_LEAD,
        FunctionPeriod.person_id != incident.employee_id,
        people.holds_on(FunctionPeriod, day),
    )
    return frozenset(session.scalars(query)) if team_id else frozenset()


def _team_of(session: Session, employee_id: str, day: date) -> str | None:
    """The team somebody works in on a day, else the one they worked in last."""
    query = (
        select(FunctionPeriod.team_id)
        .where(
            FunctionPeriod.person_id == employee_id,
            FunctionPeriod.function == Function.EMPLOYEE,
            FunctionPeriod.begins <= day,
        )
        .order_by(func.coalesce(FunctionPeriod.ends, date.max).desc(), FunctionPeriod.begins.desc())
    )
    return session.scalars(query).first()


def kept_until(session: Session, incident: Incident) -> datetime | None:
    """Until when its own holds keep the longest-lived call of an incident; None when none stands (any more).

    Not the recording's deadline: something else may keep that longer, which is not for these eyes (WGT-2).
    """
    return session.scalar(
        select(func.max(Hold.until)).where(
            Hold.recording_id == incident.recording_id,
            Hold.kind == holds.THREAT,
            Hold.lifted_at.is_(None),
        )
    )


def standing(session: Session) -> Sequence[Incident]:
    """All incidents that stand, the oldest first."""
    query = select(Incident).where(Incident.state.in_(STANDING))
    return session.scalars(query.order_by(Incident.reported_at, Incident.id)).all()


def standing_of(session: Session, employee_id: str) -> Sequence[Incident]:
    """The incidents of an employee that stand, newest first."""
    query = select(Incident).where(Incident.employee_id == employee_id, Incident.state.in_(STANDING))
    return session.scalars(query.order_by(Incident.reported_at.desc(), Incident.id)).all()


def kept_for(session: Session, incident_id: str) -> Sequence[Incident]:
    """The incidents that stand and are kept longer because of this one."""
    query = select(Incident).where(
        Incident.state.in_(STANDING),
        Incident.id.in_(
            select(IncidentExtension.incident_id).where(
                IncidentExtension.linked_id == incident_id, IncidentExtension.ended_at.is_(None)
            )
        ),
    )
    return session.scalars(query.order_by(Incident.id)).all()


def next_review(session: Session, incident: Incident, now: datetime) -> datetime | None:
    """When an incident is to be looked at again: the first review of a hold of any of its calls, or the first
    end of one.
    """
    calls = select(IncidentCall.recording_id).where(IncidentCall.incident_id == incident.id)
    mine = (
        Hold.recording_id.in_(calls),
        Hold.kind == holds.THREAT,
        Hold.lifted_at.is_(None),
        Hold.until > now,
    )
    reviews = select(func.min(HoldReview.review_at)).join(Hold, Hold.id == HoldReview.hold_id)
    first = session.scalar(reviews.where(*mine, HoldReview.review_at > now))
    ends = select(func.max(Hold.until)).where(*mine).group_by(Hold.recording_id)
    return first or min(session.scalars(ends), default=None)


def standing_holds(session: Session, recording_id: str, rule: str | None = None) -> Sequence[str]:
    """The holds that keep a call because of a threat, all or those under one rule; a case's are not among
    them.
    """
    query = select(Hold.id).where(
        Hold.recording_id == recording_id, Hold.kind == holds.THREAT, Hold.lifted_at.is_(None)
    )
    if rule is not None:
        query = query.where(Hold.rule == rule)
    return session.scalars(query.order_by(Hold.placed_at, Hold.id)).all()


def hold_of(session: Session, recording_id: str) -> str | None:
    """The hold under which a call was reported, while its incident stands."""
    query = (
        select(IncidentCall.hold_id)
        .join(Incident, Incident.id == IncidentCall.incident_id)
        .where(IncidentCall.recording_id == recording_id, Incident.state.in_(STANDING))
    )
    return session.scalar(query)


def facts(session: Session, incident_id: str, now: datetime) -> IncidentState:
    """The facts of an incident, or NotFound."""
    found = session.get(Incident, incident_id)
    if found is None:
        raise NotFound
    return facts_of(session, found, now)


def facts_of(session: Session, incident: Incident, now: datetime) -> IncidentState:
    """The facts of an incident at hand."""
    until = kept_until(session, incident)
    alive = session.scalar(select(Recording.state).where(Recording.id == incident.recording_id))
    return IncidentState(
        employee_id=incident.employee_id,
        lead_ids=team_lead_of(session, incident, clock.local_day(now)),
        state=IncidentStage(incident.state),
        kept=until is not None and now < until and alive == RecordingState.LIVE.value,
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """That an employee reported a call, as their team lead learns of it: no call, no content."""

    incident_id: str
    name: str
    kind: str
    reported_at: datetime
    wishes_contact: bool


def reported_in(session: Session, team_id: str, now: datetime) -> list[Notice]:
    """The incidents that stand of people who work in a team today, or worked there last, newest first.

    Who goes to another team takes them along: the present team lead decides with them (THR-2), and the former
    one is told no more.
    """
    today = clock.local_day(now)
    until = (
        select(func.max(Hold.until))
        .where(
            Hold.recording_id == Incident.recording_id,
            Hold.kind == holds.THREAT,
            Hold.lifted_at.is_(None),
        )
        .scalar_subquery()
    )
    query = (
        select(Person.name, Incident)
        .join(Incident, Incident.employee_id == Person.id)
        .where(Incident.state.in_(STANDING), until > now)
        .order_by(Incident.reported_at.desc(), Incident.id)
    )
    return [
        Notice(one.id, name, one.kind, one.reported_at, one.wishes_contact)
        for name, one in session.execute(query)
        if _team_of(session, one.employee_id, today) == team_id
    ]
