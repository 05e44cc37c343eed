"""0031: incidents keep their call and their words, up and down; of several calls one remains."""

import pytest
from sqlalchemy import inspect, text

from kcc import migrating
from kcc.db import Database
from tests.migrations.test_schema import BEFORE_0005, empty

__all__ = ["empty"]
REVISION, BEFORE = "0031", "0028"
CALLS = (
    "SELECT incident_id, recording_id, hold_id, marks FROM incident_call ORDER BY incident_id, recording_id"
)
MORE = """
INSERT INTO recording (id, recorder, call_id, receipt, state, started_at, received_at, duration_ms, direction,
    scope, nature, line, agent_id, employee_id, size, content_digest, due_at, due_rule, sample_barred)
VALUES ('s', 'x', 'd', 's', 'live', '2026-01-02', '2026-01-02', 1, 'incoming',
    'external', 'business', 'main', 'a', 'p', 1, 'd', '2026-07-02', 'RET-2', true);
INSERT INTO incident_call (incident_id, recording_id, hold_id, marks) VALUES ('i', 's', 'short', 'm');
INSERT INTO incident (id, recording_id, employee_id, kind, account, reported_at, state, wishes_contact)
VALUES ('old', 'r', 'p', 'verbal', 'x', '2025-12-31', 'withdrawn', true);
INSERT INTO incident_call (incident_id, recording_id, hold_id) VALUES ('old', 'r', 'long');
INSERT INTO incident_measure (id, incident_id, kind, owner_id, due, plan, proposed_at)
VALUES ('m', 'i', 'talk', 'p', '2026-02-01', 'x', '2026-01-03');
INSERT INTO incident_extension (id, incident_id, linked_id, ground, reason, by_id, made_at, until)
VALUES ('e', 'i', 'old', 'incident', 'x', 'p', '2026-06-01', '2026-08-01');
INSERT INTO threat_tally (quarter, word, count) VALUES ('2026-01-01', 'incident:verbal', 1)
"""


@pytest.mark.rule("THR-1", "RET-2")
def test_incidents_go_up_and_down_with_data(empty: Database) -> None:
    """One of before is open with its call; the tables that hang on it come and go, nothing is emptied."""
    migrating.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        for statement in BEFORE_0005.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, REVISION)
    with empty.engine.begin() as connection:
        assert [tuple(row) for row in connection.execute(text(CALLS))] == [("i", "r", "long", None)]
        (found,) = connection.execute(text("SELECT id, state, wishes_contact, ended_at FROM incident")).all()
        assert (found[0], found[1], bool(found[2]), found[3]) == ("i", "open", False, None)
        for statement in MORE.strip().split(";"):
            connection.execute(text(statement))
    migrating.downgrade(empty, BEFORE)
    tables = inspect(empty.engine).get_table_names()
    assert not {"incident_call", "incident_measure", "incident_extension", "threat_tally"} & set(tables)
    assert "kcc_calls_aside" not in tables
    with empty.engine.connect() as connection:
        kept = connection.execute(text("SELECT id, recording_id, hold_id FROM incident")).all()
        assert [tuple(row) for row in kept] == [("i", "r", "long")]
        assert connection.execute(text("SELECT count(*) FROM recording")).scalar_one() == 2
        assert connection.execute(text("SELECT count(*) FROM hold")).scalar_one() == 2
    migrating.upgrade(empty, REVISION)
    with empty.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM incident_call")).scalar_one() == 1
        connection.execute(text("DELETE FROM recording WHERE id = 'r'"))
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar_one() == 0
