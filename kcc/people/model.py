"""People, their dated functions and relations, and sessions, as stored; what follows is in queries."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Person(Base):
    """Somebody who works here. `number` is the organisation's own, by which imports know them.

    The hash is read by whoever asks for it alone: most roles of the database may not (kcc.wall).
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2), default="nl")
    password_hash: Mapped[str | None] = mapped_column(String(200), deferred=True)


class Department(Base):
    """A department; a department manager's function names one."""

    __tablename__ = "department"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))


class Team(Base):
    """A team of one department; a team lead's function names one."""

    __tablename__ = "team"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    department_id: Mapped[str] = mapped_column(ForeignKey("department.id"))


class FunctionPeriod(Base):
    """A person holds a function from `begins` up to, not including, `ends` (days of the centre)."""

    __tablename__ = "function_period"
    __table_args__ = (
        CheckConstraint("ends IS NULL OR ends > begins", name="order"),
        Index("ix_function_period_person", "person_id", "begins"),
        Index("ix_function_period_team", "team_id", "function"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    function: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id"))
    department_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    customer_calls: Mapped[bool] = mapped_column(default=False)
    begins: Mapped[date]
    ends: Mapped[date | None]


class AgentId(Base):
    """The id by which the exchange knows a person, from `begins` up to, not including, `ends`."""

    __tablename__ = "agent_id"
    __table_args__ = (
        CheckConstraint("ends IS NULL OR ends > begins", name="order"),
        Index("ix_agent_id_lookup", "agent_id", "begins"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    agent_id: Mapped[str] = mapped_column(String(64))
    begins: Mapped[date]
    ends: Mapped[date | None]


class CoachAssignment(Base):
    """A coach is assigned to an employee from `begins` up to, not including, `ends` (ACC-2)."""

    __tablename__ = "coach_assignment"
    __table_args__ = (
        CheckConstraint("ends IS NULL OR ends > begins", name="order"),
        CheckConstraint("coach_id <> employee_id", name="two_people"),
        Index("ix_coach_assignment_employee", "employee_id", "begins"),
        Index("ix_coach_assignment_coach", "coach_id", "begins"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    coach_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    begins: Mapped[date]
    ends: Mapped[date | None]


class FunctionEnding(Base):
    """That a function ends, or ended: how that came, and how far what follows from it has come.

    `ends` is what the period ends with, `ends_before` what it had. What came by import or SCIM waits for
    `confirmed_at`, 7 days at most. `cut_at`: its sessions are over and people were told of it; `followed_at`:
    all that follows was done.
    `period_id` points nowhere: a period that ended on its first day is gone.
    """

    __tablename__ = "function_ending"
    __table_args__ = (
        Index("ix_function_ending_person", "person_id", "decided_at"),
        Index(
            "uq_function_ending_standing",
            "period_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "ix_function_ending_due",
            "ends",
            sqlite_where=text("followed_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("followed_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    period_id: Mapped[str] = mapped_column(Id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    function: Mapped[str] = mapped_column(String(32))
    ends: Mapped[date]
    ends_before: Mapped[date | None]
    came_by: Mapped[str] = mapped_column(String(8))
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(80))
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    cut_at: Mapped[datetime | None]
    followed_at: Mapped[datetime | None]


class Succession(Base):
    """Who goes on with a coach's work on an employee, from the day `begins` (REP-6)."""

    __tablename__ = "succession"
    __table_args__ = (
        CheckConstraint("coach_id <> successor_id", name="two_people"),
        Index("ix_succession_coach", "coach_id", "employee_id"),
        Index(
            "ix_succession_due",
            "begins",
            sqlite_where=text("followed_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("followed_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    coach_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    successor_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    begins: Mapped[date]
    named_at: Mapped[datetime]
    named_by: Mapped[str] = mapped_column(String(80))
    withdrawn_at: Mapped[datetime | None]
    followed_at: Mapped[datetime | None]


class SigninSession(Base):
    """One signed-in browser; the cookie holds a secret of which only the digest is kept.

    `proved_at` is when its owner last proved who they are: at sign-in, or again since (stepping_up).
    `way` is how its person came in, `browser` and `system` what they came with, in a word each;
    `posts_digest` the functions they held then: with others the session is over (ACC-1).
    """

    __tablename__ = "signin_session"
    __table_args__ = (
        Index("ix_signin_session_person", "person_id"),
        Index("ix_signin_session_way", "way", "created_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(20))
    way: Mapped[str | None] = mapped_column(String(20))
    browser: Mapped[str | None] = mapped_column(String(20))
    system: Mapped[str | None] = mapped_column(String(20))
    posts_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class SsoAccount(Base):
    """A person's account at a single sign-on, known by issuer and subject, which never change."""

    __tablename__ = "sso_account"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("person_id", "issuer"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    bound_at: Mapped[datetime]


class SsoAnswer(Base):
    """An answer of a single sign-on that was taken; the same one is not taken again."""

    __tablename__ = "sso_answer"
    __table_args__ = (Index("ix_sso_answer_came_at", "came_at"),)

    state_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    came_at: Mapped[datetime]


class SigninThrottle(Base):
    """How often a sign-in failed lately; `key` is a digest of the number typed, known or not, or of whose
    second factor it was.
    """

    __tablename__ = "signin_throttle"
    __table_args__ = (Index("ix_signin_throttle_last_at", "last_at"),)

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]


class ServiceToken(Base):
    """A machine's bearer token, kept as a digest, and the kind of machine: each opens its own door alone.

    `recorder` is the machine's name: of a recorder that under which its calls are known.
    """

    __tablename__ = "service_token"
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16), default="recorder", server_default="recorder")
    recorder: Mapped[str] = mapped_column(String(64))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
