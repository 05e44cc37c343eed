"""Recovery codes: ten at a time, shown once, kept as digests, each good for one sign-in."""

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.people.factors import keyfile, sealing
from kcc.people.factors.model import RecoveryCode
from kcc.sections import Signin

CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is mistaken for something else on paper."""
GROUP, GROUPS = 4, 3


def renew(session: Session, limits: Signin, actor: Actor) -> list[str]:
    """Ten new codes, to be shown this once; those of before work no longer."""
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", actor.person_id))
    keyfile.create(limits.factor_key_file)
    record.act(session, permit, act="renew recovery codes")
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == actor.person_id))
    codes = [_fresh() for _ in range(CODES)]
    for code in codes:
        kept = sealing.digest(limits, actor.person_id, plain(code))
        session.add(RecoveryCode(person_id=actor.person_id, digest=kept))
    session.flush()
    return codes


def use(session: Session, limits: Signin, person_id: str, code: str) -> bool:
    """Use a code up; False when it is none of this person's, or was used before, also a moment ago."""
    kept = sealing.digest(limits, person_id, plain(code))
    unused = update(RecoveryCode).where(
        RecoveryCode.person_id == person_id, RecoveryCode.digest == kept, RecoveryCode.used_at.is_(None)
    )
    return session.execute(unused.values(used_at=clock.now()).returning(RecoveryCode.id)).first() is not None


def plain(typed: str) -> str:
    """A code as it is kept, however it was typed."""
    return "".join(letter for letter in typed.casefold() if letter.isalnum())


def readable(codes: Sequence[str]) -> bool:
    """Whether these look like codes of ours: what a page sends back to be saved as a file."""
    return len(codes) == CODES and all(
        len(plain(code)) == GROUP * GROUPS and set(plain(code)) <= set(ALPHABET) for code in codes
    )


def _fresh() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)
