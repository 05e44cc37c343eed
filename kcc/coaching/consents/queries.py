"""Reading consents, and what they say of a call at a moment; writes nothing."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Function
from kcc.access.facts import Consent, OfferFacts
from kcc.access.purposes import Purpose
from kcc.coaching.consents.model import CallConsent
from kcc.db import hidden
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.people.model import FunctionPeriod
from kcc.recordings.model import Recording
from kcc.recordings.queries import facts_of, out_of_sight


def of_recording(session: Session, recording_id: str) -> dict[str, CallConsent]:
    """What was asked or said about a recording, by purpose."""
    query = select(CallConsent).where(CallConsent.recording_id == recording_id)
    return {consent.purpose: consent for consent in session.scalars(query)}


def said(session: Session, consent: CallConsent, day: date) -> Consent:
    """What an employee's word counts for on a day: of somebody who is no employee any more, nothing."""
    state = Consent(consent.state)
    return state if holding(session, [consent.employee_id], (Function.EMPLOYEE,), day) else Consent.WITHDRAWN


def holding(
    session: Session, person_ids: Collection[str], functions: Collection[Function], day: date
) -> frozenset[str]:
    """Those of some people who hold one of these functions on a day."""
    query = select(FunctionPeriod.person_id).where(
        FunctionPeriod.person_id.in_(person_ids), _in_force(functions, day)
    )
    return frozenset(session.scalars(query))


def _in_force(functions: Collection[Function], day: date) -> ColumnElement[bool]:
    begun = FunctionPeriod.begins <= day
    lasts = or_(FunctionPeriod.ends.is_(None), FunctionPeriod.ends > day)
    return FunctionPeriod.function.in_([function.value for function in functions]) & begun & lasts


def holders(session: Session, functions: Collection[Function], day: date) -> list[str]:
    """Everybody who holds one of these functions on a day."""
    query = select(FunctionPeriod.person_id).distinct().where(_in_force(functions, day))
    return list(session.scalars(query))


def offer_facts(session: Session, consent_id: str, now: datetime) -> OfferFacts:
    """The facts of a call that is offered for calibration, or NotFound."""
    row = session.execute(
        select(CallConsent, Recording)
        .join(Recording, Recording.id == CallConsent.recording_id)
        .where(CallConsent.id == consent_id, CallConsent.purpose == Purpose.CALIBRATION.value)
    ).one_or_none()
    if row is None and hidden(session, "consent", consent_id):
        return OfferFacts(out_of_sight(now), Consent.NONE, frozenset())
    if row is None:
        raise NotFound
    consent, recording = row
    today = clock.local_day(now)
    coaches = people.coaches_of(session, consent.employee_id, today) if not consent.asked_by_id else ()
    return OfferFacts(facts_of(recording, now), said(session, consent, today), frozenset(coaches))


def offered(session: Session, coach_id: str, now: datetime) -> list[CallConsent]:
    """The calls that this coach's employees offer for calibration, and that can be heard now."""
    employees = people.employees_of(session, coach_id, clock.local_day(now)) - {coach_id}
    query = (
        select(CallConsent)
        .join(Recording, Recording.id == CallConsent.recording_id)
        .where(
            CallConsent.employee_id.in_(employees),
            CallConsent.purpose == Purpose.CALIBRATION.value,
            CallConsent.state == Consent.GIVEN.value,
            CallConsent.asked_by_id.is_(None),
            Recording.state == "live",
            Recording.due_at > now,
            Recording.sample_barred.is_(False),
        )
        .order_by(CallConsent.answered_at)
    )
    return list(session.scalars(query))


def unanswered(session: Session, employee_id: str, now: datetime) -> list[str]:
    """The recordings about which an employee was asked and has not answered, those asked first on top."""
    query = (
        select(CallConsent.recording_id)
        .distinct()
        .join(Recording, Recording.id == CallConsent.recording_id)
        .where(
            CallConsent.employee_id == employee_id,
            CallConsent.state == Consent.ASKED.value,
            Recording.state == "live",
            Recording.due_at > now,
            Recording.sample_barred.is_(False),
        )
        .order_by(CallConsent.recording_id)
    )
    return list(session.scalars(query))
