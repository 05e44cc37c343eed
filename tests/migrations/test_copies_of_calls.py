"""0035 and 0036: copies of calls go up and down with data in them, and recordings and measures stay."""

import pytest
from sqlalchemy import inspect, text

from kcc import migrating
from kcc.db import Database
from tests.migrations.test_schema import empty

__all__ = ["empty"]

RECORDING = """
INSERT INTO person (id, number, name, language) VALUES ('e', '1', 'A', 'nl'), ('f', '2', 'B', 'nl');
INSERT INTO recording (id, recorder, call_id, receipt, state, started_at, received_at, duration_ms, direction,
    scope, nature, line, agent_id, employee_id, size, content_digest, due_at, due_rule, sample_barred)
VALUES ('r', 'x', 'c', 'q', 'live', '2026-11-16', '2026-11-16', 1, 'incoming', 'external', 'business', 'main',
    'a', 'e', 1, 'x', '2026-12-14', 'RET-1', false)
"""
ENTRY = (
    "INSERT INTO disclosure_entry (id, purpose, recording_id, reference, by_id, made_at, expires_at,"
    " revision) VALUES ('{}', 'disclosure', 'r', 'x', 'f', '2026-11-17', '2026-12-17', 0)"
)


@pytest.mark.rule("SUB-2", "THR-5")
def test_copies_go_up_and_down_with_data(empty: Database) -> None:
    """Entries are numbered one after another, and stay when their call is erased; going down takes them."""
    migrating.upgrade(empty, "0028")
    with empty.engine.begin() as connection:
        for statement in RECORDING.strip().split(";"):
            connection.execute(text(statement))
    migrating.upgrade(empty, "0036")
    with empty.engine.begin() as connection:
        for name in ("k", "l"):
            connection.execute(text(ENTRY.format(name)))
        numbers = connection.execute(text("SELECT number FROM disclosure_entry ORDER BY number")).scalars()
        assert list(numbers) == [1, 2]
        connection.execute(text("DELETE FROM recording"))
    with empty.engine.connect() as connection:
        kept = connection.execute(text("SELECT recording_id FROM disclosure_entry")).scalars().all()
    assert kept == [None, None]
    migrating.downgrade(empty, "0028")
    assert not {"disclosure_entry", "police_copy"} & set(inspect(empty.engine).get_table_names())
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 2
    migrating.upgrade(empty, "0036")
