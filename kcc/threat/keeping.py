"""How long a threat is kept: 6 months, longer only while a measure runs or a new incident is linked, each
time with a reason and a review within 3 months (RET-2, RET-3, THR-4); settled, it goes in the next run.

An extension ends with its review: who forgets to look keeps nothing longer.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, system
from kcc.access.facts import IncidentStage
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.db import new_id
from kcc.errors import N_, Invalid, Refused
from kcc.recordings import holds, rules
from kcc.stores import Stores
from kcc.threat import callers, incidents, queries, telling, texts
from kcc.threat.model import Incident, IncidentExtension
from kcc.threat.rules import LONGEST_TEXT, Ground

TERM = "RET-3"
ACTOR = system("threats")


def extend(
    stores: Stores,
    session: Session,
    actor: Actor,
    incident_id: str,
    until: date | None,
    reason: str,
    linked_id: str | None = None,
) -> IncidentExtension:
    """Keep the calls of an incident to the end of a day within 3 months, when it is looked at again (RET-3).

    A running measure must make it necessary, or a newer incident that stands, of the same employee
    (`linked_id`): else Refused. Invalid without a reason, for a day further away, or one that keeps it no
    longer. `stores` and `session` are the system's own.
    """
    incident, allowed = incidents.locked(session, actor, Action.INCIDENT_KEEP, incident_id)
    words = _reason(reason)
    ground = _ground(stores, session, incident, linked_id)
    now = clock.now()
    end = _end(session, incident, until, now)
    extension = IncidentExtension(
        id=new_id(),
        incident_id=incident.id,
        linked_id=linked_id or None,
        ground=ground.value,
        by_id=actor.person_id,
        made_at=now,
        until=end,
    )
    extension.reason = texts.seal(stores, incident, texts.reason_place(extension), words)
    record.act(session, allowed, act="kept longer", ground=ground.value, until=end.isoformat())
    session.add(extension)
    facts = queries.facts_of(session, incident, now)
    for call in queries.kept_calls(session, incident.id, now):
        about = policy.permit(actor, Action.INCIDENT_KEEP, Subject("recording", call.recording_id), facts)
        key = stores.keys.get(call.recording_id)
        holds.place(session, about, call.recording_id, holds.Ground(holds.THREAT, TERM, words, key, end))
    incident.ending_by_employee_at = incident.ending_by_lead_at = None
    telling.other(session, incident, actor.person_id, "threat.longer")
    session.flush()
    return extension


def settle(stores: Stores, session: Session, actor: Actor, incident_id: str) -> bool:
    """Say that the situation is settled; once both have, all that keeps the calls ends and they go in the
    next run, unless their 28 days are not over. Whether it is settled now. Saying it twice changes nothing.

    Refused while a measure runs. Where the employee has left, the team lead's word is enough.
    """
    incident, allowed = incidents.locked(session, actor, Action.INCIDENT_KEEP, incident_id)
    if running(session, incident):
        raise Refused(N_("A measure still runs. Write down first what came of it."), rule="RET-3")
    mine = actor.person_id == incident.employee_id
    said = incident.ending_by_employee_at if mine else incident.ending_by_lead_at
    if said is not None and incident.left_at is None:
        return False
    if mine:
        incident.ending_by_employee_at = clock.now()
    else:
        incident.ending_by_lead_at = clock.now()
    both = incident.ending_by_lead_at and (incident.ending_by_employee_at or incident.left_at)
    record.act(session, allowed, act="settled" if both else "settling")
    telling.other(session, incident, actor.person_id, "threat.settled" if both else "threat.settling")
    if both:
        _finish(stores, session, allowed, incident)
    session.flush()
    return bool(both)


def review(session: Session, actor: Actor, incident_id: str) -> None:
    """Either of both looked again at whether the calls must still be kept, and they must (RET-3)."""
    incident, allowed = incidents.locked(session, actor, Action.INCIDENT_KEEP, incident_id)
    facts = queries.facts_of(session, incident, clock.now())
    record.act(session, allowed, act="looked again")
    for call in queries.kept_calls(session, incident.id, clock.now()):
        about = policy.permit(actor, Action.INCIDENT_KEEP, Subject("recording", call.recording_id), facts)
        holds.review(session, about, call.hold_id, owned=False)


def reassess(stores: Stores, session: Session, incident: Incident) -> bool:
    """End the longer keeping of an incident when nothing makes it necessary any more; whether it did.

    Its calls then have the deadline they had before: one that has passed makes them go in the next run.
    """
    standing = [one for one in queries.extensions_of(session, incident.id) if one.ended_at is None]
    if not standing or running(session, incident) or _linked(session, standing):
        return False
    facts = queries.facts_of(session, incident, clock.now())
    ended = policy.permit(ACTOR, Action.INCIDENT_END, Subject("incident", incident.id), facts)
    record.act(session, ended, step="ended", why="no ground")
    for call in queries.calls_of(session, incident.id):
        about = policy.permit(ACTOR, Action.INCIDENT_END, Subject("recording", call.recording_id), facts)
        for hold_id in queries.standing_holds(session, call.recording_id, TERM):
            holds.lift(session, about, hold_id, stores.settings.limits)
    for extension in standing:
        extension.ended_at = clock.now()
    session.flush()
    return True


def running(session: Session, incident: Incident) -> bool:
    """Whether a measure that both agreed to still runs."""
    return any(one.agreed_at and not one.closed_at for one in queries.measures_of(session, incident.id))


def last_day(now: datetime) -> date:
    """The last day until which calls can be kept longer in one go: a review is due within 3 months."""
    return clock.local_day(rules.threat_due_at(now, rules.REVIEW_MONTHS)) - timedelta(days=1)


def _finish(stores: Stores, session: Session, allowed: Permit, incident: Incident) -> None:
    incidents.release(stores, session, allowed, incident)
    incident.state = IncidentStage.SETTLED.value
    for measure in queries.measures_of(session, incident.id):
        measure.plan, measure.outcome = texts.GONE, None
    for extension in queries.extensions_of(session, incident.id):
        extension.reason, extension.ended_at = texts.GONE, extension.ended_at or clock.now()
    session.flush()
    for other in queries.kept_for(session, incident.id):
        reassess(stores, session, other)


def _linked(session: Session, standing: Sequence[IncidentExtension]) -> bool:
    """Whether an incident for which this one is kept longer still stands."""
    linked = [session.get(Incident, one.linked_id) for one in standing if one.linked_id]
    stand = [one for one in linked if one is not None and one.state in queries.STANDING]
    return any(queries.facts_of(session, one, clock.now()).kept for one in stand)


def _ground(stores: Stores, session: Session, incident: Incident, linked_id: str | None) -> Ground:
    if linked_id:
        if linked_id not in {one.id for one in linkable(stores, session, incident)}:
            raise Invalid("linked", N_("Choose a newer incident that still stands."))
        return Ground.INCIDENT
    if not running(session, incident):
        raise Refused(
            N_("It is kept longer only while a measure runs, or because of a newer incident."), rule=TERM
        )
    return Ground.MEASURE


def linkable(stores: Stores, session: Session, incident: Incident) -> list[Incident]:
    """Newer incidents that stand, of the same caller or reported by the same employee, oldest first."""
    found = {one.id: one for one in callers.others(stores, session, incident)}
    found |= {one.id: one for one in queries.standing_of(session, incident.employee_id)}
    now = clock.now()
    newer = [
        one
        for one in found.values()
        if one.reported_at > incident.reported_at and queries.facts_of(session, one, now).kept
    ]
    return sorted(newer, key=lambda one: (one.reported_at, one.id))


def _end(session: Session, incident: Incident, until: date | None, now: datetime) -> datetime:
    if until is None or not clock.local_day(now) <= until <= last_day(now):
        raise Invalid(
            "until", N_("Choose a day within 3 months: then it is looked at again."), last=last_day(now)
        )
    end = clock.start_of_day(until + timedelta(days=1))
    kept = queries.kept_until(session, incident)
    if kept is not None and end <= kept:
        raise Invalid("until", N_("It is kept that long already. You can keep it longer later on."))
    return end


def _reason(typed: str) -> str:
    words = typed.strip()
    if not words:
        raise Invalid("reason", N_("Say why it must be kept longer."))
    if len(words) > LONGEST_TEXT:
        raise Invalid("reason", N_("Keep it under %(count)s characters."), count=LONGEST_TEXT)
    return words
