"""Removing second factors: one by its owner, all by the administrator; never quietly, nor the last one."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import PersonFacts
from kcc.audit import record
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.notices import outbox
from kcc.people import sessions
from kcc.people.factors import queries
from kcc.people.factors.model import AuthenticatorApp, Passkey, RecoveryCode
from kcc.people.model import Person
from kcc.sections import Signin

LONGEST_REASON = 500


def remove(session: Session, limits: Signin, actor: Actor, factor_id: str) -> str:
    """Remove one's own factor; gives its name. With the last one the recovery codes go.

    Raises NotFound for another's, Refused for the last one where one is required. The person is locked, so
    that two who remove the last two at once do not both succeed.
    """
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", actor.person_id))
    _lock(session, actor.person_id)
    held = queries.held(session, actor.person_id)
    found = next((one for one in held if one.id == factor_id), None)
    if found is None:
        raise NotFound
    if len(held) == 1 and limits.second_factor == "required":
        raise Refused(
            N_("This is your last way to prove that it is you. Add another one first."), rule="SEC-1"
        )
    record.act(session, permit, act="remove second factor", kind=found.kind)
    for table in (AuthenticatorApp, Passkey):
        session.execute(delete(table).where(table.id == factor_id))
    if len(held) == 1:
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == actor.person_id))
    return found.name


def reset(session: Session, actor: Actor, person_id: str, reason: str) -> None:
    """Take all second factors and recovery codes of somebody who lost them, and sign them out everywhere.

    They choose a new one at the next sign-in. Nobody resets their own (ACC-6): whoever stole a session
    could. Raises NotFound for a stranger, Invalid("reason").
    """
    subject = policy.Subject("person", person_id)
    permit = policy.permit(actor, Action.SECOND_FACTOR_RESET, subject, PersonFacts(person_id))
    _lock(session, person_id)
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid("reason", N_("Say why: the person is told, and the log keeps it."))
    if len(reason) > LONGEST_REASON:
        raise Invalid("reason", N_("Use at most %(count)d characters."), count=LONGEST_REASON)
    record.act(session, permit, reason=reason)
    outbox.tell(session, person_id, "signin.reset", reason=reason)
    for table in (AuthenticatorApp, Passkey, RecoveryCode):
        session.execute(delete(table).where(table.person_id == person_id))
    sessions.end_of_person(session, person_id)


def _lock(session: Session, person_id: str) -> None:
    if session.scalar(select(Person.id).where(Person.id == person_id).with_for_update()) is None:
        raise NotFound
