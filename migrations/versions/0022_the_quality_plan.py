"""The quality plan: versions of the QM form, of which the protocol's annex is the first."""

import hashlib
import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

DIGEST = "a947a1e7accf78ba93501c791269ec660e906a85eea0d8d43822de581f4a05f0"
"""SHA-256 of the annex' form with plain line ends: version 1 is the same everywhere, or is not put in."""
BEGAN = datetime(2000, 1, 1, tzinfo=UTC)
"""Version 1 holds from before anything else."""


def upgrade() -> None:
    """One table, which refuses changes to what is published, with version 1 in it."""
    person = sa.String(length=32)
    op.create_table(
        "form_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", person),
        sa.Column("starts_on", sa.Date()),
        sa.Column("proposed_by", person),
        sa.Column("proposed_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_by", person),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_form_version")),
        *(
            sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_form_version_{column}_person"))
            for column in ("saved_by", "proposed_by", "confirmed_by")
        ),
        *(sa.CheckConstraint(said, name=op.f(f"ck_form_version_{name}")) for name, said in CHECKS.items()),
    )
    op.get_bind().execute(
        sa.text(
            "INSERT INTO form_version (version, body, revision, begun_at, saved_at, starts_on, published_at)"
            " VALUES (1, :body, 0, :at, :at, :day, :at)"
        ).bindparams(
            sa.bindparam("at", type_=sa.DateTime(timezone=True)), sa.bindparam("day", type_=sa.Date())
        ),
        {"body": _first(), "at": BEGAN, "day": date(2000, 1, 1)},
    )
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """All versions go; reports on a later one than the first can no longer be read."""
    op.drop_table("form_version")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION form_version_stays()")


CHECKS = {
    "numbered": "version > 0",
    "proposed": "(proposed_by IS NULL) = (proposed_at IS NULL)",
    "proposed_from": "proposed_by IS NULL OR starts_on IS NOT NULL",
    "confirmed": "(confirmed_by IS NULL) = (published_at IS NULL) OR version = 1",
    "published_from": "published_at IS NULL OR starts_on IS NOT NULL",
    "two_persons": "published_at IS NULL OR version = 1"
    " OR (proposed_by IS NOT NULL AND confirmed_by IS NOT NULL AND proposed_by <> confirmed_by)",
}
TRIGGERS = {
    "sqlite": [
        "CREATE TRIGGER form_version_stays BEFORE UPDATE ON form_version WHEN OLD.published_at IS NOT NULL"
        " BEGIN SELECT RAISE(ABORT, 'a published version of the form never changes'); END",
        "CREATE TRIGGER form_version_remains BEFORE DELETE ON form_version WHEN OLD.published_at IS NOT NULL"
        " BEGIN SELECT RAISE(ABORT, 'a published version of the form is never deleted'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION form_version_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog"
        " AS $$ BEGIN RAISE EXCEPTION 'a published version of the form never changes'; END $$",
        "CREATE TRIGGER form_version_stays BEFORE UPDATE OR DELETE ON form_version FOR EACH ROW"
        " WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION form_version_stays()",
        "CREATE TRIGGER form_version_remains BEFORE TRUNCATE ON form_version"
        " EXECUTE FUNCTION form_version_stays()",
    ],
}


def _first() -> str:
    """The body of version 1, from the package's file: beside it in a checkout, around it when installed."""
    root = Path(__file__).resolve().parents[2]
    place = next(path for name in ("coaching", "*/coaching") for path in root.glob(f"{name}/form_v1.toml"))
    text = place.read_text(encoding="utf-8")
    if hashlib.sha256(text.encode()).hexdigest() != DIGEST:
        raise RuntimeError("form_v1.toml is not the form of the annex that this revision puts in")
    raw = tomllib.loads(text)
    phases = [
        {"code": phase["code"], "name": _both(phase, ""), "items": [_item(item) for item in phase["item"]]}
        for phase in raw["phase"]
    ]
    return json.dumps({"phases": phases, "norm": raw["norm"]}, ensure_ascii=False, sort_keys=True)


def _item(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": raw["number"],
        "name": _both(raw, "_name"),
        "question": _both(raw, ""),
        "meaning": _both(raw, "_meaning"),
        "knowledge": raw.get("knowledge", False),
        "observable": raw.get("observable", True),
    }


def _both(raw: dict[str, Any], of: str) -> dict[str, str]:
    return {language: raw[f"{language}{of}"] for language in ("nl", "en")}
