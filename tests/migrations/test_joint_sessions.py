"""0034: joint sessions come and go with all that hangs on them, and incidents stay."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from kcc import migrating
from kcc.db import Database
from tests.migrations.test_schema import BEFORE_0005, empty

__all__ = ["empty"]
REVISION, BEFORE = "0034", "0031"
OPENED = (
    "INSERT INTO joint_session (id, recording_id, incident_id, employee_id, opened_at, ends_at)"
    " VALUES ('{}', 'r', 'i', 'p', '2026-01-03', '2026-01-03')"
)
MORE = """
INSERT INTO joint_presence (joint_id, person_id, session_id, joined_at, seen_at, beside, listening)
VALUES ('j', 'p', 's', '2026-01-03', '2026-01-03', false, true);
INSERT INTO joint_transport (joint_id, revision, playing, place_ms, moved_at)
VALUES ('j', 1, true, 0, '2026-01-03');
INSERT INTO joint_mark (id, joint_id, by_id, place, made_at) VALUES ('m', 'j', 'p', 'x', '2026-01-03')
"""
TABLES = {"joint_session", "joint_presence", "joint_transport", "joint_mark"}


@pytest.mark.rule("THR-2", "RET-8")
def test_joint_sessions_go_up_and_down_with_data(empty: Database) -> None:
    """One at a time of a call; with the recording all of it goes, going down leaves the incident."""
    migrating.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        for statement in BEFORE_0005.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, REVISION)
    with empty.engine.begin() as connection:
        for statement in (OPENED.format("j"), *MORE.strip().split(";")):
            connection.execute(text(statement))
    with pytest.raises(IntegrityError), empty.engine.begin() as connection:
        connection.execute(text(OPENED.format("k")))
    migrating.downgrade(empty, BEFORE)
    assert not TABLES & set(inspect(empty.engine).get_table_names())
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar_one() == 1
    migrating.upgrade(empty, REVISION)
    with empty.engine.begin() as connection:
        for statement in (OPENED.format("j"), *MORE.strip().split(";")):
            connection.execute(text(statement))
        connection.execute(text("DELETE FROM recording WHERE id = 'r'"))
        for table in TABLES:
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0  # noqa: S608
