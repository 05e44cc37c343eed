"""Reading trainings and the calls in them, and the facts by which the policy judges them; writes nothing."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import Consent, RecordingState, TrainingCallFacts, TrainingFacts
from kcc.coaching.consents import queries as consents
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.training.model import Training, TrainingParticipant
from kcc.coaching.training.rules import Kind
from kcc.db import hidden
from kcc.errors import NotFound
from kcc.recordings.model import Recording
from kcc.recordings.queries import facts_of, out_of_sight

_NOBODYS = TrainingFacts("", frozenset(), coaches_only=True, lasts=False, begun=False)


def facts(session: Session, training_id: str, now: datetime) -> TrainingFacts:
    """The facts of a training, or NotFound."""
    training = session.get(Training, training_id)
    if training is None and hidden(session, "training", training_id):
        return _NOBODYS
    if training is None:
        raise NotFound
    today = clock.local_day(now)
    return TrainingFacts(
        trainer_id=training.trainer_id,
        participant_ids=participants_of(session, training_id),
        coaches_only=training.kind == Kind.COACHING.value,
        lasts=training.closed_at is None and today <= training.ends,
        begun=training.begins <= today,
    )


def call_facts(session: Session, consent_id: str, now: datetime) -> TrainingCallFacts:
    """The facts of a call in a training, or NotFound, also when its recording is gone."""
    row = session.execute(
        select(CallConsent, Recording)
        .join(Recording, Recording.id == CallConsent.recording_id)
        .where(CallConsent.id == consent_id, CallConsent.training_id.is_not(None))
    ).one_or_none()
    if row is None and hidden(session, "consent", consent_id):
        return TrainingCallFacts(out_of_sight(now), Consent.NONE, _NOBODYS)
    if row is None:
        raise NotFound
    consent, recording = row
    word = consents.said(session, consent, clock.local_day(now))
    return TrainingCallFacts(facts_of(recording, now), word, facts(session, str(consent.training_id), now))


def participants_of(session: Session, training_id: str) -> frozenset[str]:
    """Who is in a training, besides its trainer."""
    query = select(TrainingParticipant.person_id).where(TrainingParticipant.training_id == training_id)
    return frozenset(session.scalars(query))


def open_on(today: date) -> ColumnElement[bool]:
    """The condition of a training that is held, or still will be."""
    return and_(Training.closed_at.is_(None), Training.ends >= today)


def led_by(session: Session, trainer_ids: Collection[str], today: date) -> list[Training]:
    """The trainings of some trainers that are held or will be: those for which calls can be asked."""
    query = select(Training).where(Training.trainer_id.in_(trainer_ids), open_on(today))
    return list(session.scalars(query.order_by(Training.begins, Training.id)))


def mine(session: Session, person_id: str, today: date, *, coach: bool) -> list[Training]:
    """The trainings that somebody leads, and those held now that they take part in."""
    inside = select(TrainingParticipant.training_id).where(TrainingParticipant.person_id == person_id)
    open_to = Training.kind.in_([kind.value for kind in Kind if coach or kind is Kind.CUSTOMER_CONTACT])
    query = select(Training).where(
        open_on(today), or_(Training.trainer_id == person_id, and_(Training.id.in_(inside), open_to))
    )
    return list(session.scalars(query.order_by(Training.begins, Training.id)))


def calls_in(session: Session, training_id: str, now: datetime) -> list[tuple[CallConsent, int]]:
    """The calls that can be heard in a training now, with their durations in milliseconds."""
    query = (
        select(CallConsent, Recording.duration_ms)
        .join(Recording, Recording.id == CallConsent.recording_id)
        .where(
            CallConsent.training_id == training_id,
            CallConsent.state == Consent.GIVEN.value,
            Recording.state == RecordingState.LIVE.value,
            Recording.due_at > now,
            Recording.sample_barred.is_(False),
        )
        .order_by(CallConsent.answered_at, CallConsent.id)
    )
    today = clock.local_day(now)
    rows = [(row[0], row[1]) for row in session.execute(query)]
    return [(one, ms) for one, ms in rows if consents.said(session, one, today) is Consent.GIVEN]
