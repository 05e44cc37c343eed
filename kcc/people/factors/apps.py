"""Authenticator apps: offering a secret, adding the app that took it, and checking a code once (TOTP)."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.errors import N_, Invalid
from kcc.notices import outbox
from kcc.people.factors import sealing
from kcc.people.factors.model import AuthenticatorApp
from kcc.people.factors.naming import named
from kcc.sections import Signin

SECRET_BYTES = 20
STEP_SECONDS = 30
WINDOW = 1
"""Codes of so many steps before and after the present one count: telephones' clocks differ a little."""
OFFERED = timedelta(minutes=10)
"""How long an offered secret may be taken up."""
ISSUER = "kcc"


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret for an app to take. `ticket` is the same, sealed, for the form that brings it back."""

    secret: str
    ticket: str

    def uri(self, account: str) -> str:
        """What the QR code says; `account` is the person's number."""
        return pyotp.TOTP(self.secret).provisioning_uri(name=account, issuer_name=ISSUER)

    @property
    def groups(self) -> str:
        """The secret to type, in groups of four."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


def offer(limits: Signin, person_id: str, secret: bytes | None = None) -> Offer:
    """A fresh secret for a person; nothing of it is kept until a code proves that the app has it."""
    secret = secret or secrets.token_bytes(SECRET_BYTES)
    told = int(clock.now().timestamp()).to_bytes(8, "big") + secret
    ticket = base64.urlsafe_b64encode(sealing.seal(limits, "offer", person_id, told)).decode()
    return Offer(_text(secret), ticket)


def again(limits: Signin, person_id: str, ticket: str) -> Offer | None:
    """The same offer, for who mistyped its first code; None when it is over or another's."""
    secret = _offered(limits, person_id, ticket)
    return Offer(_text(secret), ticket) if secret else None


def add(session: Session, limits: Signin, actor: Actor, ticket: str, name: str, code: str) -> None:
    """Add the app that took an offer, proved by its code, which is then used up.

    Raises Invalid("ticket") when the offer is over, Invalid("code") or Invalid("name").
    """
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", actor.person_id))
    secret = _offered(limits, actor.person_id, ticket)
    if secret is None:
        raise Invalid("ticket", N_("That took too long. Scan the new code below."))
    name = named(session, actor.person_id, name)
    step = _step_of(secret, code)
    if step is None:
        raise Invalid("code", N_("This is not the code that the app shows now. Type the one it shows."))
    record.act(session, permit, act="add authenticator app")
    outbox.tell(session, actor.person_id, "signin.added", name=name)
    app = AuthenticatorApp(person_id=actor.person_id, name=name, last_step=step, created_at=clock.now())
    app.secret = sealing.seal(limits, "totp", actor.person_id, secret)
    session.add(app)
    session.flush()


def use(session: Session, limits: Signin, person_id: str, code: str) -> bool | None:
    """Use a code up: True when it is right, False when it is not, None when it was used before.

    Two at once with one code: the database lets only one of them move `last_step` on (SEC-1).
    """
    seen = False
    for app in session.scalars(select(AuthenticatorApp).where(AuthenticatorApp.person_id == person_id)):
        secret = sealing.unseal(limits, "totp", person_id, app.secret)
        step = _step_of(secret, code) if secret else None
        if step is None:
            continue
        fresh = update(AuthenticatorApp).where(
            AuthenticatorApp.id == app.id, AuthenticatorApp.last_step < step
        )
        moved = session.execute(
            fresh.values(last_step=step, used_at=clock.now()).returning(AuthenticatorApp.id)
        )
        if moved.first():
            return True
        seen = True
    return None if seen else False


def current_code(secret: str) -> tuple[str, int]:
    """What an app with this secret shows now, and for how many seconds more."""
    now = clock.now().timestamp()
    return pyotp.TOTP(secret).at(int(now)), STEP_SECONDS - int(now) % STEP_SECONDS


def _text(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def _offered(limits: Signin, person_id: str, ticket: str) -> bytes | None:
    if not ticket:
        return None  # a page that is opened; there may be no key yet either
    try:
        told = sealing.unseal(limits, "offer", person_id, base64.urlsafe_b64decode(ticket))
    except (binascii.Error, ValueError):
        return None
    if told is None or clock.now().timestamp() - int.from_bytes(told[:8], "big") > OFFERED.total_seconds():
        return None
    return told[8:]


def _step_of(secret: bytes, code: str) -> int | None:
    """The step whose code this is, of those that count now; the newest first."""
    typed = "".join(code.split())
    now = int(clock.now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(_text(secret))
    for step in range(now + WINDOW, now - WINDOW - 1, -1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()):
            return step
    return None
