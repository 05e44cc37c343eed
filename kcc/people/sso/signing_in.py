"""The way to the issuer and back: what is remembered meanwhile, and what its answer leads to."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from kcc import clock
from kcc.errors import N_, KccError
from kcc.people.model import SsoAnswer
from kcc.people.signin import Known
from kcc.people.sso import accounts
from kcc.people.sso.issuer import Issuer
from kcc.people.sso.proof import Expected, NotProven, UnknownKey, proven
from kcc.people.sso.proven import Proven
from kcc.stores import Stores

log = structlog.get_logger(__name__)

LASTS = timedelta(minutes=10)
"""How long somebody may take at the issuer."""
NOT_OURS = N_("This sign-in was not begun in this browser, was used already, or took too long. Start again.")
NOT_GIVEN = N_("Your organisation's sign-in did not let you through. Try again, or ask your help desk.")


class NotOurs(KccError):
    """An answer to a question that this browser did not ask, or that was answered already."""

    status = 400
    code = "sso_state"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to the issuer; its browser alone knows it, in a signed cookie."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    begun_at: datetime
    again: bool = False

    @classmethod
    def begin(cls, wanted: str, *, again: bool = False) -> "Attempt":
        """A new one, to go on to `wanted` afterwards; three secrets of 256 bits.

        With `again` what somebody proved at the issuer before it began does not count.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, wanted, clock.now(), again)

    def as_list(self) -> list[str]:
        """For a cookie."""
        kept = [self.state, self.nonce, self.verifier, self.wanted, self.begun_at.isoformat()]
        return [*kept, "again"] if self.again else kept

    @classmethod
    def of_list(cls, kept: Any) -> "Attempt":
        """As it was; raises TypeError or ValueError."""
        state, nonce, verifier, wanted, begun_at, *again = kept
        return cls(state, nonce, verifier, wanted, datetime.fromisoformat(begun_at), bool(again))


def finish(
    stores: Stores, issuer: Issuer, attempt: Attempt | None, answer: Mapping[str, str], redirect_uri: str
) -> Known:
    """Who came back from the issuer with this answer.

    Raises NotOurs, NotProven, NotAccepted, UnknownAccount or IssuerFailed. The state is spent before the code
    is, in a transaction of its own: no answer is looked at twice, whatever becomes of it.
    """
    if attempt is None or not _in_time(attempt) or not _spend(stores, attempt):
        raise NotOurs(NOT_OURS)
    settings = issuer.settings
    if "error" in answer:
        log.info("single sign-on: not given", error=answer["error"][:40])
        raise NotOurs(NOT_GIVEN)
    try:
        found = _proven(issuer, answer, attempt, redirect_uri)
    except NotProven as refused:
        log.warning("single sign-on: token refused", why=refused.why)
        with stores.database.write() as session:
            accounts.note_refusal(session, settings, "", None, "SEC-1")
        raise
    actor = accounts.recognise(stores, found)
    second = {"mfa"} if found.amr & set(settings.amr) else set()
    return Known(actor, frozenset({"sso"} | second))


def _proven(issuer: Issuer, answer: Mapping[str, str], attempt: Attempt, redirect_uri: str) -> Proven:
    # RFC 9207: who answers says who they are, so that one issuer's code never goes to another.
    if answer.get("iss", issuer.settings.issuer) != issuer.settings.issuer:
        raise NotProven("another issuer's answer")
    tokens = issuer.exchange(answer.get("code", ""), attempt.verifier, redirect_uri)
    access = tokens.get("access_token")
    expected = Expected(
        issuer.settings.issuer,
        issuer.settings.client_id,
        attempt.nonce,
        access if isinstance(access, str) else None,
        clock.now(),
        attempt.begun_at if attempt.again else None,
    )
    try:
        return proven(tokens.get("id_token"), issuer.keys(), expected)
    except UnknownKey:
        return proven(tokens.get("id_token"), issuer.keys(anew=True), expected)


def _in_time(attempt: Attempt) -> bool:
    return timedelta() <= clock.now() - attempt.begun_at < LASTS


def _spend(stores: Stores, attempt: Attempt) -> bool:
    """Whether this is the first answer to the attempt; of two at once, one is."""
    now = clock.now()
    digest = hashlib.sha256(attempt.state.encode()).digest()
    with stores.database.write() as session:
        session.execute(delete(SsoAnswer).where(SsoAnswer.came_at <= now - 2 * LASTS))
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        row = dialect.insert(SsoAnswer).values(state_digest=digest, came_at=now)
        added = session.scalar(row.on_conflict_do_nothing().returning(SsoAnswer.state_digest))
    return added is not None
