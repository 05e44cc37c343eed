"""How Alembic reaches the database: the connection that kcc hands it, or the settings' URL."""

from typing import Any

from alembic import context
from sqlalchemy import Connection

from kcc import config
from kcc.db import Database, UtcDateTime


def _render(kind: str, thing: Any, _: Any) -> str | bool:
    # Revisions must not import kcc: an instant is written as what the database stores.
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run(connection: Connection) -> None:
    from kcc.schema import metadata  # only here: upgrading needs no model, comparing does

    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    database = Database(config.load().database.url)
    with database.engine.connect() as connection:
        _run(connection)
        connection.commit()
