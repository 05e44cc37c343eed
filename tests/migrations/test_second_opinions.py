"""0025: second opinions go up and down with data in them, and reports stay."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from kcc import migrating
from kcc.db import Database
from tests.migrations.test_schema import empty

__all__ = ["empty"]

BEFORE = """
INSERT INTO person (id, number, name, language) VALUES ('e', '1', 'A', 'nl'), ('c', '2', 'B', 'nl');
INSERT INTO selection_date (id, employee_id, month, ordinal, day, announced_at, state)
VALUES ('d', 'e', '2026-11-01', 1, '2026-11-16', '2026-11-03', 'drawn');
INSERT INTO seed_chain (id, published_end, length, used, created_at) VALUES ('s', 'x', 1, 1, '2026-11-03');
INSERT INTO draw (number, selection_id, employee_id, rule_version, pool_size, pool_root, committed_at, phrase,
    chain_id, chain_index)
VALUES (1, 'd', 'e', '1', 1, 'x', '2026-11-16', '', 's', 1);
INSERT INTO slot_allowance (employee_id, month, slot) VALUES ('e', '2026-11-01', 1);
INSERT INTO sampled_call (id, draw_number, recording_id, employee_id, month, slot, ticket, drawn_at)
VALUES ('k', 1, 'r', 'e', '2026-11-01', 1, 'x', '2026-11-16');
INSERT INTO report (id, sampled_call_id, employee_id, coach_id, form_version, content, revision, created_at,
    saved_at, finished_at)
VALUES ('v', 'k', 'e', 'c', 1, 'x', 1, '2026-11-16', '2026-11-16', '2026-11-16')
"""
ASKED = (
    "INSERT INTO second_opinion (id, report_id, recording_id, employee_id, coach_id, asked_at, ends_at,"
    " form_version, content, revision, conclusion_revision)"
    " VALUES ('{}', 'v', 'r', 'e', 'c', '2026-11-17', '2026-12-01', 1, 'x', 0, 0)"
)


@pytest.mark.rule("REP-8")
def test_second_opinions_go_up_and_down_with_data(empty: Database) -> None:
    """One stands on a report; going down takes what was asked, and nothing of the report."""
    migrating.upgrade(empty, "0019")
    with empty.engine.begin() as connection:
        for statement in BEFORE.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0025")
    with empty.engine.begin() as connection:
        connection.execute(text(ASKED.format("o")))
    with pytest.raises(IntegrityError), empty.engine.begin() as connection:
        connection.execute(text(ASKED.format("p")))
    migrating.downgrade(empty, "0019")
    assert "second_opinion" not in inspect(empty.engine).get_table_names()
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM report")).scalar_one() == 1
    migrating.upgrade(empty, "0025")
    with empty.engine.begin() as connection:
        connection.execute(text(ASKED.format("o")))
        connection.execute(text("UPDATE second_opinion SET ended_at = '2026-11-18', ended_why = 'withdrawn'"))
        connection.execute(text(ASKED.format("p")))
