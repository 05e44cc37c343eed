"""Proving a second factor by a typed code, from an app or of recovery, with a growing delay."""

import hashlib
import re

from sqlalchemy.orm import Session

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.errors import N_, KccError
from kcc.people import signin, throttle
from kcc.people.factors import apps, recovery
from kcc.stores import Stores

CODE_OF_AN_APP = re.compile(r"[0-9]{6}")


class WrongCode(KccError):
    """The code is not right, or was used before."""

    status = 422
    code = "wrong_code"


def by_code(stores: Stores, actor: Actor, typed: str) -> str:
    """Which factor a typed code proves, "totp" or "recovery"; it is used up (SEC-1).

    Raises WrongCode or TryLater. A failure is counted and written down also when it ends here.
    """
    limits = stores.settings.signin
    with stores.database.write() as session:
        throttle.count_attempt(session, _slot(actor.person_id))
        if CODE_OF_AN_APP.fullmatch("".join(typed.split())):
            factor, right = "totp", apps.use(session, limits, actor.person_id, typed)
        else:
            factor, right = "recovery", recovery.use(session, limits, actor.person_id, typed)
        if right:
            throttle.forget(session, _slot(actor.person_id))
            return factor
        refused(session, actor)
    if right is None:
        raise WrongCode(N_("This code was used already. Wait until the app shows the next one."))
    raise WrongCode(N_("This code is not right. Type the one that the app shows now."))


def beside(stores: Stores, number: str, typed: str, *, key: bytes) -> Actor:
    """Who proves, at a screen where somebody else is signed in, that they are the person with this number.

    Raises WrongCode or TryLater, for known and unknown numbers alike; counted by number as at the door, and
    by person as every code (SEC-1). `key` is the secret under which typed numbers are kept. What they may do
    with it is for the caller to ask the policy.
    """
    found = signin.counted(stores, number, key=key)
    if found is not None and found.posts:
        by_code(stores, found, typed)
        with stores.database.write() as session:
            throttle.forget(session, signin.slot(number, key))
        return found
    with stores.database.write() as session:
        refused(session, found or Actor("?", "?"))
    raise WrongCode(N_("This code is not right. Type the one that the app shows now."))


def refused(session: Session, actor: Actor) -> None:
    """Write that a second factor was not proved."""
    subject = policy.Subject("signin", "second factor")
    about = actor.person_id if actor.posts else None
    record.refusal(session, policy.Refusal(actor, Action.SIGN_IN, None, subject, about), "SEC-1")


def _slot(person_id: str) -> bytes:
    return hashlib.sha256(b"kcc second factor throttle\0" + person_id.encode()).digest()
