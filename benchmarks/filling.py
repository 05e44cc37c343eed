"""Filling a store with millions of recordings by statements of the database itself; measures nothing."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from kcc import clock
from kcc.stores import Stores

SPAN = timedelta(days=27)
"""Over which the calls are spread, back from an hour ago: none of them is due."""
STEP = 250_000
_ROW = """
INSERT INTO recording (id, recorder, call_id, receipt, state, started_at, received_at, duration_ms, direction,
  scope, nature, line, agent_id, employee_id, encoding, rate, channels, data_offset, data_bytes, size,
  content_digest, due_at, due_rule, sample_barred)
"""
_SQLITE = """
WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last),
  c AS (SELECT i, :newest - i * :apart AS at FROM n)
SELECT lower(hex(randomblob(16))), 'bulk', 'call-' || i, lower(hex(randomblob(16))), 'live',
  strftime('%Y-%m-%d %H:%M:%f000', at, 'unixepoch'), strftime('%Y-%m-%d %H:%M:%f000', at, 'unixepoch'),
  240000, 'incoming', 'external', 'business', 'main', 'agent', :employee, 'alaw', 8000, 1, 58, 1920000,
  1920058, zeroblob(32), strftime('%Y-%m-%d %H:%M:%f000', at + 2419200, 'unixepoch'), 'RET-1', 0 FROM c
"""
_POSTGRESQL = """
SELECT md5(random()::text || i), 'bulk', 'call-' || i, md5(random()::text || i || 'r'), 'live',
  to_timestamp(at), to_timestamp(at), 240000, 'incoming', 'external', 'business', 'main', 'agent', :employee,
  'alaw', 8000, 1, 58, 1920000, 1920058, decode(repeat('00', 32), 'hex'), to_timestamp(at + 2419200), 'RET-1',
  false
FROM (SELECT i, CAST(:newest - i * :apart AS double precision) AS at
  FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS i) AS c
"""
_KEYS = """
INSERT INTO vault_key (key_id, root_id, wrapped)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :number)
SELECT lower(hex(randomblob(16))), (SELECT root_id FROM vault_key LIMIT 1), randomblob(60) FROM n
"""


def recordings(stores: Stores, employee: str, first: int, last: int, most: int) -> None:
    """Register the calls numbered `first` up to, not including, `last` of `most`, newest first, as one
    employee's; without sound.
    """
    engine = stores.database.engine
    embedded = engine.dialect.name == "sqlite"
    statement = text(_ROW + (_SQLITE if embedded else _POSTGRESQL))
    newest = (clock.now() - timedelta(hours=1)).timestamp()
    given = {"newest": newest, "apart": SPAN.total_seconds() / most, "employee": employee}
    for at in range(first, last, STEP):
        with engine.connect() as connection:
            _hurry(connection, embedded)
            with connection.begin():
                connection.execute(statement, given | {"first": at, "last": min(at + STEP, last) - 1})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE recording" if embedded else "VACUUM ANALYZE recording")
    stores.database.settle()


def keys(stores: Stores, number: int) -> None:
    """Put as many more keys into the (embedded) key store, of nothing; one key must be there."""
    writer = stores.keys._rows._engine
    for at in range(0, number, STEP):
        with writer.connect() as connection:
            _hurry(connection, embedded=True)
            with connection.begin():
                connection.execute(text(_KEYS), {"number": min(STEP, number - at)})
    stores.keys._rows.settle()


def started(number: int, most: int) -> datetime:
    """When about the call of this number began."""
    return clock.now() - timedelta(hours=1) - SPAN * number / most


def _hurry(connection: Connection, embedded: bool) -> None:
    """A cache of 1 GB for this connection: rows and keys come in random order."""
    if embedded:
        driver = connection.connection.cursor()
        driver.execute("PRAGMA cache_size=-1000000")
        driver.execute("PRAGMA synchronous=OFF")
