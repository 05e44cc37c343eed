"""Proving oneself again before what weighs most: signatures, exports, settings; routes say where."""

from datetime import timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.people.factors import queries as factors
from kcc.people.model import Person, SigninSession
from kcc.people.signin import may_use_password
from kcc.sso_settings import Sso

FRESH = timedelta(minutes=5)
"""So long a proof counts for opening a page."""
TYPING = timedelta(minutes=15)
"""So much longer it counts for sending what was typed there; longer than that a session does not sit idle."""

Way = Literal["code", "passkey", "password"]


def fresh(session: Session, actor: Actor, more: timedelta = timedelta()) -> bool:
    """Whether the actor proved who they are, in this session, in the last five minutes and `more`."""
    proved = session.scalar(select(SigninSession.proved_at).where(SigninSession.id == actor.session_id))
    return proved is not None and clock.now() - proved < FRESH + more


def ways(session: Session, actor: Actor, settings: Sso) -> frozenset[Way]:
    """How the actor may prove it: with their second factors, or where they have none by password.

    None: they came by single sign-on, and do so again, also where their password opens nothing any more.
    """
    kinds = {held.kind for held in factors.held(session, actor.person_id)}
    if kinds:
        passkey: frozenset[Way] = frozenset({"passkey"} if "passkey" in kinds else ())
        left = "totp" in kinds or factors.codes_left(session, actor.person_id)
        return passkey | (frozenset({"code"}) if left else frozenset())
    number, known = session.execute(
        select(Person.number, Person.password_hash).where(Person.id == actor.person_id)
    ).one()
    return frozenset({"password"} if known and may_use_password(number, settings) else ())


def renew(session: Session, actor: Actor, factor: str) -> None:
    """Remember that the actor proved it again just now, and with what."""
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", actor.person_id))
    record.act(session, permit, act="step up", factor=factor)
    session.execute(
        update(SigninSession).where(SigninSession.id == actor.session_id).values(proved_at=clock.now())
    )
