"""Second factors, sign-ins that wait for one, and challenges to passkeys, as stored."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id

NAME_LENGTH = 60


class AuthenticatorApp(Base):
    """An app that makes codes (TOTP). `secret` is sealed; `last_step` is the last half minute used."""

    __tablename__ = "authenticator_app"
    __table_args__ = (Index("ix_authenticator_app_person", "person_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    secret: Mapped[bytes] = mapped_column(LargeBinary(64))
    last_step: Mapped[int]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A discoverable WebAuthn credential; `sign_count` is the highest its authenticator has shown."""

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_person", "person_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(2048))
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of the codes for whoever lost everything else, as a keyed digest; it works once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "digest"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None]


class HalfSession(Base):
    """Somebody gave a first proof and owes a second; good for nothing else, and gone after ten minutes.

    `factors` are the words of what was given, separated by spaces.
    """

    __tablename__ = "half_session"
    __table_args__ = (Index("ix_half_session_created", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    factors: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]


class PasskeyChallenge(Base):
    """A challenge that a passkey may answer once; `bound_to` is the session, whole or half, that asked."""

    __tablename__ = "passkey_challenge"
    __table_args__ = (Index("ix_passkey_challenge_created", "created_at"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    bound_to: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
