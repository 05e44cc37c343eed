"""Reading calibration sessions, and the facts by which the policy judges them; writes nothing."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import CalibrationFacts, Consent, RecordingState
from kcc.coaching import quality_plan
from kcc.coaching.calibration.model import Calibration, CalibrationScorer, ItemInterpretation
from kcc.coaching.consents import queries as consents
from kcc.coaching.consents.model import CallConsent
from kcc.db import hidden
from kcc.errors import NotFound
from kcc.recordings.model import Recording
from kcc.recordings.queries import facts_of, out_of_sight


def facts(session: Session, calibration_id: str, now: datetime) -> CalibrationFacts:
    """The facts of a session, or NotFound, also when its recording is gone."""
    row = session.execute(
        select(Calibration, CallConsent, Recording)
        .join(CallConsent, CallConsent.id == Calibration.consent_id)
        .join(Recording, Recording.id == CallConsent.recording_id)
        .where(Calibration.id == calibration_id)
    ).one_or_none()
    if row is None and hidden(session, "calibration", calibration_id):
        return _of_nobody(now)
    if row is None:
        raise NotFound
    found, consent, recording = row
    scorers, today = scorers_of(session, calibration_id), clock.local_day(now)
    return CalibrationFacts(
        recording=facts_of(recording, now),
        consent=consents.said(session, consent, today),
        facilitator_id=found.facilitator_id,
        scorer_ids=frozenset(one.coach_id for one in scorers),
        finished_ids=frozenset(one.coach_id for one in scorers if one.finished_at),
        going_on=found.ended_at is None and today <= found.ends,
        compared=found.compared_at is not None,
    )


def _of_nobody(now: datetime) -> CalibrationFacts:
    nobody: frozenset[str] = frozenset()
    return CalibrationFacts(
        out_of_sight(now), Consent.NONE, "", nobody, nobody, going_on=False, compared=False
    )


def scorers_of(session: Session, calibration_id: str) -> list[CalibrationScorer]:
    """Who scores in a session."""
    query = select(CalibrationScorer).where(CalibrationScorer.calibration_id == calibration_id)
    return list(session.scalars(query.order_by(CalibrationScorer.coach_id)))


def mine(session: Session, coach_id: str, now: datetime) -> list[tuple[Calibration, CallConsent]]:
    """The sessions going on that a coach leads or scores in, those that end first on top."""
    scores = select(CalibrationScorer.calibration_id).where(CalibrationScorer.coach_id == coach_id)
    query = (
        select(Calibration, CallConsent)
        .join(CallConsent, CallConsent.id == Calibration.consent_id)
        .join(Recording, Recording.id == CallConsent.recording_id)
        .where(
            or_(Calibration.facilitator_id == coach_id, Calibration.id.in_(scores)),
            CallConsent.employee_id != coach_id,
            going_on(clock.local_day(now)),
            Recording.state == RecordingState.LIVE.value,
            Recording.due_at > now,
            Recording.sample_barred.is_(False),
        )
        .order_by(Calibration.ends, Calibration.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def going_on(today: date) -> ColumnElement[bool]:
    """The condition of a session within its days that nobody ended."""
    return and_(Calibration.ended_at.is_(None), Calibration.ends >= today)


def of_consent(session: Session, consent_id: str, today: date) -> Calibration | None:
    """The session going on about a call, if there is one."""
    query = select(Calibration).where(Calibration.consent_id == consent_id, going_on(today))
    return session.scalar(query)


def agreed(session: Session, form_version: int) -> dict[int, ItemInterpretation]:
    """What coaches agreed about the items of a form version: of each item the newest.

    It stays with an item that a later version left as it was.
    """
    query = (
        select(ItemInterpretation)
        .where(ItemInterpretation.form_version <= form_version)
        .order_by(ItemInterpretation.form_version, ItemInterpretation.agreed_at, ItemInterpretation.id)
    )
    items = quality_plan.form(session, form_version).items
    found = {}
    for one in session.scalars(query):
        of_then = quality_plan.form(session, one.form_version).items.get(one.item)
        if of_then is not None and of_then == items.get(one.item):
            found[one.item] = one
    return found
