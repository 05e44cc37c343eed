"""Reading second opinions, and the facts by which the policy judges them; writes nothing."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Function
from kcc.access.facts import OpinionFacts, OpinionState
from kcc.coaching.opinions import rules
from kcc.coaching.opinions.model import SecondOpinion
from kcc.db import hidden
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.people.model import FunctionPeriod
from kcc.recordings.model import Recording
from kcc.recordings.queries import facts_of, out_of_sight


def facts(session: Session, opinion_id: str, now: datetime) -> OpinionFacts:
    """The facts of a second opinion at a moment, or NotFound."""
    found = session.get(SecondOpinion, opinion_id)
    if found is None and hidden(session, "opinion", opinion_id):
        return OpinionFacts(out_of_sight(now), "", None, False, None, None, OpinionState.ENDED)
    if found is None:
        raise NotFound
    return facts_of_row(session, found, now)


def facts_of_row(session: Session, found: SecondOpinion, now: datetime) -> OpinionFacts:
    """The same of a row at hand; of an erased call only that it is gone. Of somebody who is no employee any
    more it is over, also while what follows from that waits for a person to confirm it (REP-5).
    """
    recording, day = session.get(Recording, found.recording_id), clock.local_day(now)
    return OpinionFacts(
        recording=facts_of(recording, now) if recording else out_of_sight(now),
        employee_id=found.employee_id,
        coach_id=found.coach_id,
        coach_assigned=found.coach_id in people.coaches_of(session, found.employee_id, day),
        author_id=found.author_id,
        second_id=found.second_id,
        state=state(found, now) if _employed(session, found.employee_id, day) else OpinionState.ENDED,
        lead_ids=leads(session, found.employee_id, day),
        readable=rules.readable(now, found.finished_at),
    )


def state(found: SecondOpinion, now: datetime) -> OpinionState:
    """Where a second opinion stands at a moment."""
    return rules.state(
        now,
        found.ends_at,
        taken=found.second_id is not None,
        finished=found.finished_at is not None,
        concluded=found.concluded_at is not None,
        ended=found.ended_at is not None,
    )


def _employed(session: Session, person_id: str, day: date) -> bool:
    held = (FunctionPeriod.function == Function.EMPLOYEE.value, people.holds_on(FunctionPeriod, day))
    query = select(FunctionPeriod.id).where(FunctionPeriod.person_id == person_id, *held)
    return session.scalar(query.limit(1)) is not None


def leads(session: Session, employee_id: str, day: date) -> frozenset[str]:
    """Who leads a team in which somebody is an employee on a day."""
    held = people.holds_on(FunctionPeriod, day)
    teams = select(FunctionPeriod.team_id).where(
        FunctionPeriod.person_id == employee_id, FunctionPeriod.function == Function.EMPLOYEE.value, held
    )
    query = select(FunctionPeriod.person_id).where(
        FunctionPeriod.function == Function.TEAM_LEAD.value,
        FunctionPeriod.team_id.in_(list(session.scalars(teams))),
        held,
    )
    return frozenset(session.scalars(query))


def other_coaches(
    session: Session, employee_id: str, first_ids: Sequence[str | None], day: date
) -> list[str]:
    """The coaches who could give a second opinion on somebody: not those who wrote or have the report, and
    no team lead of theirs.
    """
    query = select(FunctionPeriod.person_id).where(
        FunctionPeriod.function == Function.COACH.value,
        people.holds_on(FunctionPeriod, day),
    )
    return sorted({*session.scalars(query)} - {employee_id, *first_ids} - leads(session, employee_id, day))


def of_report(session: Session, report_id: str) -> SecondOpinion | None:
    """The second opinion on a report that stands, or else the newest that is over."""
    query = select(SecondOpinion).where(SecondOpinion.report_id == report_id)
    standing = query.order_by(SecondOpinion.ended_at.is_not(None), SecondOpinion.asked_at.desc())
    return session.scalars(standing).first()


def untaken(session: Session, now: datetime) -> list[tuple[SecondOpinion, Recording]]:
    """Those that wait for a coach, with their calls: what is asked first stands on top."""
    query = (
        select(SecondOpinion, Recording)
        .join(Recording, Recording.id == SecondOpinion.recording_id)
        .where(
            SecondOpinion.second_id.is_(None),
            SecondOpinion.ended_at.is_(None),
            SecondOpinion.ends_at > now,
        )
        .order_by(SecondOpinion.asked_at, SecondOpinion.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def taken_by(session: Session, person_id: str) -> list[SecondOpinion]:
    """Those that somebody took and that are not over: the oldest on top."""
    query = select(SecondOpinion).where(
        SecondOpinion.second_id == person_id,
        SecondOpinion.ended_at.is_(None),
        SecondOpinion.concluded_at.is_(None),
    )
    return list(session.scalars(query.order_by(SecondOpinion.taken_at, SecondOpinion.id)))
