"""An installation of its own for a benchmark: stores on a throw-away folder, one employee, lines, calls."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kcc import config, database_commands, migrating
from kcc.db import Database
from kcc.scheduler import auditing
from kcc.stores import Stores
from kcc.vault.folder import Folder
from tests.centre import Centre, build


@contextmanager
def house(extra: str = "") -> Iterator[tuple[Centre, Path]]:
    """An open, migrated installation with the small centre of the tests; and its settings file."""
    folder = Path(tempfile.mkdtemp(prefix="kcc-bench-"))
    file = folder / "kcc.toml"
    file.write_text(f'[log]\nlevel = "error"\n{extra}')
    settings = config.load(file)
    Folder.create(settings.blobs.folder)
    stores = Stores.open(settings)
    try:
        with closing(Database(settings.database.url)) as owned:
            migrating.upgrade(owned)
            if settings.database.split:
                migrating.wall(owned, database_commands.names(settings))
        auditing.make_key(settings)  # as `kcc migrate` does
        yield build(stores), file
    finally:
        stores.close()
        shutil.rmtree(folder)
