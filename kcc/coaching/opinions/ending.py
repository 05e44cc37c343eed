"""Ending second opinions: by their employee, by their time, with a function or with their report; what was
sealed for one goes with its key.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function, system
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.opinions import rules
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.opinions.rules import Ended
from kcc.notices import outbox
from kcc.people import endings
from kcc.people import queries as people
from kcc.people.model import Succession
from kcc.recordings.model import Recording
from kcc.recordings.queries import facts_of
from kcc.stores import Stores

ACTOR = system("opinions")
BATCH = 500
GOING = b""
"""What is left of a sheet whose key is to be destroyed."""
_UNSCORED = (SecondOpinion.ended_at.is_(None), SecondOpinion.finished_at.is_(None))


def locked(session: Session, opinion_id: str) -> SecondOpinion | None:
    """A second opinion that nobody else changes until the end of this transaction."""
    return session.get(SecondOpinion, opinion_id, with_for_update=True, populate_existing=True)


def close(session: Session, found: SecondOpinion, why: Ended) -> None:
    """Let a second opinion be over, and tell whom it concerns; `finish` then destroys its key.

    The caller has written the line of it. Of what is over only its dates remain. Who left is told nothing.
    """
    found.ended_at, found.ended_why = clock.now(), why.value
    found.content, found.why, found.conclusion = GOING, None, None
    session.flush()
    told = {found.second_id, found.coach_id}
    if why is not Ended.WITHDRAWN:
        told.add(found.employee_id)
    _tell(session, found, f"opinion.{why.value}", told)


def finish(stores: Stores) -> int:
    """Destroy the keys of all that are over; answers how many. Repeatable."""
    done = 0
    while ids := _going(stores):
        stores.keys.destroy(ids)
        with stores.database.write() as session:
            gone = update(SecondOpinion).where(SecondOpinion.id.in_(ids), *_is_going())
            session.execute(gone.values(content=None))
        done += len(ids)
    return done


def end_due(stores: Stores) -> int:
    """End those whose time is over, whose sound went before anybody scored, or that became a threat."""
    with stores.database.read() as session:
        query = select(SecondOpinion.id).where(*_UNSCORED).order_by(SecondOpinion.asked_at)
        ids = list(session.scalars(query))
    ended = 0
    for opinion_id in ids:
        with stores.database.write() as session:
            found = locked(session, opinion_id)
            if found is None or found.ended_at or found.finished_at:
                continue
            if why := _due(session, found, clock.now()):
                _end(session, found, why)
                ended += 1
    finish(stores)
    return ended


def follow(stores: Stores, ended: endings.Ended) -> int:
    """What follows when a function ended: of an employee who is monitored no more, and of a second coach who
    is no coach any more, what is not scored yet ends. Erases no report itself.
    """
    if ended.function is Function.EMPLOYEE and not (ended.continues and ended.with_calls):
        mine = SecondOpinion.employee_id == ended.person_id
    elif ended.function is Function.COACH and not ended.continues:
        mine = SecondOpinion.second_id == ended.person_id
    else:
        return 0
    with stores.database.write() as session:
        if endings.still(session, ended):
            _end_all(session, mine, Ended.FUNCTION)
    finish(stores)
    return 0


def pass_on(session: Session, succession: Succession) -> None:
    """Let the successor be the first coach of what is asked about reports that passed (REP-6); whoever was to
    give the second opinion on one cannot any more. `finish` destroys the keys.
    """
    mine = (
        SecondOpinion.coach_id == succession.coach_id,
        SecondOpinion.employee_id == succession.employee_id,
    )
    own = SecondOpinion.second_id == succession.successor_id
    _end_all(session, mine[0] & mine[1] & own, Ended.SUCCEEDED)
    # What the former coach confirmed, the successor has not.
    open_ = update(SecondOpinion).where(*mine, SecondOpinion.concluded_at.is_(None))
    session.execute(open_.values(coach_agreed_at=None, coach_agreed_id=None))
    session.execute(update(SecondOpinion).where(*mine).values(coach_id=succession.successor_id))


def report_goes(session: Session, report_id: str) -> int:
    """Take the second opinions on a report out of reach, with the report (REP-5); answers how many."""
    query = select(SecondOpinion).where(
        SecondOpinion.report_id == report_id, SecondOpinion.ended_why.is_distinct_from(Ended.REPORT.value)
    )
    rows = list(session.scalars(query.with_for_update()))
    for found in rows:
        scoring = found.ended_at is None and found.finished_at is None
        found.ended_at, found.ended_why = clock.now(), Ended.REPORT.value
        found.content, found.why, found.conclusion = GOING, None, None
        if scoring and found.second_id:  # this stays when the report goes, so it says of nobody
            outbox.tell(session, found.second_id, "opinion.report", day=clock.local_day(found.asked_at))
    session.flush()
    return len(rows)


def ids_of(session: Session, report_ids: Iterable[str]) -> list[str]:
    """The second opinions on some reports, whose keys go when the reports do."""
    return list(session.scalars(select(SecondOpinion.id).where(SecondOpinion.report_id.in_(report_ids))))


def unscored_of(session: Session, person_id: str, function: Function) -> int:
    """How many would end with a function of somebody: asked by an employee, or taken by a coach."""
    mine = SecondOpinion.employee_id if function is Function.EMPLOYEE else SecondOpinion.second_id
    query = select(func.count()).select_from(SecondOpinion)
    return session.scalar(query.where(mine == person_id, *_UNSCORED)) or 0


def _end_all(session: Session, which: ColumnElement[bool], why: Ended) -> None:
    query = select(SecondOpinion).where(which, *_UNSCORED).order_by(SecondOpinion.id)
    for found in session.scalars(query.with_for_update()).all():
        _end(session, found, why)


def _end(session: Session, found: SecondOpinion, why: Ended) -> None:
    record.act(session, _permit(found.id), why=why.value, employee=found.employee_id)
    close(session, found, why)


def _due(session: Session, found: SecondOpinion, now: datetime) -> Ended | None:
    recording = session.get(Recording, found.recording_id)
    heard = facts_of(recording, now) if recording else None
    return rules.over(
        now,
        found.ends_at,
        heard.due_at if heard else None,
        begun=found.revision > 0,
        threat=bool(heard and heard.threat),
    )


def _tell(session: Session, found: SecondOpinion, word: str, told: Iterable[str | None]) -> None:
    about, day = found.employee_id, clock.local_day(found.asked_at)
    name = people.names(session, [about]).get(about, "")
    reading = people.may_sign_in(session, [*filter(None, told)], clock.today())
    for person_id in sorted(reading):
        about_id = None if person_id == about else about
        outbox.tell(session, person_id, word, about_id=about_id, day=day, employee=name)


def _permit(opinion_id: str) -> Permit:
    return policy.permit(ACTOR, Action.OPINION_END, Subject("opinion", opinion_id))


def _is_going() -> tuple[ColumnElement[bool], ...]:
    return (SecondOpinion.ended_at.is_not(None), func.length(SecondOpinion.content) == 0)


def _going(stores: Stores) -> list[str]:
    query = select(SecondOpinion.id).where(*_is_going()).order_by(SecondOpinion.id).limit(BATCH)
    with stores.database.read() as session:
        return list(session.scalars(query))
