"""A real PostgreSQL server for the tests: the system's binaries on a throw-away folder; what is tested on
it lives elsewhere.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.engine import URL

from tests.ports import free_port

FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200"


def binaries() -> Path:
    """Where initdb and pg_ctl are; the newest version if several are installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("PostgreSQL is not installed: apt install postgresql (make test does so as root)")
    return Path(on_path).resolve().parent


@contextmanager
def server(*, fast: bool = True) -> Iterator[str]:
    """A running server; gives the URL of its database `postgres`. Not `fast`: what it commits is durable."""
    folder = Path(tempfile.mkdtemp(prefix="kcc-pg-"))
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    if user:
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()
    try:
        _run(user, "initdb", "-D", data, "-U", "kcc", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"{FAST if fast else ''} -c listen_addresses=127.0.0.1 -p {port} -k {folder}"
        _run(user, "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        try:
            yield f"postgresql+psycopg://kcc@127.0.0.1:{port}/postgres"
        finally:
            _run(user, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def copied(server_url: str) -> Iterator[tuple[Path, str]]:
    """A backup of a whole running server, log included, brought up beside it: its folder and its URL."""
    folder = Path(tempfile.mkdtemp(prefix="kcc-pg-copy-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data, port, running = folder / "data", free_port(), False
    try:
        _run(user, "pg_basebackup", "-D", data, "-d", f"{_plain(server_url)}", "-X", "stream", "-c", "fast")
        options = f"{FAST} -c listen_addresses=127.0.0.1 -p {port} -k {folder}"
        _run(user, "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        running = True
        yield data, make_url(server_url).set(port=port).render_as_string(hide_password=False)
    finally:
        if running:
            _run(user, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _plain(server_url: str) -> str:
    return server_url.replace("postgresql+psycopg://", "postgresql://")


def _run(user: str | None, program: str, *arguments: object) -> None:
    command = [str(binaries() / program), *map(str, arguments)]
    done = subprocess.run(
        command, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr}")


@contextmanager
def database(server_url: str, template: str = "template1") -> Iterator[str]:
    """A database of its own on the server, dropped afterwards."""
    name = f"kcc_{secrets.token_hex(6)}"
    _administer(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield url_of(server_url, name)
    finally:
        _administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def url_of(server_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    url: URL = make_url(server_url).set(database=name)
    return url.render_as_string(hide_password=False)


def _administer(server_url: str, statement: str) -> None:
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
