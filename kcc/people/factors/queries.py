"""Which second factors somebody has, and whether one is still due; writes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from kcc.people.factors.model import AuthenticatorApp, Passkey, RecoveryCode
from kcc.sections import Signin

STRONG = frozenset({"totp", "passkey", "recovery", "mfa"})
"""Proofs after which no second factor is due; "mfa" is an identity provider's word for its own."""

Due = Literal["code", "enrol"]


@dataclass(frozen=True, slots=True)
class Held:
    """A second factor as its owner sees it; `kind` is "totp" or "passkey"."""

    id: str
    kind: str
    name: str
    created_at: datetime
    used_at: datetime | None


def held(session: Session, person_id: str) -> list[Held]:
    """The second factors of a person, oldest first."""
    parts = [
        select(t.id, literal(kind).label("kind"), t.name, t.created_at, t.used_at).where(
            t.person_id == person_id
        )
        for t, kind in ((AuthenticatorApp, "totp"), (Passkey, "passkey"))
    ]
    both = union_all(*parts).subquery()
    rows = session.execute(select(both).order_by(both.c.created_at, both.c.id))
    return [Held(*row) for row in rows]


def codes_left(session: Session, person_id: str) -> int:
    """How many recovery codes somebody has that were not used."""
    query = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def due(session: Session, person_id: str, given: Collection[str], limits: Signin) -> Due | None:
    """What is still due after these proofs: a code, enrolling, or nothing.

    Whoever has a second factor is asked for it also where it is optional.
    """
    if STRONG & set(given):
        return None
    if held(session, person_id):
        return "code"
    return "enrol" if limits.second_factor == "required" else None
