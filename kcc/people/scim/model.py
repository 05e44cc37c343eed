"""What an identity provider says about people and groups, as stored; functions and agent ids lie in
kcc.people.model, dated as ever.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class ScimAccount(Base):
    """A person as the identity provider knows them; `deleted_at` since it no longer does.

    `active` and `preferred_language` are empty where it never said. Nobody is made active again, nor loses
    the language they chose, by being told the same once more.
    """

    __tablename__ = "scim_account"
    __table_args__ = (Index("ix_scim_account_external_id", "external_id"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(200))
    display_name: Mapped[str | None] = mapped_column(String(200))
    formatted_name: Mapped[str | None] = mapped_column(String(200))
    given_name: Mapped[str | None] = mapped_column(String(200))
    family_name: Mapped[str | None] = mapped_column(String(200))
    preferred_language: Mapped[str | None] = mapped_column(String(2))
    active: Mapped[bool | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ScimGroup(Base):
    """A group of the identity provider, by the name that the settings may give functions to."""

    __tablename__ = "scim_group"
    __table_args__ = (Index("ix_scim_group_external_id", "external_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    display_name: Mapped[str] = mapped_column(String(200), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ScimMember(Base):
    """Somebody is in a group now; since when they hold what it gives stands in their function periods."""

    __tablename__ = "scim_member"
    __table_args__ = (Index("ix_scim_member_person", "person_id"),)

    group_id: Mapped[str] = mapped_column(ForeignKey("scim_group.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
