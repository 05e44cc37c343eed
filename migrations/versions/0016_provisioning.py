"""Provisioning: what an identity provider says of people and groups, and tokens of its own kind."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three tables and a column; tokens of before are recorders'."""
    op.create_table(
        "scim_account",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("display_name", sa.String(length=200), nullable=True),
        sa.Column("formatted_name", sa.String(length=200), nullable=True),
        sa.Column("given_name", sa.String(length=200), nullable=True),
        sa.Column("family_name", sa.String(length=200), nullable=True),
        sa.Column("preferred_language", sa.String(length=2), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_scim_account")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_scim_account_person_id")),
    )
    op.create_index("ix_scim_account_external_id", "scim_account", ["external_id"])
    op.create_table(
        "scim_group",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_group")),
        sa.UniqueConstraint("display_name", name=op.f("uq_scim_group_display_name")),
    )
    op.create_index("ix_scim_group_external_id", "scim_group", ["external_id"])
    op.create_table(
        "scim_member",
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_scim_member")),
        sa.ForeignKeyConstraint(["group_id"], ["scim_group.id"], name=op.f("fk_scim_member_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_scim_member_person_id")),
    )
    op.create_index("ix_scim_member_person", "scim_member", ["person_id"])
    op.add_column(
        "service_token",
        sa.Column("kind", sa.String(length=16), nullable=False, server_default="recorder"),
    )


def downgrade() -> None:
    """What a provider said is forgotten with its tokens; functions stay as they are."""
    op.execute("DELETE FROM service_token WHERE kind <> 'recorder'")
    op.drop_column("service_token", "kind")
    op.drop_table("scim_member")
    op.drop_table("scim_group")
    op.drop_table("scim_account")
