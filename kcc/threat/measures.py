"""Deciding together on what follows a threat (THR-2): one of both proposes a measure, the other agrees, and
its owner writes down what came of it; how long the calls are kept for it is keeping's.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import IncidentStage
from kcc.audit import record
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.stores import Stores
from kcc.threat import incidents, keeping, queries, tallying, telling, texts
from kcc.threat.model import Incident, IncidentMeasure
from kcc.threat.rules import LONGEST_TEXT, Measure


@dataclass(frozen=True, slots=True)
class Plan:
    """A measure as somebody proposes it: what, who sees to it, by when, in a few words how; `ends` is the
    last day of a contact that is denied, and of nothing else.
    """

    kind: str
    owner_id: str
    due: date | None
    words: str
    ends: date | None = None


def propose(stores: Stores, session: Session, actor: Actor, incident_id: str, plan: Plan) -> IncidentMeasure:
    """Propose a measure, which is the proposer's own agreement to it; it stands once the other agrees.

    `stores` and `session` are the system's own. Invalid where something is missing or does not fit. An
    employee who has left agrees to nothing any more: then it stands at once.
    """
    incident, allowed = incidents.locked(session, actor, Action.INCIDENT_DECIDE, incident_id)
    due = _check(session, incident, plan)
    measure = IncidentMeasure(
        id=new_id(),
        incident_id=incident.id,
        kind=plan.kind,
        owner_id=plan.owner_id,
        due=due,
        ends=plan.ends,
        proposed_at=clock.now(),
    )
    measure.plan = texts.seal(stores, incident, texts.plan_place(measure), plan.words.strip())
    record.act(session, allowed, act="proposed", kind=plan.kind, measure=measure.id)
    session.add(measure)
    _agree(session, incident, measure, actor)
    if measure.agreed_at is None:
        telling.other(session, incident, actor.person_id, "threat.proposed")
    session.flush()
    return measure


def confirm(session: Session, actor: Actor, measure_id: str) -> IncidentMeasure:
    """Agree to what the other proposed; agreeing twice changes nothing.

    What a team lead agreed to who leads the team no more still counts: it is judged as of its moment.
    """
    measure = _of(session, measure_id)
    incident, allowed = incidents.locked(session, actor, Action.INCIDENT_DECIDE, measure.incident_id)
    measure = _fresh(session, measure_id)
    mine = measure.employee_at if actor.person_id == incident.employee_id else measure.lead_at
    if measure.agreed_at is None and (mine is None or incident.left_at is not None):
        record.act(session, allowed, act="confirmed", kind=measure.kind, measure=measure.id)
        _agree(session, incident, measure, actor)
        telling.other(session, incident, actor.person_id, "threat.agreed")
        session.flush()
    return measure


def drop(session: Session, actor: Actor, measure_id: str) -> None:
    """Take away a proposal that not both agreed to; either may. What is agreed stays: Refused."""
    measure = _of(session, measure_id)
    _, allowed = incidents.locked(session, actor, Action.INCIDENT_DECIDE, measure.incident_id)
    measure = _fresh(session, measure_id)
    if measure.agreed_at is not None:
        raise Refused(N_("You both agreed to this. Write down what came of it instead."), rule="THR-2")
    record.act(session, allowed, act="dropped", kind=measure.kind, measure=measure.id)
    session.delete(measure)
    session.flush()


def close(stores: Stores, session: Session, actor: Actor, measure_id: str, outcome: str) -> Incident:
    """Write down what came of an agreed measure; then it runs no more, and keeps nothing longer (RET-3).

    Invalid without a word on it; Refused before it is agreed, or a second time.
    """
    measure = _of(session, measure_id)
    incident, allowed = incidents.locked(session, actor, Action.INCIDENT_DECIDE, measure.incident_id)
    measure = _fresh(session, measure_id)
    if measure.agreed_at is None or measure.closed_at is not None:
        raise Refused(N_("This measure does not run."), rule="THR-2")
    words = _words("outcome", outcome)
    record.act(session, allowed, act="closed", kind=measure.kind, measure=measure.id)
    measure.outcome = texts.seal(stores, incident, texts.outcome_place(measure), words)
    measure.closed_at = clock.now()
    session.flush()
    keeping.reassess(stores, session, incident)
    return incident


def _agree(session: Session, incident: Incident, measure: IncidentMeasure, actor: Actor) -> None:
    """Note one side's agreement; with both the measure stands, is counted, and nothing can be withdrawn."""
    if actor.person_id == incident.employee_id:
        measure.employee_at = clock.now()
    else:
        measure.lead_id, measure.lead_at = actor.person_id, clock.now()
    if measure.lead_at is None or (measure.employee_at is None and incident.left_at is None):
        return
    measure.agreed_at = clock.now()
    if measure.kind == Measure.NONE:
        measure.closed_at = measure.agreed_at  # there is nothing to carry out
    incident.state = IncidentStage.DECIDED.value
    incident.ending_by_employee_at = incident.ending_by_lead_at = None
    tallying.count(session, f"measure:{measure.kind}", measure.agreed_at)


def _check(session: Session, incident: Incident, plan: Plan) -> date:
    if plan.kind not in set(Measure):
        raise Invalid("measure", N_("Choose a measure."))
    if plan.owner_id not in owners(session, incident):
        raise Invalid("owner", N_("Choose who sees to it: the employee or the team lead."))
    if plan.due is None or plan.due < clock.today():
        raise Invalid("due", N_("Give a day, today or later."))
    denied = plan.kind == Measure.DENY
    if denied and (plan.ends is None or plan.ends < plan.due):
        raise Invalid("ends", N_("Say until which day contact is denied, not before it begins."))
    if not denied and plan.ends is not None:
        raise Invalid("ends", N_("Only a denial of contact has a last day."))
    _words("plan", plan.words)
    return plan.due


def owners(session: Session, incident: Incident) -> frozenset[str]:
    """Who may see to a measure: the employee, unless they have left, and whoever leads them today."""
    own = frozenset({incident.employee_id}) if incident.left_at is None else frozenset()
    return own | queries.team_lead_of(session, incident, clock.today())


def _words(name: str, typed: str) -> str:
    words = typed.strip()
    if not words:
        raise Invalid(name, N_("Write it in a few words."))
    if len(words) > LONGEST_TEXT:
        raise Invalid(name, N_("Keep it under %(count)s characters."), count=LONGEST_TEXT)
    return words


def _of(session: Session, measure_id: str) -> IncidentMeasure:
    found = session.get(IncidentMeasure, measure_id)
    if found is None:
        raise NotFound
    return found


def _fresh(session: Session, measure_id: str) -> IncidentMeasure:
    """The measure as it is now that its incident is locked: somebody may have been quicker."""
    query = select(IncidentMeasure).where(IncidentMeasure.id == measure_id)
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found
