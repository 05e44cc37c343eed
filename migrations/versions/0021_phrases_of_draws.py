"""Phrases that employees set for their draws, sealed; and each draw's seed, so that it needs none later."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody could set a phrase before: every draw's was empty, and its seed follows from its secret."""
    op.create_table(
        "draw_phrase",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_draw_phrase_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_phrase")),
    )
    op.create_index("ix_draw_phrase_employee", "draw_phrase", ["employee_id", "set_at"])
    op.add_column("draw", sa.Column("seed", sa.LargeBinary(length=32), nullable=True))
    # By hand: alembic would copy the table on SQLite, to which drawn calls point.
    op.execute(
        "ALTER TABLE draw ADD COLUMN phrase_id VARCHAR(32)"
        " CONSTRAINT fk_draw_phrase_id REFERENCES draw_phrase (id)"
    )
    op.drop_column("draw", "phrase")
    op.create_index("ix_draw_employee", "draw", ["employee_id"])
    _seed_what_was_drawn()


def downgrade() -> None:
    """What employees set is forgotten; draws that took a phrase can no longer be recomputed."""
    op.drop_index("ix_draw_employee", "draw")
    op.add_column("draw", sa.Column("phrase", sa.String(length=200), nullable=False, server_default=""))
    op.drop_column("draw", "phrase_id")
    op.drop_column("draw", "seed")
    op.drop_index("ix_draw_phrase_employee", "draw_phrase")
    op.drop_table("draw_phrase")


def _seed_what_was_drawn() -> None:
    draw = sa.table(
        "draw",
        sa.column("number", sa.Integer),
        sa.column("secret", sa.LargeBinary),
        sa.column("seed", sa.LargeBinary),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(draw.c.number, draw.c.secret).where(draw.c.secret.is_not(None))).all()
    change = sa.update(draw).where(draw.c.number == sa.bindparam("of")).values(seed=sa.bindparam("made"))
    made = [{"of": number, "made": _seed(bytes(secret), str(number).encode())} for number, secret in rows]
    if made:
        connection.execute(change, made)


def _seed(secret: bytes, number: bytes) -> bytes:
    parts = (secret, b"", number)
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
