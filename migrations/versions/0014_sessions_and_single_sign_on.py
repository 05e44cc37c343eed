"""Sessions that know their browser and functions, and accounts bound to a single sign-on."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sessions of before do not know with which functions they were begun: everybody signs in once more."""
    for column in (
        sa.Column("way", sa.String(length=20), nullable=True),
        sa.Column("browser", sa.String(length=20), nullable=True),
        sa.Column("system", sa.String(length=20), nullable=True),
        sa.Column("posts_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("ended_why", sa.String(length=20), nullable=True),
    ):
        op.add_column("signin_session", column)
    op.execute("UPDATE signin_session SET ended_at = CURRENT_TIMESTAMP WHERE ended_at IS NULL")
    op.create_index("ix_signin_session_way", "signin_session", ["way", "created_at"])
    op.create_table(
        "sso_account",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sso_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_account")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_sso_account_issuer_subject")),
        sa.UniqueConstraint("person_id", "issuer", name=op.f("uq_sso_account_person_id_issuer")),
    )
    op.create_table(
        "sso_answer",
        sa.Column("state_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_digest", name=op.f("pk_sso_answer")),
    )
    op.create_index("ix_sso_answer_came_at", "sso_answer", ["came_at"])


def downgrade() -> None:
    """Who is bound to which account is forgotten; sessions stay as they are."""
    op.drop_table("sso_answer")
    op.drop_table("sso_account")
    op.drop_index("ix_signin_session_way", table_name="signin_session")
    for column in ("ended_why", "posts_digest", "system", "browser", "way"):
        op.drop_column("signin_session", column)
