"""What cases ask for on their day: those past their last day end, employees are told, words go on term;
all of it can be repeated after a crash.
"""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record
from kcc.investigation import closing, effects, queries, sealing, telling
from kcc.investigation.model import Case, CaseCall, CaseDecision
from kcc.investigation.rules import How
from kcc.recordings.model import PlaybackLease
from kcc.stores import Stores

ACTOR = system("cases")


def sweep(stores: Stores) -> str:
    """Do what is due now, one case a transaction; a short account of it."""
    over = sum(_each(stores, _over(stores), _end))
    told = sum(_each(stores, _to_tell(stores), _tell))
    _catch_up(stores)
    return f"{over} ended, {told} told, {_forget(stores)} erased"


def _catch_up(stores: Stores) -> None:
    """Show the employee, too, what was opened in the very moment they were told."""
    with stores.database.write() as session:
        told = select(CaseCall.id).join(Case, Case.id == CaseCall.case_id).where(Case.told_at.is_not(None))
        subjects = [f"case_call:{id_}" for id_ in session.scalars(told)]
        hidden = update(PlaybackLease).where(PlaybackLease.untold, PlaybackLease.subject.in_(subjects))
        session.execute(hidden.values(untold=False))


def _each(stores: Stores, ids: list[str], work: Callable[[Stores, Session, Case], bool]) -> list[bool]:
    return [_one(stores, case_id, work) for case_id in ids]


def _one(stores: Stores, case_id: str, work: Callable[[Stores, Session, Case], bool]) -> bool:
    with stores.database.write() as session:
        found = session.get(Case, case_id, with_for_update=True, populate_existing=True)
        return found is not None and work(stores, session, found)


def _over(stores: Stores) -> list[str]:
    with stores.database.read() as session:
        query = select(Case.id).where(Case.ended_at.is_(None), Case.ends_at <= clock.now())
        return list(session.scalars(query.order_by(Case.id)))


def _end(stores: Stores, session: Session, found: Case) -> bool:
    if found.ended_at is not None or clock.now() < found.ends_at:
        return False
    how = How.LAPSED if found.opened_at is None else How.OVER
    allowed = _permit(session, found)
    record.act(session, allowed, act="over", how=how.value)
    closing.finish(stores, session, allowed, found, how)
    return True


def _to_tell(stores: Stores) -> list[str]:
    with stores.database.read() as session:
        query = select(Case.id).where(
            Case.opened_at.is_not(None), Case.told_at.is_(None), Case.tell_on <= clock.today()
        )
        return list(session.scalars(query.order_by(Case.id)))


def _tell(_: Stores, session: Session, found: Case) -> bool:
    if found.told_at is not None or found.tell_on is None or found.tell_on > clock.today():
        return False
    telling.tell(session, _permit(session, found), found)
    record.act(session, _permit(session, found), act="told")
    return True


def _forget(stores: Stores) -> int:
    """Empty the words of what ended a term ago, then destroy their keys; rows go with the log's lines."""
    settings = stores.settings
    with stores.database.write() as session:
        term = clock.now() - timedelta(days=settings.weighty_reasons.text_days)
        ids = list(session.scalars(select(Case.id).where(Case.ended_at <= term, Case.erased_at.is_(None))))
        for case_id in ids:
            _empty(session, case_id)
    _destroy(stores)
    with stores.database.write() as session:
        # What the employee may still look up in the log needs to know whose case it was.
        late = clock.now() - timedelta(days=settings.audit.terms.listening)
        session.execute(delete(Case).where(Case.erased_at <= late, Case.ended_at <= late))
    return len(ids)


def _destroy(stores: Stores) -> None:
    """Destroy the keys of all whose words went, those too that a broken-off run left."""
    with stores.database.read() as session:
        gone = list(session.scalars(select(Case.id).where(Case.erased_at.is_not(None))))
    if held := sorted(stores.keys.holds(gone)):
        stores.keys.destroy(held)


def _empty(session: Session, case_id: str) -> None:
    found = session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if found is None or found.erased_at is not None:
        return
    record.act(session, _permit(session, found), act="erased")
    found.ending, found.erased_at = sealing.NO_WORDS, clock.now()
    bare = update(CaseDecision).where(CaseDecision.case_id == case_id)
    session.execute(bare.values(content=sealing.NO_WORDS))
    effects.count(session, "erased")


def _permit(session: Session, found: Case) -> Permit:
    facts = queries.facts_of(session, found, clock.now())
    return permit(ACTOR, Action.CASE_SWEEP, Subject("case", found.id), facts)
