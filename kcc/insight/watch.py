"""Noticing unusual reading in the audit, once each time, and the officer's judgement of it; what is unusual
is rules', how the officer is written to the scheduler's.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record
from kcc.audit.model import AuditLine
from kcc.db import put
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.insight.model import WatchEvent, WatchLook
from kcc.insight.rules import HOUR, Act, Burst, Kind, bursts
from kcc.people.model import Person
from kcc.stores import Stores

AT_MOST_BACK = timedelta(days=7)
"""After a longer pause of the jobs no more than this is looked at again."""
LATE_COMMITS = timedelta(minutes=10)
"""How long after its time a line may appear: its transaction must end first."""
OPENED = frozenset(
    action.value
    for action in (Action.RECORDING_PLAY, Action.SAMPLE_PLAY, Action.SAMPLE_READ, Action.OPINION_PLAY)
)
REMARK_LONGEST = 400
SENTENCES = {
    Kind.REFUSALS: N_("%(count)d refused attempts"),
    Kind.CALLS: N_("%(count)d different calls of others opened"),
    Kind.EXPORTS: N_("whole log taken out %(count)d times"),
}


def look(stores: Stores, actor: Actor) -> int:
    """Look at what the audit tells since the last look, note what is unusual; how much of it is new.

    One transaction: what is noted stands with its audit line, or nothing does. Every hour that ends since the
    last look is judged, however late the job comes; what was noted before is not noted again.
    """
    allowed = permit(actor, Action.AUDIT_WATCH, Subject("audit"))
    limits, now = stores.settings.audit.watch, clock.now()
    with stores.database.write() as session:
        since = max(_looked(session, now) - LATE_COMMITS, now - AT_MOST_BACK) - HOUR
        fresh = 0
        for kind, threshold in (
            (Kind.REFUSALS, limits.refusals),
            (Kind.CALLS, limits.calls),
            (Kind.EXPORTS, limits.exports),
        ):
            for who, acts in _acts(session, kind, since).items():
                found = bursts(acts, threshold, _told_until(session, kind, who))
                for burst in found:
                    _note(session, allowed, kind, who, burst)
                fresh += len(found)
        put(session, WatchLook, {"id": 1}, until=now)
        _forget(session, now - timedelta(days=stores.settings.audit.terms.listening))
    return fresh


def settle(session: Session, actor: Actor, event_id: str, remark: str) -> None:
    """The officer judges an event; the audit keeps what they found. Invalid without words, Refused twice."""
    allowed = permit(actor, Action.WATCH_SETTLE, Subject("watch", event_id))
    found = session.get(WatchEvent, event_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    remark = " ".join(remark.split())
    if not remark:
        raise Invalid("remark", N_("Write down what you found, in a few words."))
    if len(remark) > REMARK_LONGEST:
        raise Invalid("remark", N_("Write at most %(most)d characters."), most=REMARK_LONGEST)
    if found.settled_at is not None:
        raise Refused(N_("Somebody has judged this already."), code="settled")
    record.act(session, allowed, kind=found.kind, remark=remark)
    found.settled_at, found.settled_by = clock.now(), actor.person_id


def _looked(session: Session, now: datetime) -> datetime:
    last = session.get(WatchLook, 1, with_for_update=True)
    return min(last.until, now) if last else now - AT_MOST_BACK


def _acts(session: Session, kind: Kind, since: datetime) -> dict[str, list[Act]]:
    """What each person or machine did of a kind."""
    columns = select(AuditLine.actor_id, AuditLine.at, AuditLine.subject, AuditLine.id)
    query = columns.where(AuditLine.at > since, AuditLine.body.is_not(None), AuditLine.actor_id.is_not(None))
    if kind is Kind.REFUSALS:
        # Wrong passwords have their own brake (SEC-1), and stand under nobody's name.
        query = query.where(~AuditLine.allowed, AuditLine.action != Action.SIGN_IN.value)
    elif kind is Kind.CALLS:
        # One's own calls are one's own right (RGT-1).
        others = or_(AuditLine.about_id.is_(None), AuditLine.about_id != AuditLine.actor_id)
        query = query.where(AuditLine.action.in_(OPENED), AuditLine.allowed, others)
    else:
        exported = AuditLine.action == Action.AUDIT_EXPORT.value
        query = query.where(exported, AuditLine.subject == "audit", AuditLine.allowed)
    found: dict[str, list[Act]] = defaultdict(list)
    for actor_id, at, subject, id_ in session.execute(query):
        found[str(actor_id)].append(Act(at, str(subject) if kind is Kind.CALLS else str(id_)))
    return found


def _told_until(session: Session, kind: Kind, who: str) -> datetime | None:
    query = select(func.max(WatchEvent.until)).where(
        WatchEvent.kind == kind.value, WatchEvent.actor_id == who
    )
    return session.scalar(query)


def _note(session: Session, allowed: Permit, kind: Kind, who: str, burst: Burst) -> None:
    event = WatchEvent(
        kind=kind.value,
        actor_id=who,
        since=burst.since,
        until=burst.until,
        count=burst.count,
        noticed_at=clock.now(),
    )
    session.add(event)
    session.flush()
    record.act(session, allowed, event=event.id, kind=kind.value, count=burst.count, person=who)


def _forget(session: Session, before: datetime) -> None:
    """What was judged goes with the lines that it was noticed in."""
    session.execute(
        delete(WatchEvent).where(WatchEvent.settled_at.is_not(None), WatchEvent.noticed_at < before)
    )


def names(session: Session, events: Collection[WatchEvent]) -> dict[str, str]:
    """The names of the people whom events are about; machines have none."""
    query = select(Person.id, Person.name).where(Person.id.in_({event.actor_id for event in events}))
    return dict(session.execute(query).all())


def remarks(session: Session, events: Collection[WatchEvent]) -> dict[str, str]:
    """What the officer found, by the events' ids, as long as the audit keeps it."""
    subjects = [f"watch:{event.id}" for event in events]
    query = select(AuditLine.subject, AuditLine.body).where(
        AuditLine.subject.in_(subjects), AuditLine.action == Action.WATCH_SETTLE.value, AuditLine.allowed
    )
    found = session.execute(query.where(AuditLine.body.is_not(None)))
    return {
        str(subject).partition(":")[2]: json.loads(body or "{}")["detail"]["remark"]
        for subject, body in found
    }
