"""Who may still sign in at kcc itself beside single sign-on, and marking the emergency account's sessions."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.access import policy
from kcc.access.actions import Action
from kcc.errors import AccessDenied
from kcc.people.model import Person
from kcc.people.signin import Known, may_use_password
from kcc.people.ways import BREAK_GLASS
from kcc.sso_settings import Sso


def admitted(session: Session, known: Known, settings: Sso) -> Known:
    """Let somebody begin a session, marked where it is the emergency account's: each use of that is an alarm.

    Raises AccessDenied for whoever came in at kcc itself where that is switched off, whichever way (SEC-1).
    """
    if "sso" in known.factors:
        return known
    person_id = known.actor.person_id
    number = session.scalar(select(Person.number).where(Person.id == person_id)) or ""
    if not may_use_password(number, settings):
        subject = policy.Subject("person", person_id)
        raise AccessDenied(policy.Refusal(known.actor, Action.SIGN_IN, None, subject, person_id), "SEC-1")
    if number == settings.break_glass:
        return Known(known.actor, known.factors | {BREAK_GLASS})
    return known
