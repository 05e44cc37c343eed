"""Where the loop's installations lie, copied or made anew for each run: SQLite and a folder, PostgreSQL, an
S3 bucket; what is done in them is scenes'.
"""

import json
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kcc import config, migrating
from kcc.db import Database
from tests import postgres, seaweed

Prepare = Callable[[config.Settings, Path], None]


def settings_in(folder: Path, url: str | None = None, blobs: dict[str, str] | None = None) -> config.Settings:
    """The settings of an installation in a folder."""
    return config.parse(
        {
            "database": {"url": url or f"sqlite:///{folder / 'kcc.db'}"},
            "keystore": {
                "url": f"sqlite:///{folder / 'keys' / 'keys.db'}",
                "root_file": str(folder / "keys" / "root.key"),
            },
            "blobs": blobs or {"folder": str(folder / "blobs")},
            "audit": {"key_file": str(folder / "audit" / "signing.key")},
            "server": {"secret_key_file": str(folder / "secret.key")},
        },
        folder,
    )


@dataclass
class OnSqlite:
    """Both databases embedded, sound in a folder; one installation is prepared and then copied."""

    place: Path
    name: str = "sqlite"
    _prepared: dict[str, Path] = field(default_factory=dict)

    def close(self) -> None:
        """Give back what this process made."""

    def migrate(self) -> None:
        """Make the empty database that all begin with."""
        self.place.mkdir(parents=True, exist_ok=True)
        _migrate(f"sqlite:///{self.place / 'migrated.db'}")

    def prepare(self, scene: str, prepare: Prepare) -> None:
        """Make the installation of a scene."""
        folder = self.place / secrets.token_hex(4)
        folder.mkdir()
        shutil.copy(self.place / "migrated.db", folder / "kcc.db")
        prepare(settings_in(folder), folder)
        self._prepared[scene] = folder

    @contextmanager
    def run(self, scene: str) -> Iterator[tuple[config.Settings, Path]]:
        """A copy of it."""
        folder = self.place / secrets.token_hex(4)
        shutil.copytree(self._prepared[scene], folder)
        try:
            yield settings_in(folder), folder
        finally:
            shutil.rmtree(folder)


@dataclass
class OnPostgres(OnSqlite):
    """The database on PostgreSQL, the key store embedded, sound in a folder."""

    name: str = "postgresql"
    server: str = ""
    _stack: ExitStack = field(default_factory=ExitStack)
    _made: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        self._stack.close()

    def migrate(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        self._migrated = self._stack.enter_context(postgres.database(self.server))
        _migrate(self._migrated)
        self._above, self._stack = self._stack, ExitStack()

    def prepare(self, scene: str, prepare: Prepare) -> None:
        folder = self.place / secrets.token_hex(4)
        folder.mkdir()
        url = self._stack.enter_context(postgres.database(self.server, _last(self._migrated)))
        prepare(settings_in(folder, url), folder)
        self._prepared[scene], self._made[scene] = folder, _last(url)

    @contextmanager
    def run(self, scene: str) -> Iterator[tuple[config.Settings, Path]]:
        folder = self.place / secrets.token_hex(4)
        shutil.copytree(self._prepared[scene], folder)
        try:
            with postgres.database(self.server, self._made[scene]) as url:
                yield settings_in(folder, url), folder
        finally:
            shutil.rmtree(folder)


@dataclass
class OnS3(OnSqlite):
    """Both databases embedded, sound in a bucket, of which no copy can be taken: made anew for each run."""

    name: str = "s3"
    server: seaweed.Server | None = None
    _how: dict[str, Prepare] = field(default_factory=dict)

    def prepare(self, scene: str, prepare: Prepare) -> None:
        self._how[scene] = prepare

    @contextmanager
    def run(self, scene: str) -> Iterator[tuple[config.Settings, Path]]:
        assert self.server
        folder = self.place / secrets.token_hex(4)
        folder.mkdir()
        shutil.copy(self.place / "migrated.db", folder / "kcc.db")
        credentials = seaweed.credentials(folder)
        blobs = {"url": self.server.url(f"run-{folder.name}"), "credentials_file": str(credentials)}
        settings = settings_in(folder, blobs=blobs)
        try:
            self._how[scene](settings, folder)
            yield settings, folder
        finally:
            shutil.rmtree(folder)


def _last(url: str) -> str:
    return url.rsplit("/", 1)[1]


def _migrate(url: str) -> None:
    """In a process of its own: a connection that crosses a fork is nobody's."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            database = Database(url)
            migrating.upgrade(database)
            database.settle()
            database.close()
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "the database was not made"


@contextmanager
def fast_folder() -> Iterator[Path]:
    """A folder in memory where there is one: a kill takes nothing from the kernel's own pages."""
    memory = Path("/dev/shm")
    above = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="kcc-faults-", dir=above) as folder:
        yield Path(folder)


@contextmanager
def s3_server() -> Iterator[seaweed.Server]:
    """An S3 server kept by a process of its own, so that this one has no threads when it forks."""
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])  # it is waited for
        try:
            with seaweed.server() as server:
                os.write(tell, json.dumps([str(server.folder), server.ports]).encode())
                os.close(tell)
                signal.sigwait([signal.SIGTERM])
        finally:
            os._exit(0)
    os.close(tell)
    with os.fdopen(hear) as answer:
        folder, ports = json.load(answer)
    try:
        yield seaweed.Server(Path(folder), ports)
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
