"""A threat as employee and team lead see it: its state, measures, why it is kept, and what the same caller
did before; without sound, without
a number, and for the team lead without the account, which they take in together.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.people import queries as people
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.threat import callers, keeping, measures, queries, texts
from kcc.threat.callers import Earlier
from kcc.threat.model import Incident, IncidentMeasure


@dataclass(frozen=True, slots=True)
class Step:
    """A measure with its words opened, and who it still waits for."""

    measure: IncidentMeasure
    plan: str
    outcome: str
    owner: str
    agreed_by_me: bool


@dataclass(frozen=True, slots=True)
class Longer:
    """One extension with its words opened."""

    ground: str
    reason: str
    by: str
    made_at: datetime
    until: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the page of an incident shows."""

    permit: Permit
    incident: Incident
    mine: bool
    name: str
    account: str
    calls: list[tuple[str, datetime, list[tuple[int, int]]]]
    steps: list[Step]
    extensions: list[Longer]
    earlier: list[Earlier]
    linkable: list[Incident]
    owners: list[tuple[str, str]]
    kept_until: datetime | None
    review_at: datetime | None
    last_day: date
    running: bool
    said_settled: bool
    other_said_settled: bool
    can_withdraw: bool


def seen(stores: Stores, session: Session, actor: Actor, incident_id: str) -> Seen:
    """An incident for one of both; logged. The employee sees their own words and calls with it.

    `stores` and `session` are the system's own.
    """
    now = clock.now()
    facts = queries.facts(session, incident_id, now)
    permit = policy.permit(actor, Action.INCIDENT_READ, Subject("incident", incident_id), facts)
    earlier = callers.earlier(stores, session, incident := queries.by_id(session, incident_id))
    record.act(session, permit, earlier=len(earlier))
    mine = incident.employee_id == actor.person_id
    steps = queries.measures_of(session, incident_id)
    extensions = queries.extensions_of(session, incident_id)
    owners = measures.owners(session, incident)
    known = {
        incident.employee_id,
        *owners,
        *(one.owner_id for one in steps),
        *(one.by_id for one in extensions),
    }
    names = people.names(session, known)
    said = (incident.ending_by_employee_at, incident.ending_by_lead_at)
    return Seen(
        permit=permit,
        incident=incident,
        mine=mine,
        name=names[incident.employee_id],
        account=texts.opened(stores, incident, texts.account_place(incident), incident.account)
        if mine
        else "",
        calls=_calls(stores, session, incident) if mine else [],
        steps=[_step(stores, incident, one, names, mine) for one in steps],
        extensions=[
            Longer(
                one.ground,
                texts.opened(stores, incident, texts.reason_place(one), one.reason),
                names.get(one.by_id, ""),
                one.made_at,
                one.until,
                one.ended_at,
            )
            for one in extensions
        ],
        earlier=earlier,
        linkable=keeping.linkable(stores, session, incident),
        owners=sorted(((id_, names[id_]) for id_ in owners), key=lambda pair: pair[1]),
        kept_until=queries.kept_until(session, incident),
        review_at=queries.next_review(session, incident, now),
        last_day=keeping.last_day(now),
        running=keeping.running(session, incident),
        said_settled=said[0 if mine else 1] is not None,
        other_said_settled=said[1 if mine else 0] is not None,
        can_withdraw=mine and incident.state == "open",
    )


def _calls(
    stores: Stores, session: Session, incident: Incident
) -> list[tuple[str, datetime, list[tuple[int, int]]]]:
    return [
        (
            call.recording_id,
            session.get_one(Recording, call.recording_id).started_at,
            texts.marks_of(stores, call),
        )
        for call in queries.kept_calls(session, incident.id, clock.now())
    ]


def _step(
    stores: Stores, incident: Incident, measure: IncidentMeasure, names: dict[str, str], mine: bool
) -> Step:
    return Step(
        measure,
        texts.opened(stores, incident, texts.plan_place(measure), measure.plan),
        texts.opened(stores, incident, texts.outcome_place(measure), measure.outcome),
        names.get(measure.owner_id, ""),
        (measure.employee_at if mine else measure.lead_at) is not None,
    )
