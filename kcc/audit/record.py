"""Writing audit lines: one for each act, before it happens, and one for each refusal; reading them lives
in queries.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from kcc import clock
from kcc.audit.model import AuditLine

BODY_VERSION = 1
_ADD = insert(cast(Table, AuditLine.__table__)).inline()
"""Asks for nothing back: whoever may add a line (kcc.wall) may not therefore read one."""


class Who(Protocol):
    """The part of an actor that a line keeps."""

    @property
    def person_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def functions(self) -> Collection[str]: ...


class Act(Protocol):
    """The part of a permit or refusal that a line keeps; audit and access do not know each other."""

    @property
    def actor(self) -> Who: ...
    @property
    def action(self) -> str: ...
    @property
    def purpose(self) -> str | None: ...
    @property
    def subject(self) -> object: ...
    @property
    def about_id(self) -> str | None: ...


def commitment(salt: bytes, body: str) -> bytes:
    """The 32 bytes that stay when salt and body are erased: SHA-256(salt ‖ body in UTF-8)."""
    return hashlib.sha256(salt + body.encode()).digest()


def act(session: Session, permit: Act, **detail: Any) -> None:
    """Write the line of a permitted act in the act's own transaction: no line, no act (ACC-5).

    `detail` are further facts of the act: words and numbers, never content.
    """
    acts(session, [(permit, detail)])


def acts(session: Session, permits: Iterable[tuple[Act, Mapping[str, Any]]]) -> None:
    """Write many lines at once, in their order."""
    at = clock.now()
    rows = [_row(at, permit, allowed=True, rule=None, detail=detail) for permit, detail in permits]
    if rows:
        session.execute(_ADD, rows)


def refusal(session: Session, refused: Act, rule: str) -> None:
    """Write that somebody asked and was refused, and under which rule."""
    session.execute(_ADD, [_row(clock.now(), refused, allowed=False, rule=rule, detail={})])


def _row(
    at: datetime, act: Act, *, allowed: bool, rule: str | None, detail: Mapping[str, Any]
) -> dict[str, Any]:
    salt = secrets.token_bytes(32)
    body = json.dumps(
        {
            "v": BODY_VERSION,
            "at": at.isoformat(),
            "actor": act.actor.person_id,
            "name": act.actor.name,
            "function": _function(act),
            "action": str(act.action),
            "purpose": str(act.purpose) if act.purpose else None,
            "subject": str(act.subject),
            "about": act.about_id,
            "allowed": allowed,
            "rule": rule,
            "detail": dict(detail),
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return {
        "at": at,
        "commitment": commitment(salt, body),
        "salt": salt,
        "body": body,
        "actor_id": act.actor.person_id,
        "about_id": act.about_id,
        "subject": str(act.subject),
        "action": str(act.action),
        "purpose": str(act.purpose) if act.purpose else None,
        "allowed": allowed,
    }


def _function(act: Act) -> str | None:
    """The function by which it was permitted; where none was (a refusal, a page for all), those held."""
    by = getattr(act, "function", None)
    return str(by) if by else ", ".join(sorted(act.actor.functions)) or None
