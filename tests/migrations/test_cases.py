"""0037: cases go up and down with data in them; a person has one at a time, and recordings stay."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from kcc import migrating
from kcc.db import Database
from tests.migrations.test_schema import empty

__all__ = ["empty"]

BEFORE = """
INSERT INTO person (id, number, name, language) VALUES ('e', '1', 'A', 'nl'), ('m', '2', 'B', 'nl');
INSERT INTO recording (id, recorder, call_id, receipt, state, started_at, received_at, duration_ms, direction,
    scope, nature, line, agent_id, employee_id, size, content_digest, due_at, due_rule, sample_barred)
VALUES ('r', 'x', 'c', 'q', 'live', '2026-11-03', '2026-11-03', 1, 'incoming', 'external', 'business', 'main',
    'a', 'e', 1, 'x', '2026-12-01', 'RET-1', false);
INSERT INTO hold (id, recording_id, kind, rule, placed_by, placed_at, until)
VALUES ('t', 'r', 'threat', 'RET-2', 'e', '2026-11-03', '2027-05-03')
"""
CASE = (
    "INSERT INTO weighty_case (id, employee_id, made_at, ends_at, listener_id, postponed, ending)"
    " VALUES ('{}', 'e', '2026-11-03', '2026-11-13', 'm', 0, 'x')"
)
AFTER = """
INSERT INTO hold (id, recording_id, kind, rule, placed_by, placed_at, until)
VALUES ('k', 'r', 'case', 'RET-5', 'm', '2026-11-03', '2026-12-13');
UPDATE recording SET kept_until = '2026-12-13', left_at = '2026-12-01';
INSERT INTO case_decision (id, case_id, kind, listener_id, ends_at, content, made_at)
VALUES ('d', 'one', 'open', 'm', '2026-11-13', 'x', '2026-11-03');
INSERT INTO case_signature (decision_id, seat, person_id, signed_at) VALUES ('d', 'lead', 'm', '2026-11-03');
INSERT INTO case_call (id, case_id, recording_id, hold_id) VALUES ('l', 'one', 'r', 'k');
INSERT INTO case_count (quarter, what, count) VALUES ('2026-10-01', 'open', 1)
"""


def _run(database: Database, statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements.strip().split(";"):
            connection.execute(text(statement))


@pytest.mark.rule("WGT-2", "RET-5")
def test_cases_go_up_and_down_with_data(empty: Database) -> None:
    """Going down takes the cases and their holds, and leaves the recording with what else keeps it."""
    migrating.upgrade(empty, "0028")
    _run(empty, BEFORE)
    migrating.upgrade(empty, "0037")
    _run(empty, CASE.format("one"))
    with pytest.raises(IntegrityError):
        _run(empty, CASE.format("two"))
    _run(empty, AFTER)
    migrating.downgrade(empty, "0028")
    assert "weighty_case" not in inspect(empty.engine).get_table_names()
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM hold")).scalars().all() == ["t"]
        assert connection.execute(text("SELECT count(*) FROM recording")).scalar_one() == 1
    migrating.upgrade(empty, "0037")
    _run(empty, CASE.format("one"))
