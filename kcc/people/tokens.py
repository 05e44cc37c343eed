"""Bearer tokens of machines: made, found and revoked; what machines say with them lives elsewhere."""

import hashlib
import re
import secrets
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound
from kcc.people.model import ServiceToken

PREFIX = "kcc_"
RECORDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Kind(StrEnum):
    """Whose token it is; one door's token opens no other (ACC-1)."""

    RECORDER = "recorder"
    SCIM = "scim"


def create(session: Session, actor: Actor, recorder: str, kind: Kind = Kind.RECORDER) -> str:
    """Make a token for the machine of that name and give its text, which is shown once and kept nowhere.

    A machine may have several, so that one can be replaced while the other still works.
    """
    if not RECORDER.fullmatch(recorder):
        raise Invalid(
            "recorder", N_("Name a recorder with at most 64 letters, digits, dots, dashes and lines.")
        )
    token_id = new_id()
    permit = policy.permit(actor, Action.TOKEN_CREATE, policy.Subject("token", token_id))
    record.act(session, permit, recorder=recorder, kind=kind)
    text = PREFIX + secrets.token_urlsafe(32)
    row = ServiceToken(id=token_id, kind=kind, recorder=recorder, digest=_digest(text))
    row.created_at = clock.now()
    session.add(row)
    session.flush()
    return text


def find(session: Session, token: str, kind: Kind = Kind.RECORDER) -> ServiceToken | None:
    """The token of this text, unless it is unknown, revoked or of another kind of machine."""
    if not token.startswith(PREFIX):
        return None
    query = select(ServiceToken).where(
        ServiceToken.digest == _digest(token),
        ServiceToken.kind == kind,
        ServiceToken.revoked_at.is_(None),
    )
    return session.scalar(query)


def revoke(session: Session, actor: Actor, token_id: str) -> None:
    """Let a token stop working at once; a second time changes nothing. NotFound if there is none."""
    permit = policy.permit(actor, Action.TOKEN_CREATE, policy.Subject("token", token_id))
    token = session.get(ServiceToken, token_id)
    if token is None:
        raise NotFound
    record.act(session, permit, recorder=token.recorder, act="revoke")
    token.revoked_at = token.revoked_at or clock.now()
    session.flush()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
