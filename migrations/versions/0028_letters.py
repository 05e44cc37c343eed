"""Letters that say there are notices, until a mail server has taken them; entries for people's calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OPEN = sa.text("sent_at IS NULL AND given_up_at IS NULL")


def upgrade() -> None:
    """Notices that a mail spoke of before have no letter; nothing is written about them again."""
    op.create_table(
        "letter",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index(
        "uq_letter_open", "letter", ["person_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "mail_choice",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_choice")),
    )
    op.add_column("notice", sa.Column("entry", sa.Text(), nullable=True))
    # In SQL that both engines take: to add the key by itself SQLite would have to make "notice" anew.
    op.execute(
        "ALTER TABLE notice ADD COLUMN letter_id VARCHAR(32)"
        " CONSTRAINT fk_notice_letter_id REFERENCES letter (id)"
    )
    op.create_index("ix_notice_letter", "notice", ["letter_id"])


def downgrade() -> None:
    """Letters that wait are forgotten, and written anew by the version before; choices are lost."""
    op.drop_index("ix_notice_letter", "notice")
    op.drop_column("notice", "letter_id")
    op.drop_column("notice", "entry")
    op.drop_table("mail_choice")
    op.drop_index("uq_letter_open", "letter")
    op.drop_table("letter")
