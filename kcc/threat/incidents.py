"""Reporting one of one's own calls as a threat: it is kept 6 months, leaves every sample, and the coach
loses it at once.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.recordings import holds, queries, rules
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.threat.model import Incident
from kcc.vault.fields import open_text, seal_text

KINDS = {
    "verbal": N_("verbal aggression"),
    "intimidation": N_("intimidation"),
    "threat": N_("threat"),
    "stalking": N_("stalking"),
    "physical": N_("physical violence"),
}
"""What counts as a threat (the protocol's words)."""
LONGEST_ACCOUNT = 4000


def report(
    stores: Stores, session: Session, actor: Actor, recording_id: str, kind: str, account: str
) -> Incident:
    """Report a call of one's own (THR-1): a hold until 6 calendar months after it (RET-2), and no sample
    (SAM-6).

    The account is sealed under the recording's key and dies with it. Twice is refused; empty or too long
    is Invalid.
    """
    recording, allowed = _locked(session, actor, Action.THREAT_REPORT, recording_id)
    account = _checked(kind, account)
    if session.scalar(select(Incident.id).where(Incident.recording_id == recording_id)):
        raise Refused(N_("You have already reported this call."), rule="THR-1", code="already_reported")
    until = rules.threat_due_at(recording.started_at, stores.settings.limits.threat_months)
    record.act(session, allowed, kind=kind)
    key = stores.keys.get(recording_id)
    ground = holds.Ground(holds.THREAT, rules.THREAT_TERM, KINDS[kind], key, until)
    hold = holds.place(session, allowed, recording_id, ground)
    incident = Incident(
        id=new_id(),
        recording_id=recording_id,
        hold_id=hold.id,
        employee_id=actor.person_id,
        kind=kind,
        reported_at=clock.now(),
    )
    incident.account = seal_text(key, _place(incident), account)
    session.add(incident)
    session.flush()
    return incident


def review(session: Session, actor: Actor, recording_id: str) -> datetime:
    """Its owner looked again at whether the call must still be kept, and it must (RET-3); the next date.

    NotFound when nothing keeps the call, or somebody else answers for it.
    """
    _, allowed = _locked(session, actor, Action.HOLD_REVIEW, recording_id)
    incident = session.scalar(select(Incident).where(Incident.recording_id == recording_id))
    if incident is None:
        raise NotFound
    following = holds.review(session, allowed, incident.hold_id)
    record.act(session, allowed, hold=incident.hold_id, next=following.isoformat())
    return following


def _locked(session: Session, actor: Actor, action: Action, recording_id: str) -> tuple[Recording, Permit]:
    """A recording that nobody changes meanwhile, and the permit for it as it then is."""
    subject, now = Subject("recording", recording_id), clock.now()
    try:
        recording = holds.locked(session, recording_id)
    except NotFound:
        permit(actor, action, subject, queries.facts(session, recording_id, now))
        raise
    return recording, permit(actor, action, subject, queries.facts_of(recording, now))


def account_of(stores: Stores, incident: Incident) -> str:
    """What the employee wrote; the caller has settled who may read it."""
    return open_text(stores.keys.get(incident.recording_id), _place(incident), incident.account)


def _place(incident: Incident) -> str:
    return f"incident.account:{incident.id}"


def _checked(kind: str, account: str) -> str:
    if kind not in KINDS:
        raise Invalid("kind", N_("Choose what kind of threat it was."))
    account = account.strip()
    if not account:
        raise Invalid("account", N_("Write in a few words what happened."))
    if len(account) > LONGEST_ACCOUNT:
        raise Invalid("account", N_("Keep it under %(count)s characters."), count=LONGEST_ACCOUNT)
    return account
