"""Signing in with number and password; the growing delay is throttle's, the session it leads to sessions'."""

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import PersonFacts
from kcc.audit import record
from kcc.errors import N_, KccError, NotFound
from kcc.people import passwords, queries, sessions, throttle
from kcc.people.model import Person
from kcc.sections import Signin
from kcc.sso_settings import Sso
from kcc.stores import Stores

NUMBER_LENGTH = 64


class WrongSignin(KccError):
    """Number and password do not belong together; whether the number exists is not told."""

    status = 401
    code = "wrong_signin"


@dataclass(frozen=True, slots=True)
class Known:
    """Who gave a first proof of who they are, and which; kcc.web.entering leads from here to the session."""

    actor: Actor
    factors: frozenset[str] = frozenset({"password"})


def check_password(stores: Stores, number: str, password: str, *, key: bytes) -> Known:
    """Find out who signs in; raises WrongSignin or TryLater, for known and unknown numbers alike (SEC-1).

    Two transactions with the hashing between them, so that no lock is held meanwhile. The attempt is counted
    before the password is looked at: many at once cannot overtake the delay, in which none is tried.
    `key` is the secret under which typed numbers are kept, since somebody may have typed a password there.
    """
    typed = number.strip()
    slot = _slot(typed, key)
    with stores.database.write() as session:
        throttle.count_attempt(session, slot)
        query = select(Person.id, Person.password_hash).where(Person.number == _findable(typed))
        found = session.execute(query).one_or_none()
    right = passwords.matches(found.password_hash if found else None, password)
    with stores.database.write() as session:
        actor = queries.actor_of(session, found.id, clock.today()) if found else None
        if actor and actor.posts and right and may_use_password(typed, stores.settings.sso):
            throttle.forget(session, slot)
            _renew_hash(session, actor.person_id, password)
            return Known(actor)
        stranger = Actor("?", f"? {slot.hex()[:16]}")
        subject = policy.Subject("signin")
        refused = policy.Refusal(stranger, Action.SIGN_IN, None, subject, found.id if found else None)
        record.refusal(session, refused, "ACC-1" if right else "SEC-1")
    raise WrongSignin(N_("Number and password do not belong together. Check both and try again."))


def counted(stores: Stores, number: str, *, key: bytes) -> Actor | None:
    """Whose number somebody types, None for nobody's: the attempt is counted before anything is looked at.

    Raises TryLater; whoever proves that it was theirs lets the counting begin anew.
    """
    with stores.database.write() as session:
        throttle.count_attempt(session, slot(number, key))
    with stores.database.read() as session:
        person_id = session.scalar(select(Person.id).where(Person.number == _findable(number.strip())))
        return queries.actor_of(session, person_id, clock.today()) if person_id else None


def slot(number: str, key: bytes) -> bytes:
    """Where failures with a typed number are counted."""
    return _slot(number.strip(), key)


def change_password(stores: Stores, actor: Actor, current: str, new: str, *, key: bytes) -> None:
    """Give oneself another password, proving the current one, and sign out everywhere else.

    Raises Invalid("password") for a new one that is not good enough, WrongSignin or TryLater for the current.
    Several transactions, as check_password and for the same reason.
    """
    subject = policy.Subject("person", actor.person_id)
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, subject)
    with stores.database.write() as session:
        person = _person(session, actor.person_id)
        check_new(session, person.id, new, stores.settings.signin)
        before = person.password_hash
        slot = _slot(person.number, key)
        throttle.count_attempt(session, slot)
    right = passwords.matches(before, current)
    kept = passwords.hashed(new) if right else None
    with stores.database.write() as session:
        if kept:
            record.act(session, permit, act="change password")
            session.execute(update(Person).where(Person.id == actor.person_id).values(password_hash=kept))
            throttle.forget(session, slot)
            sessions.end_others(session, actor)
            return
        record.refusal(
            session, policy.Refusal(actor, Action.ACCOUNT_MANAGE, None, subject, actor.person_id), "SEC-1"
        )
    raise WrongSignin(N_("This is not your current password."))


def set_password(
    session: Session,
    actor: Actor,
    person_id: str,
    password: str,
    *,
    min_length: int,
    words: tuple[str, ...] = (),
) -> None:
    """Give somebody a first or another password from the host's command line, and sign them out everywhere.

    `words` are the organisation's. Raises Invalid("password") when it is not good enough, NotFound for a
    stranger.
    """
    subject, facts = policy.Subject("person", person_id), PersonFacts(person_id)
    permit = policy.permit(actor, Action.PEOPLE_IMPORT, subject, facts)
    person = _person(session, person_id)
    passwords.check(password, about=_about(session, person, words), min_length=min_length)
    record.act(session, permit, act="set password")
    person.password_hash = passwords.hashed(password)
    session.flush()
    sessions.end_of_person(session, person_id)


def _person(session: Session, person_id: str) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


def check_new(session: Session, person_id: str, password: str, settings: Signin) -> int:
    """How strong somebody's new password would be, from 0 to 4; Invalid("password") if it will not do."""
    about = _about(session, _person(session, person_id), settings.password_words)
    return passwords.check(password, about=about, min_length=settings.password_min_length)


def _about(session: Session, person: Person, words: tuple[str, ...]) -> passwords.About:
    held = queries.holdings(session, person.id, clock.today())
    names = tuple(holding.place for holding in held if holding.place)
    return passwords.About((person.number, person.name, person.email or "", *words), names)


def _renew_hash(session: Session, person_id: str, password: str) -> None:
    person = _person(session, person_id)
    if person.password_hash and passwords.outdated(person.password_hash):
        person.password_hash = passwords.hashed(password)


def may_use_password(number: str, settings: Sso) -> bool:
    """Where single sign-on is the only way, nobody's password opens anything but the emergency account's."""
    return settings.local_signin or number == settings.break_glass


def _slot(typed: str, key: bytes) -> bytes:
    return hmac.digest(
        key, b"kcc signin throttle\0" + typed.casefold().encode("utf-8", "replace"), hashlib.sha256
    )


def _findable(typed: str) -> str:
    # A database would stumble over a NUL; nobody's number is empty.
    return typed if len(typed) <= NUMBER_LENGTH and typed.isprintable() else ""
