"""What people change about themselves, but for passwords (signin), sessions and functions."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.people.model import Person


def choose_language(session: Session, actor: Actor, language: str) -> None:
    """Remember the language in which somebody reads kcc ("nl" or "en"), also on other computers."""
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", actor.person_id))
    record.act(session, permit, act="choose language", language=language)
    session.execute(update(Person).where(Person.id == actor.person_id).values(language=language))
