"""What ends with a consent, a day or a function: sessions and their sheets, trainings; each step repeatable.

Access is over before this runs, by the facts alone: here is taken away what is left (CAL-1, RET-4).
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function, system
from kcc.access.facts import Consent
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching.calibration import comparing, queries
from kcc.coaching.calibration.model import Calibration, CalibrationSheet
from kcc.coaching.consents import queries as consents
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.training.model import Training
from kcc.notices import outbox
from kcc.people import endings
from kcc.people.endings import Ended
from kcc.recordings.model import Recording
from kcc.stores import Stores

ACTOR = system("consents")
OPEN = (Consent.ASKED, Consent.GIVEN)


@dataclass
class Swept:
    """How many sessions and trainings ended, and how many sheets went."""

    sessions: int = 0
    trainings: int = 0
    sheets: int = 0

    def __str__(self) -> str:
        return f"{self.sessions} sessions and {self.trainings} trainings ended, {self.sheets} sheets erased"


def sweep(stores: Stores) -> Swept:
    """End whatever has no ground any more, and erase the sheets of what has ended. Repeatable."""
    done, today = Swept(), clock.today()
    with stores.database.write() as session:
        for held, consent, barred in _held(session):
            why = _over(session, held, consent, today) or ("threat" if barred else "")
            if why:
                _end(session, held, why)
                done.sessions += 1
            elif held.compared_at is None:
                comparing.when_all_have_finished(session, held)
        done.trainings = _close_trainings(session, today)
        ended = select(Calibration.id).where(Calibration.ended_at.is_not(None))
        gone = delete(CalibrationSheet).where(CalibrationSheet.calibration_id.in_(ended))
        done.sheets = session.execute(gone).rowcount  # type: ignore[attr-defined] # a cursor's result has it
    return done


def follow(stores: Stores, ended: Ended) -> int:
    """Do what follows from the end of a function: an employee's consents end, and what hangs on them and was
    told of them; a coach's sessions and trainings end. No report goes, so it answers 0. Repeatable.
    """
    if ended.function in (Function.EMPLOYEE, Function.COACH) and not ended.continues:
        with stores.database.write() as session:
            if not endings.still(session, ended):
                return 0
            if ended.function is Function.EMPLOYEE:
                _withdraw_all(session, ended.person_id)
                outbox.forget_topic(session, ended.person_id, "consent")
        sweep(stores)
    return 0


def standing_of(session: Session, person_id: str, function: Function, today: date) -> tuple[int, int, int]:
    """How many consents (asked or given, of an employee), sessions and trainings (led, by a coach) would end
    with a function of somebody.
    """
    if function is Function.EMPLOYEE:
        mine = (CallConsent.employee_id == person_id, CallConsent.state.in_([one.value for one in OPEN]))
        query = select(func.count()).select_from(CallConsent)
        return session.scalar(query.where(*mine)) or 0, 0, 0
    sessions = select(func.count()).select_from(Calibration)
    led = sessions.where(Calibration.facilitator_id == person_id, queries.going_on(today))
    trainings = select(func.count()).select_from(Training)
    given = trainings.where(
        Training.trainer_id == person_id, Training.closed_at.is_(None), Training.ends >= today
    )
    return 0, session.scalar(led) or 0, session.scalar(given) or 0


def _held(session: Session) -> list[tuple[Calibration, CallConsent, bool]]:
    query = (
        select(Calibration, CallConsent, Recording.sample_barred)
        .join(CallConsent, CallConsent.id == Calibration.consent_id)
        .join(Recording, Recording.id == CallConsent.recording_id)
        .where(Calibration.ended_at.is_(None))
        .order_by(Calibration.id)
        .with_for_update(of=Calibration)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _over(session: Session, held: Calibration, consent: CallConsent, today: date) -> str:
    """Why a session has ended, in a word; empty when it goes on."""
    if held.ends < today:
        return "past"
    if consents.said(session, consent, today) not in OPEN:
        return "consent"
    coach = consents.holding(session, [held.facilitator_id], [Function.COACH], today)
    return "" if coach else "function"


def _end(session: Session, held: Calibration, why: str) -> None:
    subject = Subject("calibration", held.id)
    record.act(session, policy.permit(ACTOR, Action.CONSENT_END, subject), why=why)
    held.ended_at = clock.now()
    for coach_id in sorted(
        {held.facilitator_id, *(one.coach_id for one in queries.scorers_of(session, held.id))}
    ):
        outbox.tell(session, coach_id, "calibration.ended")
    session.flush()


def _close_trainings(session: Session, today: date) -> int:
    """Trainings past their last day, and those whose trainer is no coach any more."""
    coaches = set(consents.holders(session, [Function.COACH], today))
    query = select(Training).where(
        Training.closed_at.is_(None), or_(Training.ends < today, Training.trainer_id.not_in(coaches))
    )
    over = list(session.scalars(query.order_by(Training.id)))
    for training in over:
        subject = Subject("training", training.id)
        why = "past" if training.ends < today else "function"
        record.act(session, policy.permit(ACTOR, Action.CONSENT_END, subject), why=why)
        training.closed_at = clock.now()
    session.flush()
    return len(over)


def _withdraw_all(session: Session, employee_id: str) -> None:
    mine = (CallConsent.employee_id == employee_id, CallConsent.state.in_([one.value for one in OPEN]))
    if session.scalar(select(CallConsent.id).where(*mine).limit(1)) is None:
        return
    subject = Subject("person", employee_id)
    record.act(session, policy.permit(ACTOR, Action.CONSENT_END, subject), why="function")
    gone = update(CallConsent).where(*mine).values(state=Consent.WITHDRAWN.value, answered_at=clock.now())
    session.execute(gone)
