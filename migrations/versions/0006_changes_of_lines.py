"""Changes of lines: each with who, when, why and from what to what; a line counts them and dates its kind."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lines of before are at their first revision, and nobody wrote down what they were earlier."""
    op.add_column("line", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("line", sa.Column("kind_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "line_change",
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=80), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("function", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("name_before", sa.String(length=200), nullable=True),
        sa.Column("kind_before", sa.String(length=16), nullable=True),
        sa.Column("welcome_text_since_before", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("welcome_text_since", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["line"], ["line.code"], name=op.f("fk_line_change_line")),
        sa.PrimaryKeyConstraint("line", "number", name=op.f("pk_line_change")),
    )


def downgrade() -> None:
    """The lines stay as they stand; what they were before is forgotten."""
    op.drop_table("line_change")
    op.drop_column("line", "kind_since")
    op.drop_column("line", "revision")
