"""Passkeys (WebAuthn): adding one, and proving oneself with one, which is enough by itself.

Discoverable, with the person verified by the device; challenges are the server's own and work once.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers import parse_registration_credential_json as parse_registration
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.errors import N_, KccError
from kcc.notices import outbox
from kcc.people import queries
from kcc.people.factors import proving
from kcc.people.factors.model import Passkey, PasskeyChallenge
from kcc.people.factors.naming import named
from kcc.stores import Stores

LASTS = timedelta(minutes=5)
"""How long a challenge may be answered."""
NAME = "kcc"
_VERIFIED = UserVerificationRequirement.REQUIRED


class PasskeyRefused(KccError):
    """The answer of a passkey is not right: unknown, too late, from another site, or used before."""

    status = 422
    code = "passkey_refused"


@dataclass(frozen=True, slots=True)
class Site:
    """The site that passkeys are for; `id` is its name, `origin` its address as browsers write it."""

    id: str
    origin: str

    @classmethod
    def of(cls, public_url: str) -> "Site | None":
        """The site at an address; None where it is a bare number, for which there can be no passkeys."""
        parts = urlsplit(public_url)
        host = (parts.hostname or "").casefold()
        try:
            ipaddress.ip_address(host)
        except ValueError:
            port = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
            return cls(host, f"{parts.scheme}://{host}{port}") if host else None
        return None


def creation(session: Session, site: Site, actor: Actor, bound_to: str) -> str:
    """What the browser needs to make a passkey for this person, as JSON; `bound_to` is their session."""
    known = session.scalars(select(Passkey.credential_id).where(Passkey.person_id == actor.person_id))
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name=NAME,
        user_id=_handle(actor.person_id),
        user_name=queries.number_of(session, actor.person_id),
        user_display_name=actor.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    _challenge(session, options.challenge, "create", bound_to)
    return webauthn.options_to_json(options)


def asking(session: Session, site: Site, bound_to: str = "") -> str:
    """What the browser needs to ask for a passkey, as JSON; of whom, only the answer tells."""
    options = webauthn.generate_authentication_options(rp_id=site.id, user_verification=_VERIFIED)
    _challenge(session, options.challenge, "get", bound_to)
    return webauthn.options_to_json(options)


def add(stores: Stores, site: Site, actor: Actor, answer: str, name: str, bound_to: str) -> None:
    """Add the passkey that was made; PasskeyRefused, or Invalid("name")."""
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", actor.person_id))
    try:
        told = parse_registration(answer)
        challenge = _used_up(stores, told, "create", bound_to)
        made = webauthn.verify_registration_response(
            credential=told,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as fault:
        with stores.database.write() as session:
            proving.refused(session, actor)
        raise refused() from fault
    try:
        with stores.database.write() as session:
            name = named(session, actor.person_id, name)
            record.act(session, permit, act="add passkey")
            outbox.tell(session, actor.person_id, "signin.added", name=name)
            session.add(
                Passkey(
                    person_id=actor.person_id,
                    name=name,
                    credential_id=made.credential_id,
                    public_key=made.credential_public_key,
                    sign_count=made.sign_count,
                    created_at=clock.now(),
                )
            )
            session.flush()
    except IntegrityError as fault:
        raise refused() from fault


def prove(stores: Stores, site: Site, answer: str, bound_to: str = "") -> Actor:
    """Whose passkey answered; PasskeyRefused when the answer is not right, or they have no function today."""
    try:
        told = parse_authentication_credential_json(answer)
        challenge = _used_up(stores, told, "get", bound_to)
    except (WebAuthnException, ValueError) as fault:
        with stores.database.write() as session:
            proving.refused(session, _stranger())
        raise refused() from fault
    with stores.database.write() as session:
        key = session.scalar(select(Passkey).where(Passkey.credential_id == told.raw_id).with_for_update())
        actor = queries.actor_of(session, key.person_id, clock.today()) if key else _stranger()
        if key and actor.posts and _answers(site, told, challenge, key):
            return actor
        proving.refused(session, actor)
    raise refused()


def _answers(site: Site, told: AuthenticationCredential, challenge: bytes, key: Passkey) -> bool:
    """Whether this passkey gave the answer; its counter then moves on, and never goes backwards (SEC-1)."""
    if told.response.user_handle != _handle(key.person_id):
        return False
    try:
        done = webauthn.verify_authentication_response(
            credential=told,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return False
    key.sign_count, key.used_at = done.new_sign_count, clock.now()
    return True


def _challenge(session: Session, challenge: bytes, purpose: str, bound_to: str) -> None:
    now = clock.now()
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.created_at <= now - LASTS))
    session.add(
        PasskeyChallenge(digest=_digest(challenge), purpose=purpose, bound_to=bound_to, created_at=now)
    )
    session.flush()


def _used_up(
    stores: Stores, told: RegistrationCredential | AuthenticationCredential, purpose: str, bound_to: str
) -> bytes:
    """The challenge that was answered, which is gone now, whatever the answer is worth."""
    challenge = parse_client_data_json(told.response.client_data_json).challenge
    with stores.database.write() as session:
        mine = delete(PasskeyChallenge).where(
            PasskeyChallenge.digest == _digest(challenge),
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.bound_to == bound_to,
            PasskeyChallenge.created_at > clock.now() - LASTS,
        )
        if session.execute(mine.returning(PasskeyChallenge.digest)).first() is None:
            raise ValueError("no challenge of ours")
    return challenge


def _digest(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()


def _handle(person_id: str) -> bytes:
    return bytes.fromhex(person_id)


def _stranger() -> Actor:
    return Actor("?", "?")


def refused() -> PasskeyRefused:
    """What a passkey that does not serve is answered."""
    return PasskeyRefused(N_("This passkey did not work here. Try again, or choose another way."))
