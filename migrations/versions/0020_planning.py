"""Planning: dates by hand, agreements not to announce one, exceptions to the number, coaches' capacities."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ANNOUNCED = "announced_at IS NOT NULL"
OR_AGREED = "announced_at IS NOT NULL OR agreement_id IS NOT NULL"
LOOSE = "exception_id VARCHAR(32)"
TIED = "exception_id VARCHAR(32) CONSTRAINT fk_slot_allowance_exception_id REFERENCES quota_exception (id)"
PERSON = "VARCHAR(32) CONSTRAINT fk_selection_date_{0} REFERENCES {1} (id)"


def upgrade() -> None:
    """Dates of before were announced by the job, and draw all that the month allows."""
    _agreements()
    _exceptions()
    op.create_table(
        "coach_capacity",
        sa.Column("coach_id", sa.String(length=32), nullable=False),
        sa.Column("employees_a_day", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("employees_a_day >= 1", name=op.f("ck_coach_capacity_some")),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_coach_capacity_coach_id")),
        sa.PrimaryKeyConstraint("coach_id", name=op.f("pk_coach_capacity")),
    )
    # In SQL that both engines take: SQLite would have to make the tables anew, and others hang on them.
    for column in (
        "calls INTEGER CONSTRAINT ck_selection_date_calls CHECK (calls >= 1)",
        "sequence INTEGER DEFAULT 0 NOT NULL",
        "agreement_id " + PERSON.format("agreement_id", "unannounced_agreement"),
        "planned_by_id " + PERSON.format("planned_by_id", "person"),
    ):
        op.execute(f"ALTER TABLE selection_date ADD COLUMN {column}")
    op.execute("ALTER TABLE draw ADD COLUMN month_limit INTEGER DEFAULT 4 NOT NULL")
    _change("selection_date", f"CHECK ({ANNOUNCED})", f"CHECK ({OR_AGREED})")
    _change("slot_allowance", LOOSE, TIED)
    if op.get_bind().dialect.name == "postgresql":
        _announced(OR_AGREED)
        # Slots of before a downgrade name exceptions that are forgotten: it holds for what is to come.
        op.create_foreign_key(
            op.f("fk_slot_allowance_exception_id"),
            "slot_allowance",
            "quota_exception",
            ["exception_id"],
            ["id"],
            postgresql_not_valid=True,
        )


def _agreements() -> None:
    op.create_table(
        "unannounced_agreement",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("coach_id", sa.String(length=32), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (coach_id IS NULL)", name=op.f("ck_unannounced_agreement_answered_by")
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (agreed IS NULL)", name=op.f("ck_unannounced_agreement_answered")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_unannounced_agreement_ended_why")
        ),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["person.id"], name=op.f("fk_unannounced_agreement_employee_id")
        ),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_unannounced_agreement_coach_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unannounced_agreement")),
    )
    op.create_index(
        "uq_unannounced_agreement_open",
        "unannounced_agreement",
        ["employee_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _exceptions() -> None:
    op.create_table(
        "quota_exception",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("coach_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("explanation", sa.LargeBinary(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends > begins", name=op.f("ck_quota_exception_order")),
        sa.CheckConstraint("calls >= 0", name=op.f("ck_quota_exception_calls")),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_quota_exception_employee_id")),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_quota_exception_coach_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_exception")),
    )
    op.create_index("ix_quota_exception_employee", "quota_exception", ["employee_id", "begins"])


def _change(table: str, old: str, new: str) -> None:
    """On SQLite: change a constraint where it is written, as sqlite.org/lang_altertable.html describes for
    changes that touch no row; the tables that hang on this one stay as they are.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    said = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :name")
    before = connection.execute(said, {"name": table}).scalar_one()
    if before.count(old) != 1:
        raise RuntimeError(f"{table} is not as revision 0019 left it")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": before.replace(old, new), "name": table},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=RESET")


def _announced(condition: str) -> None:
    op.drop_constraint(op.f("ck_selection_date_announced"), "selection_date", type_="check")
    op.create_check_constraint(op.f("ck_selection_date_announced"), "selection_date", condition)


def downgrade() -> None:
    """What was fixed without announcing it lapses: nobody may draw it then. Exceptions are forgotten; what
    was drawn under them stays.
    """
    op.execute(
        "UPDATE selection_date SET state = 'lapsed' WHERE state = 'withdrawn'"
        " OR (state = 'announced' AND announced_at IS NULL)"
    )
    op.execute("UPDATE selection_date SET announced_at = CURRENT_TIMESTAMP WHERE announced_at IS NULL")
    _change("selection_date", f"CHECK ({OR_AGREED})", f"CHECK ({ANNOUNCED})")
    _change("slot_allowance", TIED, LOOSE)
    if op.get_bind().dialect.name == "postgresql":
        _announced(ANNOUNCED)
        op.drop_constraint(op.f("fk_slot_allowance_exception_id"), "slot_allowance", type_="foreignkey")
    op.drop_column("draw", "month_limit")
    for column in ("planned_by_id", "agreement_id", "sequence", "calls"):
        op.drop_column("selection_date", column)
    for table in ("coach_capacity", "quota_exception", "unannounced_agreement"):
        op.drop_table(table)
