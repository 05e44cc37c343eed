"""0023 with data in it: the moments' table comes and goes; of a report's beginning the day alone stays."""

from sqlalchemy import inspect, text

from kcc import migrating
from kcc.db import Database
from tests.migrations.test_schema import empty  # noqa: F401 - a borrowed fixture

BEFORE = """
INSERT INTO person (id, number, name, language) VALUES ('p', '1', 'A', 'nl');
INSERT INTO selection_date (id, employee_id, month, ordinal, day, announced_at, state)
VALUES ('s', 'p', '2026-07-01', 1, '2026-07-06', '2026-07-01', 'drawn');
INSERT INTO seed_chain (id, published_end, length, used, created_at) VALUES ('c', 'x', 1, 1, '2026-01-01');
INSERT INTO draw (number, selection_id, employee_id, rule_version, pool_size, pool_root, committed_at, phrase,
    chain_id, chain_index)
VALUES (1, 's', 'p', '1', 1, 'x', '2026-07-06', '', 'c', 1);
INSERT INTO slot_allowance (employee_id, month, slot) VALUES ('p', '2026-07-01', 1);
INSERT INTO sampled_call (id, draw_number, recording_id, employee_id, month, slot, ticket, drawn_at)
VALUES ('d', 1, 'r', 'p', '2026-07-01', 1, 'x', '2026-07-06');
INSERT INTO report (id, sampled_call_id, employee_id, form_version, content, revision, created_at, saved_at)
VALUES ('w', 'd', 'p', 1, 'x', 3, '2026-07-06 22:30:10.5', '2026-07-07 08:00:00')
"""


def test_a_reports_beginning_becomes_a_day(empty: Database) -> None:  # noqa: F811
    """Half past midnight in Amsterdam's summer is the next day; up, down and up again it stays that day."""
    migrating.upgrade(empty, "0019")
    with empty.engine.begin() as connection:
        for statement in BEFORE.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0023")
    assert "remark_moment" in inspect(empty.engine).get_table_names()
    migrating.downgrade(empty, "0019")
    assert "remark_moment" not in inspect(empty.engine).get_table_names()
    migrating.upgrade(empty)
    with empty.engine.connect() as connection:
        row = connection.execute(text("SELECT created_at, saved_at FROM report")).one()
    assert [str(value)[:19] for value in row] == ["2026-07-06 22:00:00", "2026-07-07 08:00:00"]
