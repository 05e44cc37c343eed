"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first schema."""
    op.create_table(
        "audit_line",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=True),
        sa.Column("about_id", sa.String(length=32), nullable=True),
        sa.Column("subject", sa.String(length=80), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=True),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_line")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit_line", schema=None) as batch_op:
        batch_op.create_index("ix_audit_line_about", ["about_id", "at"], unique=False)
        batch_op.create_index("ix_audit_line_actor", ["actor_id", "at"], unique=False)
        batch_op.create_index("ix_audit_line_subject", ["subject", "action"], unique=False)

    op.create_table(
        "department",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("code", name=op.f("uq_department_code")),
    )
    op.create_table(
        "intake_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "line", "code", name=op.f("pk_intake_count")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("detail", sa.String(length=400), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("job", "due_at", name=op.f("uq_job_run_job_due_at")),
    )
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.create_index("ix_job_run_latest", ["job", "started_at"], unique=False)

    op.create_table(
        "line",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("welcome_text_since", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_line")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("number", name=op.f("uq_person_number")),
    )
    op.create_table(
        "seed_chain",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("published_end", sa.LargeBinary(length=32), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seed_chain")),
    )
    op.create_table(
        "service_token",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recorder", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_service_token_digest")),
    )
    op.create_table(
        "signin_throttle",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_signin_throttle")),
    )
    with op.batch_alter_table("signin_throttle", schema=None) as batch_op:
        batch_op.create_index("ix_signin_throttle_last_at", ["last_at"], unique=False)

    op.create_table(
        "tombstone",
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("call_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_tombstone")),
        sa.UniqueConstraint("call_digest", name=op.f("uq_tombstone_call_digest")),
    )
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        batch_op.create_index("ix_tombstone_erased", ["erased_at"], unique=False)

    op.create_table(
        "agent_id",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.CheckConstraint("ends IS NULL OR ends > begins", name=op.f("ck_agent_id_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_agent_id_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_id")),
    )
    with op.batch_alter_table("agent_id", schema=None) as batch_op:
        batch_op.create_index("ix_agent_id_lookup", ["agent_id", "begins"], unique=False)

    op.create_table(
        "coach_assignment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("coach_id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.CheckConstraint("coach_id <> employee_id", name=op.f("ck_coach_assignment_two_people")),
        sa.CheckConstraint("ends IS NULL OR ends > begins", name=op.f("ck_coach_assignment_order")),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_coach_assignment_coach_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_coach_assignment_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_assignment")),
    )
    with op.batch_alter_table("coach_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_coach_assignment_coach", ["coach_id", "begins"], unique=False)
        batch_op.create_index("ix_coach_assignment_employee", ["employee_id", "begins"], unique=False)

    op.create_table(
        "recording",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recorder", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("receipt", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("nature", sa.String(length=16), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=True),
        sa.Column("encoding", sa.String(length=16), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("employee_channel", sa.Integer(), nullable=True),
        sa.Column("data_offset", sa.Integer(), nullable=True),
        sa.Column("data_bytes", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("remote_number", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_rule", sa.String(length=8), nullable=False),
        sa.Column("sample_barred", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_recording_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("recorder", "call_id", name=op.f("uq_recording_recorder_call_id")),
    )
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.create_index("ix_recording_due", ["due_at", "id"], unique=False)
        batch_op.create_index("ix_recording_employee", ["employee_id", "started_at", "id"], unique=False)

    op.create_table(
        "selection_date",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint("announced_at IS NOT NULL", name=op.f("ck_selection_date_announced")),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_selection_date_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection_date")),
        sa.UniqueConstraint(
            "employee_id", "month", "ordinal", name=op.f("uq_selection_date_employee_id_month_ordinal")
        ),
    )
    with op.batch_alter_table("selection_date", schema=None) as batch_op:
        batch_op.create_index("ix_selection_date_due", ["state", "day"], unique=False)

    op.create_table(
        "signin_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signin_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signin_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_signin_session_token_digest")),
    )
    with op.batch_alter_table("signin_session", schema=None) as batch_op:
        batch_op.create_index("ix_signin_session_person", ["person_id"], unique=False)

    op.create_table(
        "slot_allowance",
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("exception_id", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "slot BETWEEN 1 AND 4 OR exception_id IS NOT NULL", name=op.f("ck_slot_allowance_four")
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_slot_allowance_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", "month", "slot", name=op.f("pk_slot_allowance")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_team_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("code", name=op.f("uq_team_code")),
    )
    op.create_table(
        "draw",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("selection_id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("rule_version", sa.String(length=16), nullable=False),
        sa.Column("pool_size", sa.Integer(), nullable=False),
        sa.Column("pool_root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("pool", sa.Text(), nullable=True),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phrase", sa.String(length=200), nullable=False),
        sa.Column("chain_id", sa.String(length=32), nullable=False),
        sa.Column("chain_index", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["chain_id"], ["seed_chain.id"], name=op.f("fk_draw_chain_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_draw_employee_id")),
        sa.ForeignKeyConstraint(["selection_id"], ["selection_date.id"], name=op.f("fk_draw_selection_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_draw")),
        sa.UniqueConstraint("chain_id", "chain_index", name=op.f("uq_draw_chain_id_chain_index")),
        sa.UniqueConstraint("selection_id", name=op.f("uq_draw_selection_id")),
    )
    op.create_table(
        "function_period",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("function", sa.String(length=32), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=True),
        sa.Column("department_id", sa.String(length=32), nullable=True),
        sa.Column("customer_calls", sa.Boolean(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.CheckConstraint("ends IS NULL OR ends > begins", name=op.f("ck_function_period_order")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_function_period_department_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_function_period_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_function_period_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_function_period")),
    )
    with op.batch_alter_table("function_period", schema=None) as batch_op:
        batch_op.create_index("ix_function_period_person", ["person_id", "begins"], unique=False)
        batch_op.create_index("ix_function_period_team", ["team_id", "function"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("placed_by", sa.String(length=32), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until > placed_at", name=op.f("ck_hold_order")),
        sa.ForeignKeyConstraint(["placed_by"], ["person.id"], name=op.f("fk_hold_placed_by")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_hold_recording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index("ix_hold_recording", ["recording_id"], unique=False)

    op.create_table(
        "playback_lease",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_playback_lease_person_id")),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recording.id"],
            name=op.f("fk_playback_lease_recording_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["signin_session.id"], name=op.f("fk_playback_lease_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playback_lease")),
    )
    with op.batch_alter_table("playback_lease", schema=None) as batch_op:
        batch_op.create_index("ix_playback_lease_recording", ["recording_id"], unique=False)

    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("hold_id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_incident_employee_id")),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["hold.id"], name=op.f("fk_incident_hold_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_incident_recording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_incident_recording_id")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index("ix_incident_employee", ["employee_id", "reported_at"], unique=False)

    op.create_table(
        "sampled_call",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("draw_number", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.LargeBinary(length=32), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_reason", sa.String(length=20), nullable=True),
        sa.Column("freed_ordinal", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(left_at IS NULL) = (left_reason IS NULL)", name=op.f("ck_sampled_call_left_why")
        ),
        sa.CheckConstraint("freed_ordinal BETWEEN 1 AND 4", name=op.f("ck_sampled_call_four_freed")),
        sa.CheckConstraint(
            "freed_ordinal IS NULL OR left_at IS NOT NULL", name=op.f("ck_sampled_call_freed_left")
        ),
        sa.ForeignKeyConstraint(["draw_number"], ["draw.number"], name=op.f("fk_sampled_call_draw_number")),
        sa.ForeignKeyConstraint(
            ["employee_id", "month", "slot"],
            ["slot_allowance.employee_id", "slot_allowance.month", "slot_allowance.slot"],
            name=op.f("fk_sampled_call_employee_id_month_slot"),
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_sampled_call_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_call")),
        sa.UniqueConstraint(
            "draw_number", "recording_id", name=op.f("uq_sampled_call_draw_number_recording_id")
        ),
        sa.UniqueConstraint(
            "employee_id",
            "month",
            "freed_ordinal",
            name=op.f("uq_sampled_call_employee_id_month_freed_ordinal"),
        ),
    )
    with op.batch_alter_table("sampled_call", schema=None) as batch_op:
        batch_op.create_index("ix_sampled_call_recording", ["recording_id"], unique=False)
        batch_op.create_index(
            "uq_sampled_call_live_slot",
            ["employee_id", "month", "slot"],
            unique=True,
            sqlite_where=sa.text("freed_ordinal IS NULL"),
            postgresql_where=sa.text("freed_ordinal IS NULL"),
        )

    op.create_table(
        "report",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sampled_call_id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("coach_id", sa.String(length=32), nullable=True),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_report_coach_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_report_employee_id")),
        sa.ForeignKeyConstraint(
            ["sampled_call_id"], ["sampled_call.id"], name=op.f("fk_report_sampled_call_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("sampled_call_id", name=op.f("uq_report_sampled_call_id")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index("ix_report_coach", ["coach_id", "finished_at"], unique=False)
        batch_op.create_index("ix_report_employee", ["employee_id", "finished_at"], unique=False)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index("ix_report_employee")
        batch_op.drop_index("ix_report_coach")

    op.drop_table("report")
    with op.batch_alter_table("sampled_call", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_sampled_call_live_slot",
            sqlite_where=sa.text("freed_ordinal IS NULL"),
            postgresql_where=sa.text("freed_ordinal IS NULL"),
        )
        batch_op.drop_index("ix_sampled_call_recording")

    op.drop_table("sampled_call")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_employee")

    op.drop_table("incident")
    with op.batch_alter_table("playback_lease", schema=None) as batch_op:
        batch_op.drop_index("ix_playback_lease_recording")

    op.drop_table("playback_lease")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index("ix_hold_recording")

    op.drop_table("hold")
    with op.batch_alter_table("function_period", schema=None) as batch_op:
        batch_op.drop_index("ix_function_period_team")
        batch_op.drop_index("ix_function_period_person")

    op.drop_table("function_period")
    op.drop_table("draw")
    op.drop_table("team")
    op.drop_table("slot_allowance")
    with op.batch_alter_table("signin_session", schema=None) as batch_op:
        batch_op.drop_index("ix_signin_session_person")

    op.drop_table("signin_session")
    with op.batch_alter_table("selection_date", schema=None) as batch_op:
        batch_op.drop_index("ix_selection_date_due")

    op.drop_table("selection_date")
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_index("ix_recording_employee")
        batch_op.drop_index("ix_recording_due")

    op.drop_table("recording")
    with op.batch_alter_table("coach_assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_coach_assignment_employee")
        batch_op.drop_index("ix_coach_assignment_coach")

    op.drop_table("coach_assignment")
    with op.batch_alter_table("agent_id", schema=None) as batch_op:
        batch_op.drop_index("ix_agent_id_lookup")

    op.drop_table("agent_id")
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        batch_op.drop_index("ix_tombstone_erased")

    op.drop_table("tombstone")
    with op.batch_alter_table("signin_throttle", schema=None) as batch_op:
        batch_op.drop_index("ix_signin_throttle_last_at")

    op.drop_table("signin_throttle")
    op.drop_table("service_token")
    op.drop_table("seed_chain")
    op.drop_table("person")
    op.drop_table("line")
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.drop_index("ix_job_run_latest")

    op.drop_table("job_run")
    op.drop_table("intake_count")
    op.drop_table("department")
    with op.batch_alter_table("audit_line", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_line_subject")
        batch_op.drop_index("ix_audit_line_actor")
        batch_op.drop_index("ix_audit_line_about")

    op.drop_table("audit_line")
