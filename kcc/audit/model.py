"""The audit as stored: lines, each a salted commitment that stays and a body that can go on its own term; the
tree over them, its checkpoints and where those were sent.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Serial


class AuditLine(Base):
    """One act or refusal (ACC-5). `commitment` = SHA-256(salt ‖ body); body, salt and the query columns
    are personal.

    `xid` is the number of the transaction that wrote it on PostgreSQL; on SQLite, where one writes at a time,
    it is 0.
    """

    __tablename__ = "audit_line"
    # An id is never given twice, also not after the last line went.
    __table_args__ = (
        Index("ix_audit_line_about", "about_id", "at"),
        Index("ix_audit_line_subject", "subject", "action"),
        Index("ix_audit_line_actor", "actor_id", "at"),
        Index("ix_audit_line_order", "xid", "id"),
        Index(
            "ix_audit_line_refused",
            "at",
            "commitment",
            sqlite_where=text("allowed = 0"),
            postgresql_where=text("NOT allowed"),
        ),
        Index(
            "ix_audit_line_term",
            "action",
            "at",
            sqlite_where=text("body IS NOT NULL"),
            postgresql_where=text("body IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    body: Mapped[str | None] = mapped_column(Text)
    actor_id: Mapped[str | None] = mapped_column(String(80))
    about_id: Mapped[str | None] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str | None] = mapped_column(String(40))
    allowed: Mapped[bool]
    xid: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())


class AuditSeal(Base):
    """How far the tree has grown: `size` leaves, the last of them the line (after_xid, after_id).

    `first_key` is the public key of the first checkpoint. `broken` says what was found wrong, until it is
    settled.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(40))
    first_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    size: Mapped[int] = mapped_column(BigInteger)
    after_xid: Mapped[int] = mapped_column(BigInteger)
    after_id: Mapped[int] = mapped_column(BigInteger)
    broken: Mapped[str | None] = mapped_column(String(40))
    broken_since: Mapped[datetime | None]


class AuditLeaf(Base):
    """Which line stands at which place of the tree; no foreign key: a line that vanished must be noticed."""

    __tablename__ = "audit_leaf"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    line_id: Mapped[int] = mapped_column(BigInteger, unique=True)


class AuditTile(Base):
    """Up to 256 hashes of whole subtrees of 256**level leaves, in order; it only ever grows at its end."""

    __tablename__ = "audit_tile"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class AuditCheckpoint(Base):
    """A signed note of the tree's size and root at a moment; the proof that it continues the one before."""

    __tablename__ = "audit_checkpoint"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text)
    proof: Mapped[str] = mapped_column(Text)


class AuditPlace(Base):
    """A place that gets the checkpoints: the last that it took, and since when it takes none."""

    __tablename__ = "audit_place"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    sent: Mapped[int] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(40))
