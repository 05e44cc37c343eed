"""The sealed audit: each line's place in the tree, the tree's tiles, signed checkpoints and their places."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lines of before count as written by transaction 0, which is over: they are sealed first.

    On PostgreSQL each new line carries the number of the transaction that writes it: only what was written by
    transactions older than every open one is sealed, so that a late commit is never skipped.
    """
    op.add_column(
        "audit_line", sa.Column("xid", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE audit_line ALTER COLUMN xid SET DEFAULT pg_current_xact_id()::text::bigint")
    op.create_index("ix_audit_line_order", "audit_line", ["xid", "id"])
    op.create_index(
        "ix_audit_line_term",
        "audit_line",
        ["action", "at"],
        sqlite_where=sa.text("body IS NOT NULL"),
        postgresql_where=sa.text("body IS NOT NULL"),
    )
    op.create_table(
        "audit_seal",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("first_key", sa.LargeBinary(length=32), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("after_xid", sa.BigInteger(), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("broken", sa.String(length=40), nullable=True),
        sa.Column("broken_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_seal_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "audit_leaf",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_leaf")),
        sa.UniqueConstraint("line_id", name=op.f("uq_audit_leaf_line_id")),
    )
    op.create_table(
        "audit_tile",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_audit_tile")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_place",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_place")),
    )


def downgrade() -> None:
    """The tree and its checkpoints go; the lines stay, and a new tree begins with the next upgrade."""
    for table in ("audit_place", "audit_checkpoint", "audit_tile", "audit_leaf", "audit_seal"):
        op.drop_table(table)
    op.drop_index("ix_audit_line_term", table_name="audit_line")
    op.drop_index("ix_audit_line_order", table_name="audit_line")
    op.drop_column("audit_line", "xid")
