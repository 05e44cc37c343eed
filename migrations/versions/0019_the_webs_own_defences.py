"""The web's own defences: budgets that all machines share, and counts of browsers' reports."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables that belong to nobody."""
    op.create_table(
        "budget",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("spent_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_budget")),
    )
    op.create_index("ix_budget_spent_until", "budget", ["spent_until"])
    op.create_table(
        "browser_report",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("directive", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "directive", name=op.f("pk_browser_report")),
    )


def downgrade() -> None:
    """Both go: budgets begin anew, and what browsers reported is forgotten."""
    op.drop_table("browser_report")
    op.drop_index("ix_budget_spent_until", "budget")
    op.drop_table("budget")
