"""Whom each step of a case is told to, without a word of what it is about: deciders, officer, listener, and
the employee on their day (WGT-2).
"""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.access.policy import permit as permit_for
from kcc.investigation import queries
from kcc.investigation.model import Case, CaseCall, CaseDecision, CaseSignature
from kcc.notices import outbox
from kcc.recordings import holds
from kcc.recordings.model import PlaybackLease, Recording

_TAKEN = {
    "opened": "case.opened",
    "extended": "case.extended",
    "postponed": "case.postponed",
}


def proposed(session: Session, found: Case, actor: Actor, seated: Collection[str]) -> None:
    """Somebody put a case forward: whoever may sign beside them learns that they are asked, the officer that
    it happened.
    """
    for person_id in sorted(set(seated) - {actor.person_id}):
        outbox.tell(session, person_id, "case.to_sign", person=actor.name)
    _officers(session, found, "case.proposed")


def asked(session: Session, found: Case, actor: Actor, seated: Collection[str]) -> None:
    """Somebody asks for more time or a later telling."""
    for person_id in sorted(set(seated) - {actor.person_id}):
        outbox.tell(session, person_id, "case.to_sign", person=actor.name)
    _officers(session, found, "case.asked")


def taken_back(session: Session, found: Case, actor: Actor) -> None:
    """A question about a case was taken back before its second signature."""
    for person_id in sorted(_signers(session, found) - {actor.person_id}):
        outbox.tell(session, person_id, "case.unasked")
    _officers(session, found, "case.unasked")


def taken(session: Session, found: Case, actor: Actor, done: str) -> None:
    """A second signature stands: the first signer, the listener and the officer learn it."""
    for person_id in sorted(_signers(session, found) - {actor.person_id}):
        outbox.tell(session, person_id, _TAKEN[done])
    if done != "postponed":
        last = clock.local_day(found.ends_at - timedelta(seconds=1))
        outbox.tell(session, found.listener_id, "case.listen", day=last)
    _officers(session, found, _TAKEN[done])


def suspended(session: Session, found: Case, *, resumed: bool = False) -> None:
    """The officer suspended a case, or let it go on: its deciders learn it."""
    for person_id in sorted(_signers(session, found)):
        outbox.tell(session, person_id, "case.resumed" if resumed else "case.suspended")


def ended(session: Session, found: Case, actor_id: str) -> None:
    """A case is over: its deciders and the officer learn it; the employee, if it ever opened, too."""
    for person_id in sorted(_signers(session, found) - {actor_id}):
        outbox.tell(session, person_id, "case.ended")
    _officers(session, found, "case.ended")
    if found.opened_at is not None:
        outbox.tell(session, found.employee_id, "case.ended_about_you")


def tell(session: Session, permit: Permit, found: Case) -> None:
    """Tell the employee of their case: from now on they see it, its lines, and who listened (WGT-2, ACC-5).

    Whoever left is told by letter: the officer learns that they must write it. Telling twice changes nothing.
    """
    if found.told_at is not None:
        return
    found.told_at = clock.now()
    session.flush()
    calls = session.scalars(select(CaseCall).where(CaseCall.case_id == found.id)).all()
    subjects = [f"case_call:{one.id}" for one in calls]
    session.execute(update(PlaybackLease).where(PlaybackLease.subject.in_(subjects)).values(untold=False))
    facts = queries.facts_of(session, found, clock.now())
    for one in calls:
        if one.hold_id is not None and session.get(Recording, one.recording_id) is not None:
            subject = Subject("recording", one.recording_id)
            holds.show(session, permit_for(permit.actor, permit.action, subject, facts), one.recording_id)
    outbox.tell(session, found.employee_id, "case.about_you")
    here = queries.works_here(session, found.employee_id, clock.today())
    _officers(session, found, "case.told" if here else "case.to_write")


def _officers(session: Session, found: Case, word: str) -> None:
    for person_id in queries.officers(session, clock.today(), found.employee_id):
        outbox.tell(session, person_id, word)


def _signers(session: Session, found: Case) -> set[str]:
    query = select(CaseSignature.person_id).join(CaseDecision, CaseDecision.id == CaseSignature.decision_id)
    return set(session.scalars(query.where(CaseDecision.case_id == found.id)))
