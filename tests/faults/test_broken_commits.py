"""A connection that breaks while a row is committed: committed or not, nothing is lost and nothing half."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from kcc.clock import Frozen
from kcc.recordings.reconcile import clear_strays, missing
from kcc.stores import Stores
from tests import postgres
from tests.centre import build
from tests.faults.conftest import live_by_the_files_clock
from tests.recordings import traces
from tests.recordings.inbox import left, put, run

pytestmark = pytest.mark.faults

COMMIT = b"COMMIT"


class Cut:
    """A way to the database that breaks at the first commit once armed: before it, or before its answer."""

    def __init__(self, host: str, port: int, *, before: bool) -> None:
        self._to, self._before, self.armed, self.url = (host, port), before, False, ""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """Take no more connections, and wait for those there are to end."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._threads.append(threading.Thread(target=self._serve, args=(client,)))
                self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._to) as server, suppress(OSError):
            while self._passed(client, server):
                pass

    def _passed(self, client: socket.socket, server: socket.socket) -> bool:
        """Hand on what came from either side; False when the connection is over."""
        for source in select.select([client, server], [], [])[0]:
            data = source.recv(65_536)
            breaks = self.armed and source is client and COMMIT in data
            if breaks:
                self.armed = False
            if not data or (breaks and self._before):
                return False
            (server if source is client else client).sendall(data)
            if breaks:
                server.recv(65_536)  # committed, and nobody else hears of it
                return False
        return True


@pytest.fixture(params=["before the commit", "before its answer"])
def cut(request: pytest.FixtureRequest, postgres_url: str, migrated_postgres: str) -> Iterator[Cut]:
    """A database of its own behind a way that can be cut."""
    with postgres.database(postgres_url, migrated_postgres) as url:
        direct = make_url(url)
        way = Cut(str(direct.host), int(direct.port or 5432), before=request.param == "before the commit")
        way.url = direct.set(host="127.0.0.1", port=way.port).render_as_string()
        yield way
        way.close()


@pytest.fixture
def database_url(cut: Cut) -> str:
    """In place of the engines in turn: PostgreSQL, over the way that can be cut."""
    return cut.url


def test_a_commit_in_doubt_loses_no_call_and_no_key(
    stores: Stores, cut: Cut, now: Frozen, tmp_path: Path
) -> None:
    build(stores)
    folder = tmp_path / "source"
    put(folder, "a.wav")
    cut.armed = True
    (answer,) = run(stores, folder).values()
    assert (answer.code, answer.removed) == ("database", False)
    assert left(folder) == {"a.wav", "a.json"}
    assert list(missing(stores)) == [], "a row was committed and its key or sound is gone"
    (again,) = run(stores, folder).values()
    assert again.code in ("stored", "known")
    live_by_the_files_clock(now)
    clear_strays(stores, timedelta(0))
    assert left(folder) == set()
    assert traces.amounts(stores) == (1, 1, 1)
    assert list(missing(stores)) == []
