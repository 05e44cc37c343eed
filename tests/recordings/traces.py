"""What an installation holds of a call, seen from outside: rows, keys, blobs, and any trace of a text."""

from collections import Counter
from pathlib import Path

from sqlalchemy import MetaData, func, select
from sqlalchemy.engine import make_url

from kcc.recordings import callers, marks
from kcc.recordings.model import IntakeCount, Recording, Tombstone
from kcc.stores import Stores


def recordings(stores: Stores) -> list[Recording]:
    """All rows, oldest call first."""
    with stores.database.read() as session:
        return list(session.scalars(select(Recording).order_by(Recording.started_at, Recording.call_id)))


def recording(stores: Stores) -> Recording:
    """The one row there is."""
    (only,) = recordings(stores)
    return only


def tombstones(stores: Stores) -> list[Tombstone]:
    """All tombstones."""
    with stores.database.read() as session:
        return list(session.scalars(select(Tombstone).order_by(Tombstone.due_at)))


def keys(stores: Stores) -> list[str]:
    """The ids of all keys but those of callers' days and of the tombstones."""
    others = {*day_keys(stores), marks.KEY}
    return [id_ for id_ in stores.keys.ids() if id_ not in others]


def day_keys(stores: Stores) -> list[str]:
    """The ids of the keys under which callers are found."""
    return list(stores.keys.ids(callers.PREFIX))


def files(stores: Stores) -> list[Path]:
    """Every file of the volume but its marker, drafts included."""
    folder = stores.settings.blobs.folder
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".kcc-volume"]


def amounts(stores: Stores) -> tuple[int, int, int]:
    """How many rows, keys and files there are."""
    with stores.database.read() as session:
        rows = session.scalar(select(func.count()).select_from(Recording)) or 0
    return rows, len(keys(stores)), len(files(stores))


def refusals(stores: Stores) -> dict[tuple[str, str], int]:
    """The counts of refusals, by line and code."""
    with stores.database.read() as session:
        rows = session.execute(select(IntakeCount.line, IntakeCount.code, IntakeCount.count))
        found: Counter[tuple[str, str]] = Counter()
        for line, code, number in rows:  # one row a day
            found[line, code] += number
    return dict(found)


def holds_text(stores: Stores, *texts: str) -> list[str]:
    """Which of these texts stand in any cell of any table, or in any file of the installation."""
    cells = _cells(stores)
    folder = stores.settings.blobs.folder.parent
    raw = b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and "source" not in path.parts
    )
    return [text for text in texts if text in cells or text.encode() in raw]


def _cells(stores: Stores) -> str:
    metadata = MetaData()
    metadata.reflect(stores.database.engine)
    with stores.database.engine.connect() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(_text(cell) for row in rows for cell in row)


def _text(cell: object) -> str:
    return bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell)


def is_sqlite(stores: Stores) -> bool:
    """Whether the main database is the embedded one."""
    return make_url(stores.settings.database.url).get_backend_name() == "sqlite"


def words_in_cells(stores: Stores, *texts: str) -> list[str]:
    """Which of these texts stand in any cell of any table."""
    cells = _cells(stores)
    return [text for text in texts if text in cells]
