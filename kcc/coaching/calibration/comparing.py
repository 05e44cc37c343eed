"""Laying the blind sheets open: by itself when all have finished, or by whoever leads the session (CAL-3)."""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching.calibration import queries, rules
from kcc.coaching.calibration.model import Calibration
from kcc.coaching.consents import queries as consents
from kcc.errors import N_, NotFound, Refused
from kcc.notices import outbox


def when_all_have_finished(session: Session, held: Calibration) -> bool:
    """Lay the sheets open if nobody is waited for any more; whether they lie open now.

    Whoever is no coach any more is not waited for; the caller holds the session's row.
    """
    finished = {one.coach_id: one.finished_at is not None for one in queries.scorers_of(session, held.id)}
    coaches = consents.holding(session, list(finished), [Function.COACH], clock.today())
    if not rules.all_done(finished, coaches):
        return False
    _open(session, held)
    return True


def early(session: Session, actor: Actor, calibration_id: str) -> None:
    """Compare the sheets of those who have finished, without waiting for the others.

    What the others began counts for nothing and is never seen. Refused with fewer than two finished sheets.
    """
    facts = queries.facts(session, calibration_id, clock.now())
    subject = Subject("calibration", calibration_id)
    permit = policy.permit(actor, Action.CALIBRATION_LEAD, subject, facts)
    held = session.get(Calibration, calibration_id, with_for_update=True, populate_existing=True)
    if held is None:
        raise NotFound
    if held.compared_at is not None:
        return
    done = sum(one.finished_at is not None for one in queries.scorers_of(session, calibration_id))
    if done < rules.FEWEST:
        raise Refused(N_("Comparing takes at least two finished forms."), rule="CAL-3", code="too_few")
    record.act(session, permit, act="compared", finished=done)
    _open(session, held)


def end(session: Session, actor: Actor, calibration_id: str) -> None:
    """End a session of one's own; the sheets go with ending.sweep. What was agreed stays."""
    facts = queries.facts(session, calibration_id, clock.now())
    subject = Subject("calibration", calibration_id)
    permit = policy.permit(actor, Action.CALIBRATION_LEAD, subject, facts)
    record.act(session, permit, act="ended")
    session.get_one(Calibration, calibration_id).ended_at = clock.now()
    session.flush()


def _open(session: Session, held: Calibration) -> None:
    held.compared_at = clock.now()
    session.flush()
    people = {held.facilitator_id, *(one.coach_id for one in queries.scorers_of(session, held.id))}
    for coach_id in sorted(people):
        outbox.tell(session, coach_id, "calibration.compared", day=held.ends)
