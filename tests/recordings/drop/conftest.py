"""A drop folder that is looked at, minute by minute, on the frozen clock."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kcc.clock import Frozen
from kcc.recordings.drop.figures import Figures
from kcc.recordings.drop.rounds import Watcher, prepare
from kcc.sections import Drop
from kcc.stores import Stores
from tests.recordings import inbox


class Dropped:
    """The folder, and whoever watches it."""

    def __init__(self, stores: Stores, now: Frozen, folder: Path, **settings: Any) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.now = folder, now
        self.drop = Drop(folder=folder, **settings)
        prepare(self.drop)
        self.stores = replace(stores, settings=stores.settings.model_copy(update={"drops": (self.drop,)}))
        self.watcher = Watcher()

    def look(self, times: int = 1, minutes: float = 1) -> Figures:
        """So many looks, a minute apart; what the last one came to."""
        for _ in range(times):
            found = self.watcher.look(self.stores)
            self.now.move(timedelta(minutes=minutes))
        return found

    def left(self) -> set[str]:
        """What lies there, without kcc's own notes."""
        return {
            name
            for name in inbox.left(self.folder)
            if not name.startswith(".kcc/") and ".reason." not in name
        }

    def claimed(self) -> int:
        """How many claims there are."""
        return sum(one.is_dir() for one in (self.folder / ".kcc").iterdir())


@pytest.fixture
def dropped(stores: Stores, now: Frozen, tmp_path: Path) -> Dropped:
    """A drop folder with the settings that an installation has by default."""
    return Dropped(stores, now, tmp_path / "drop")
