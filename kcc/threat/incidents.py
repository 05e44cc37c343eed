"""Reporting own calls of one caller as a threat, and taking that back: they are kept 6 months, leave every
sample, and the coach loses them at once; what is decided about them is measures' and keeping's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import IncidentStage
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.recordings import holds, rules
from kcc.recordings import queries as recordings
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.threat import callers, queries, tallying, telling, texts
from kcc.threat.model import Incident, IncidentCall
from kcc.threat.rules import KINDS, LONGEST_ACCOUNT, MOST_CALLS, Span, spans


@dataclass(frozen=True, slots=True)
class Told:
    """What an employee reports besides kind and account: more calls of the same caller, when in each call it
    happened (as typed), and whether they wish that the team lead comes to them.
    """

    also: Sequence[str] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    wishes_contact: bool = False


def report(
    stores: Stores,
    session: Session,
    actor: Actor,
    recording_id: str,
    kind: str,
    account: str,
    told: Told | None = None,
) -> Incident:
    """Report calls of one's own (THR-1): each is held until 6 calendar months after it (RET-2), and in no
    sample (SAM-6); the team lead is told at once that it happened, and nothing of what.

    `stores` and `session` are the system's own. The account is sealed under the key of the call that is kept
    longest and dies with it. A call that is reported already is refused; Invalid where something is missing,
    too long, outside the call, or another caller's.
    """
    told = told or Told()
    wanted = list(dict.fromkeys((recording_id, *told.also)))
    locked = [_locked(session, actor, Action.THREAT_REPORT, id_) for id_ in sorted(wanted)]
    calls = {call.id: (call, allowed) for call, allowed in locked}
    account = _checked(kind, account)
    if len(wanted) > MOST_CALLS:
        raise Invalid("also", N_("Report at most %(count)s calls at once."), count=MOST_CALLS)
    if any(queries.open_incident_for(session, id_) for id_ in wanted):
        raise Refused(N_("You have already reported this call."), rule="THR-1", code="already_reported")
    callers.require_same(stores, [calls[id_][0] for id_ in wanted])
    when = {id_: _spans(told.marks.get(id_, ""), calls[id_][0]) for id_ in wanted}
    keeper = max((call for call, _ in calls.values()), key=lambda call: (call.started_at, call.id))
    incident = Incident(
        id=new_id(),
        recording_id=keeper.id,
        employee_id=actor.person_id,
        kind=kind,
        account=texts.GONE,
        reported_at=clock.now(),
        wishes_contact=told.wishes_contact,
    )
    incident.account = texts.seal(stores, incident, texts.account_place(incident), account)
    session.add(incident)
    session.flush()
    for id_ in wanted:
        _keep(stores, session, incident, *calls[id_], when[id_])
    tallying.count(session, f"incident:{kind}", incident.reported_at)
    telling.leads(session, incident, "threat.reported_contact" if told.wishes_contact else "threat.reported")
    session.flush()
    return incident


def withdraw(stores: Stores, session: Session, actor: Actor, incident_id: str) -> Incident:
    """Take a report back while nothing was decided: its calls go back to their 28 days (RET-1), what was
    written is taken away, and no call of it comes back into a sample (SAM-6).

    `stores` and `session` are the system's own. A call past its 28 days goes in the next run, and is heard by
    nobody from now on (RET-7).
    """
    incident, allowed = locked(session, actor, Action.INCIDENT_WITHDRAW, incident_id)
    record.act(session, allowed, calls=len(queries.calls_of(session, incident_id)))
    release(stores, session, allowed, incident)
    for measure in queries.measures_of(session, incident_id):
        session.delete(measure)
    incident.state = IncidentStage.WITHDRAWN.value
    tallying.count(session, f"incident:{incident.kind}", incident.reported_at, by=-1)
    telling.leads(session, incident, "threat.withdrawn")
    session.flush()
    return incident


def release(stores: Stores, session: Session, allowed: Permit, incident: Incident) -> None:
    """Lift all that keeps the calls of an incident, and take away what was written about it.

    What else keeps one of them (a case) stays as it is; then the words would outlive their purpose under that
    call's key, so that they do not wait for it.
    """
    facts = queries.facts_of(session, incident, clock.now())
    for call in queries.calls_of(session, incident.id):
        about = permit(allowed.actor, allowed.action, Subject("recording", call.recording_id), facts)
        for hold_id in queries.standing_holds(session, call.recording_id):
            holds.lift(session, about, hold_id, stores.settings.limits)
        call.marks = None
    incident.account, incident.ended_at = texts.GONE, clock.now()


def locked(session: Session, actor: Actor, action: Action, incident_id: str) -> tuple[Incident, Permit]:
    """An incident that nobody changes meanwhile, and the permit for it as it then is; or NotFound."""
    query = select(Incident).where(Incident.id == incident_id).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    facts = queries.facts_of(session, found, clock.now())
    return found, permit(actor, action, Subject("incident", incident_id), facts)


def review(session: Session, actor: Actor, recording_id: str) -> datetime:
    """Its owner looked again at whether the call must still be kept, and it must (RET-3); the next date.

    NotFound when nothing keeps the call, or somebody else answers for it.
    """
    _, allowed = _locked(session, actor, Action.HOLD_REVIEW, recording_id)
    hold_id = queries.hold_of(session, recording_id)
    if hold_id is None:
        raise NotFound
    following = holds.review(session, allowed, hold_id)
    record.act(session, allowed, hold=hold_id, next=following.isoformat())
    return following


def account_of(stores: Stores, incident: Incident) -> str:
    """What the employee wrote; the caller has settled who may read it. Empty once it was taken away."""
    return texts.opened(stores, incident, texts.account_place(incident), incident.account)


def moments(stores: Stores, session: Session, incident_id: str, recording_id: str) -> list[Span]:
    """When in one of its calls it happened, in milliseconds; the caller has settled who may read it."""
    return texts.marks_of(stores, session.get_one(IncidentCall, (incident_id, recording_id)))


def _locked(session: Session, actor: Actor, action: Action, recording_id: str) -> tuple[Recording, Permit]:
    """A recording that nobody changes meanwhile, and the permit for it as it then is."""
    subject, now = Subject("recording", recording_id), clock.now()
    try:
        recording = holds.locked(session, recording_id)
    except NotFound:
        permit(actor, action, subject, recordings.facts(session, recording_id, now))
        raise
    return recording, permit(actor, action, subject, recordings.facts_of(recording, now))


def _keep(
    stores: Stores, session: Session, incident: Incident, call: Recording, allowed: Permit, when: list[Span]
) -> None:
    """Hold one call of an incident for its six months."""
    until = rules.threat_due_at(call.started_at, stores.settings.limits.threat_months)
    record.act(session, allowed, kind=incident.kind)
    ground = holds.Ground(
        holds.THREAT, rules.THREAT_TERM, KINDS[incident.kind], stores.keys.get(call.id), until
    )
    hold = holds.place(session, allowed, call.id, ground)
    kept = IncidentCall(incident_id=incident.id, recording_id=call.id, hold_id=hold.id)
    kept.marks = texts.seal_marks(stores, kept, when)
    session.add(kept)


def _checked(kind: str, account: str) -> str:
    if kind not in KINDS:
        raise Invalid("kind", N_("Choose what kind of threat it was."))
    account = account.strip()
    if not account:
        raise Invalid("account", N_("Write in a few words what happened."))
    if len(account) > LONGEST_ACCOUNT:
        raise Invalid("account", N_("Keep it under %(count)s characters."), count=LONGEST_ACCOUNT)
    return account


def _spans(typed: str, call: Recording) -> list[Span]:
    found = spans(typed, call.duration_ms)
    if found is None:
        raise Invalid(
            "marks", N_("Write moments within the call as 1:20 or 3:05-3:40, with commas between them.")
        )
    return found
