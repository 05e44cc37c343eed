"""Whose an account at the issuer is: bound to issuer and subject once; a number only leads there."""

import hashlib

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import PersonFacts
from kcc.audit import record
from kcc.errors import N_, Invalid, KccError, Refused
from kcc.people import queries
from kcc.people.model import Person, SsoAccount
from kcc.people.sso.proven import LONGEST_SUBJECT, Proven
from kcc.sso_settings import Sso
from kcc.stores import Stores

NUMBER_LENGTH = 64


class UnknownAccount(KccError):
    """Whoever signed in there is nobody here: not known, without a function today, or known by another
    account. Which of these is not told.
    """

    status = 403
    code = "unknown_account"


def recognise(stores: Stores, proven: Proven) -> Actor:
    """Who somebody is that signed in at the issuer; raises UnknownAccount.

    Their account is bound to the person with the number that it claims when neither is bound yet. From then
    on the subject alone counts: with another e-mail or number it is still them, and another subject with the
    same number is refused (ACC-1).
    """
    settings = stores.settings.sso
    with stores.database.write() as session:
        person_id = _bound_to(session, settings.issuer, proven.subject)
        claimed = None if person_id else _claimed(session, settings, proven)
        if claimed and settings.bind_by_number and _free(session, claimed, settings.issuer):
            person_id, owner = claimed, queries.actor_of(session, claimed, clock.today())
            bind(session, owner, claimed, settings, proven.subject)
        actor = queries.actor_of(session, person_id, clock.today()) if person_id else None
        if actor and actor.posts:
            return actor
        note_refusal(session, settings, proven.subject, person_id or claimed, "ACC-1")
    raise UnknownAccount(
        N_(
            "You are signed in at your organisation, but kcc does not know this account, or you have no "
            "function in kcc today. Ask the administrator of kcc."
        )
    )


def bind(session: Session, actor: Actor, person_id: str, settings: Sso, subject: str) -> None:
    """Let an account at the issuer be a person's: at their own first sign-in, or from the command line.

    Raises Refused when either is bound already, Invalid("subject") for what cannot be one.
    """
    action = Action.SIGN_IN if actor.person_id == person_id else Action.PEOPLE_IMPORT
    permit = policy.permit(actor, action, policy.Subject("person", person_id), PersonFacts(person_id))
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise Invalid("subject", N_("This cannot be an account's subject."))
    if not settings.on:
        raise Refused(N_("There is no single sign-on: set its issuer first."))
    if _bound_to(session, settings.issuer, subject) or not _free(session, person_id, settings.issuer):
        raise Refused(N_("This person or this account is bound already."), rule="ACC-1")
    record.act(session, permit, act="bind account", account=_short(settings, subject))
    session.add(
        SsoAccount(person_id=person_id, issuer=settings.issuer, subject=subject, bound_at=clock.now())
    )
    session.flush()


def unbind(session: Session, actor: Actor, person_id: str) -> int:
    """Forget which accounts are a person's, so that another can be bound; how many there were."""
    subject, facts = policy.Subject("person", person_id), PersonFacts(person_id)
    permit = policy.permit(actor, Action.PEOPLE_IMPORT, subject, facts)
    record.act(session, permit, act="unbind account")
    whose = delete(SsoAccount).where(SsoAccount.person_id == person_id).returning(SsoAccount.id)
    return len(session.scalars(whose).all())


def note_refusal(session: Session, settings: Sso, subject: str, about: str | None, rule: str) -> None:
    """Write down that somebody came from the issuer and was not let in; the account as a short digest."""
    stranger = Actor("?", f"? {_short(settings, subject)}")
    refused = policy.Refusal(stranger, Action.SIGN_IN, None, policy.Subject("signin"), about)
    record.refusal(session, refused, rule)


def _bound_to(session: Session, issuer: str, subject: str) -> str | None:
    query = select(SsoAccount.person_id).where(SsoAccount.issuer == issuer, SsoAccount.subject == subject)
    return session.scalar(query)


def _claimed(session: Session, settings: Sso, proven: Proven) -> str | None:
    """Whom the account says it is; they are held, so that two accounts cannot both become theirs."""
    number = proven.claims.get(settings.number_claim)
    if not isinstance(number, str) or not 0 < len(number) <= NUMBER_LENGTH or not number.isprintable():
        return None
    query = select(Person.id).where(Person.number == number).with_for_update(key_share=True)
    return session.scalar(query)


def _free(session: Session, person_id: str, issuer: str) -> bool:
    query = select(SsoAccount.id).where(SsoAccount.person_id == person_id, SsoAccount.issuer == issuer)
    return session.scalar(query) is None


def _short(settings: Sso, subject: str) -> str:
    return hashlib.sha256(f"{settings.issuer}\0{subject}".encode()).hexdigest()[:16]
