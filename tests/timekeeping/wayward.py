"""A clock for tests that can do what real ones do on bad days: jump, go back, lose its server, restart."""

from collections.abc import Callable
from datetime import datetime, timedelta

from kcc.clock import Reading


class Wayward:
    """A host's clock, its steady clock, and the database's, each moved by itself."""

    def __init__(self, at: datetime, *, synchronised: bool = False) -> None:
        self.at, self.server = at, at
        self.boot, self.steady, self.synchronised = "first", 1000.0, synchronised
        self.floor: datetime | None = None

    def __call__(self) -> datetime:
        return max(self.at, self.floor or self.at)

    def read(self) -> Reading:
        """As it stands."""
        return Reading(self.at, self.boot, self.steady, self.synchronised)

    def keep_up(self, at: datetime) -> None:
        """Remember the floor."""
        self.floor = at

    def beside(self, ask: Callable[[], datetime]) -> datetime:
        """The database's clock, after asking it in earnest."""
        assert ask().tzinfo is not None
        return self.server

    def live(self, by: timedelta) -> None:
        """Time goes by as it should."""
        self.at, self.server, self.steady = self.at + by, self.server + by, self.steady + by.total_seconds()

    def jump(self, by: timedelta, *, server_too: bool = True) -> None:
        """Somebody sets the clock; the database stands on the same machine, or not."""
        self.at += by
        if server_too:
            self.server += by

    def restart(self, after: timedelta) -> None:
        """The machine was off."""
        self.at, self.server = self.at + after, self.server + after
        self.boot, self.steady = self.boot + "+", 5.0
