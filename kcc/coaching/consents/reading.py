"""What an employee sees of the uses of a call of theirs: who asks, for what, who will hear it, until when."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import Consent
from kcc.access.policy import Permit, Subject
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.coaching.calibration import queries as calibrations
from kcc.coaching.consents import queries
from kcc.coaching.consents.answering import PURPOSES
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.training import queries as trainings
from kcc.coaching.training.model import Training
from kcc.people import queries as people
from kcc.recordings import queries as recordings


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a call: what was said to it, who asked (None: nobody), who hears it, and its last day.

    `hearers` is empty and `until` None while nobody is named yet: a call that was only offered.
    """

    purpose: Purpose
    state: Consent
    asker: str | None = None
    training: str | None = None
    hearers: tuple[str, ...] = ()
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Uses:
    """The uses of a call, and the trainings of one's coach for which it can be offered."""

    permit: Permit
    recording_id: str
    uses: list[Use]
    trainings: list[tuple[str, str]]
    last_day: date
    threat: bool
    coached: bool


def own(session: Session, actor: Actor, recording_id: str) -> Uses:
    """The uses of a call of the actor's own; logged."""
    facts = recordings.facts(session, recording_id, clock.now())
    permit = policy.permit(actor, Action.CONSENT_WITHDRAW, Subject("recording", recording_id), facts)
    record.act(session, permit, act="looked")
    asked, today = queries.of_recording(session, recording_id), clock.today()
    coaches = people.coaches_of(session, actor.person_id, today) - {actor.person_id}
    offers = trainings.led_by(session, sorted(coaches), today) if coaches else []
    last = clock.local_day(facts.due_at)
    return Uses(
        permit=permit,
        recording_id=recording_id,
        uses=[_use(session, purpose, asked.get(purpose), last) for purpose in PURPOSES],
        trainings=[(training.id, training.name) for training in offers],
        last_day=last,
        threat=facts.threat,
        coached=bool(coaches),
    )


def waiting(session: Session, employee_id: str) -> list[str]:
    """The recordings about which an employee was asked and has not answered, those asked first on top."""
    return queries.unanswered(session, employee_id, clock.now())


def _use(session: Session, purpose: Purpose, consent: CallConsent | None, last: date) -> Use:
    if consent is None:
        return Use(purpose, Consent.NONE)
    heard = _calibration(session, consent) if purpose is Purpose.CALIBRATION else _training(session, consent)
    training, hearers, until = heard
    asker = str(consent.asked_by_id) if consent.asked_by_id else None
    names = people.names(session, {*hearers, *([asker] if asker else [])})
    return Use(
        purpose=purpose,
        state=Consent(consent.state),
        asker=names.get(asker) if asker else None,
        training=training,
        hearers=tuple(sorted(names[one] for one in hearers if one in names)),
        until=min(until, last) if until else None,
    )


def _calibration(session: Session, consent: CallConsent) -> tuple[str | None, set[str], date | None]:
    held = calibrations.of_consent(session, consent.id, clock.today())
    if held is None:
        return None, set(), None
    scorers = {one.coach_id for one in calibrations.scorers_of(session, held.id)}
    return None, scorers | {held.facilitator_id}, held.ends


def _training(session: Session, consent: CallConsent) -> tuple[str | None, set[str], date | None]:
    training = session.get(Training, consent.training_id)
    if training is None:
        return None, set(), None
    inside = trainings.participants_of(session, training.id)
    return training.name, {training.trainer_id, *inside}, training.ends
