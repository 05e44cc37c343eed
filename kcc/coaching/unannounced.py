"""Agreeing that an employee's selection dates are not announced (ANN-2): asked by the employee, answered by
the coach, taken back by the employee at any time. The dates themselves are planned.dates'.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.model import SelectionDate
from kcc.coaching.planned import dates, queries, rules, texts
from kcc.coaching.planned.model import UnannouncedAgreement
from kcc.coaching.planned.rules import Ended
from kcc.coaching.turns import alone
from kcc.config import Settings
from kcc.errors import N_, Invalid, Refused
from kcc.notices import outbox
from kcc.people import queries as people
from kcc.vault.keystore import KeyStore

SUBJECT = Subject("unannounced")


def ask(session: Session, actor: Actor) -> UnannouncedAgreement:
    """Ask, as an employee, that one's own dates are not announced; each of one's coaches may answer.

    Refused when it has been asked already, and without a coach.
    """
    alone(session, SelectionDate)
    permit = policy.permit(actor, Action.UNANNOUNCED_ASK, SUBJECT)
    if queries.open_agreements(session, [actor.person_id]):
        raise Refused(N_("You have asked this already."), code="twice", rule="ANN-2")
    coaches = people.coaches_of(session, actor.person_id, clock.today()) - {actor.person_id}
    if not coaches:
        raise Refused(N_("You have no coach at the moment with whom to agree on this."), rule="ANN-2")
    record.act(session, permit, step="asked")
    asked = UnannouncedAgreement(employee_id=actor.person_id, asked_at=clock.now())
    session.add(asked)
    session.flush()
    for coach_id in sorted(coaches):
        word, me = "unannounced.asked", actor.person_id
        outbox.tell(session, coach_id, word, about_id=me, employee=actor.name)
    return asked


def answer(
    session: Session, keys: KeyStore, actor: Actor, employee_id: str, *, agree: bool, reason: str = ""
) -> None:
    """Agree, or not and say why, as a coach of the employee who asked.

    From a yes on dates are fixed without announcing them; what was announced before stays so. Refused when
    nothing waits for an answer; Invalid names "reason".
    """
    alone(session, SelectionDate)
    facts = queries.coached(session, employee_id)
    permit = policy.permit(actor, Action.UNANNOUNCED_ANSWER, Subject("person", employee_id), facts)
    asked = queries.open_agreements(session, [employee_id]).get(employee_id)
    if asked is None or asked.agreed is not None:
        raise Refused(N_("Nothing waits for your answer here any more."), code="answered", rule="ANN-2")
    text = reason.strip()
    if not agree and not text:
        raise Invalid("reason", N_("Say why not: the employee reads it."))
    if len(text) > rules.LONGEST:
        raise Invalid("reason", N_("Use at most %(most)d characters."), most=rules.LONGEST)
    record.act(session, permit, step="agreed" if agree else "refused")
    now = clock.now()
    asked.coach_id, asked.answered_at, asked.agreed = actor.person_id, now, agree
    if not agree:
        asked.reason = texts.seal(keys, texts.REFUSAL, asked.id, text)
        asked.ended_at, asked.ended_why = now, Ended.REFUSED.value
    session.flush()
    word = "unannounced.agreed" if agree else "unannounced.refused"
    outbox.tell(session, employee_id, word, coach=actor.name)


def revoke(session: Session, actor: Actor, settings: Settings) -> None:
    """Take back, as an employee, what one asked or agreed; in force at once (ANN-2).

    Dates fixed without announcing them are announced now, or moved where there is no time for that. Refused
    when nothing stands.
    """
    alone(session, SelectionDate)
    permit = policy.permit(actor, Action.UNANNOUNCED_ASK, SUBJECT)
    mine = queries.open_agreements(session, [actor.person_id]).get(actor.person_id)
    if mine is None:
        raise Refused(N_("Your selection dates are announced already."), code="twice", rule="ANN-2")
    record.act(session, permit, step="revoked")
    _end(session, mine, Ended.REVOKED)
    dates.release(session, actor.person_id, settings)
    told = people.coaches_of(session, actor.person_id, clock.today()) - {actor.person_id}
    for coach_id in sorted(told):
        word, me = "unannounced.revoked", actor.person_id
        outbox.tell(session, coach_id, word, about_id=me, employee=actor.name)


def lapse(session: Session, actor: Actor, settings: Settings) -> int:
    """End the agreements whose coach does not coach the employee any more; answers how many.

    Run before dates are fixed and before they are drawn: nothing is drawn unannounced without an agreement.
    """
    over = select(UnannouncedAgreement).where(
        UnannouncedAgreement.ended_at.is_(None), UnannouncedAgreement.agreed.is_(True)
    )
    lapsed = 0
    for agreement in list(session.scalars(over)):
        if queries.stands(session, agreement, clock.today()):
            continue
        alone(session, SelectionDate)
        record.act(session, _line(actor, agreement), step="agreement over", why=Ended.COACH.value)
        _end(session, agreement, Ended.COACH)
        outbox.tell(session, agreement.employee_id, "unannounced.lapsed")
        dates.release(session, agreement.employee_id, settings)
        lapsed += 1
    return lapsed


def end_with_function(session: Session, actor: Actor, employee_id: str) -> None:
    """End what somebody asked or agreed as an employee, with that function; their dates lapse beside it."""
    mine = queries.open_agreements(session, [employee_id]).get(employee_id)
    if mine is not None:
        record.act(session, _line(actor, mine), step="agreement over", why=Ended.FUNCTION.value)
        _end(session, mine, Ended.FUNCTION)


def _end(session: Session, agreement: UnannouncedAgreement, why: Ended) -> None:
    agreement.ended_at, agreement.ended_why = clock.now(), why.value
    session.flush()


def _line(actor: Actor, agreement: UnannouncedAgreement) -> Permit:
    return policy.permit(actor, Action.SELECTION_ANNOUNCE, Subject("unannounced", agreement.id))
