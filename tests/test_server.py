"""kcc serve: web workers and jobs in one command, on a real port, ended by one signal."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kcc import config, migrating, server
from kcc.errors import Unavailable
from kcc.scheduler import auditing, runner
from kcc.stores import Stores
from kcc.vault.folder import Folder
from tests.centre import build
from tests.ports import free_port
from tests.whole import WHOLE

STARTS, WRITES = (3 if WHOLE else 2), 6


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Path, Stores, int]]:
    """An installation on the embedded default with the small centre: its settings file, stores and port."""
    file, port = tmp_path / "kcc.toml", free_port()
    file.write_text(f"[server]\nport = {port}\nworkers = 2\n")
    settings = config.load(file)
    Folder.create(settings.blobs.folder)
    stores = Stores.open(settings)
    migrating.upgrade(stores.database)
    auditing.make_key(settings)  # as `kcc migrate` does
    build(stores)
    yield file, stores, port
    stores.close()


@contextmanager
def serving(file: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A started `kcc serve` that answers; it is sent SIGTERM at the end and must then end by itself."""
    command = [sys.executable, "-m", "kcc", "--config", str(file), "serve"]
    with (file.parent / "log").open("ab") as log:
        process = subprocess.Popen(command, env=os.environ | {"KCC_CONFIG": ""}, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                ask(port, "GET", "/signin")
                break
            except OSError:
                assert process.poll() is None, (file.parent / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(40) in (0, -signal.SIGTERM)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def ask(port: int, method: str, path: str, **form: str) -> tuple[int, str, dict[str, str]]:
    """Status, text and headers of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    cookie = form.pop("cookie", "")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request(method, path, urllib.parse.urlencode(form) or None, headers)
    answer = connection.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    found = answer.status, answer.read().decode(), told
    connection.close()
    return found


def sign_in_wrongly(port: int) -> int:
    """One failed sign-in, which writes an audit line; its status."""
    _, page, headers = ask(port, "GET", "/signin")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    cookie = headers["set-cookie"].split(";")[0]
    # Each time another number: nobody has to wait for an earlier failure.
    number = f"nobody-{time.monotonic_ns()}"
    form = {"csrf_token": token[1], "number": number, "password": "wrong", "cookie": cookie}
    return ask(port, "POST", "/signin", **form)[0]


def test_every_worker_can_write_while_the_jobs_run_after_every_start(
    house: tuple[Path, Stores, int],
) -> None:
    """No worker inherits a lock that a job's thread held when it began."""
    file, stores, port = house
    for _ in range(STARTS):
        with serving(file, port):
            assert [sign_in_wrongly(port) for _ in range(WRITES)] == [422] * WRITES
            deadline = time.monotonic() + 60
            while True:
                with stores.database.read() as session:
                    done = [run.outcome for run in runner.latest(session).values()]
                if len(done) >= 5 and None not in done:
                    break
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert set(done) == {"done"}


def test_an_address_that_is_taken_is_refused(house: tuple[Path, Stores, int]) -> None:
    """Two servers never share a port: half the requests would go to the other one."""
    file, _, port = house
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(Unavailable, match=str(port)):
            server.refuse_taken("127.0.0.1", port)
        command = [sys.executable, "-m", "kcc", "--config", str(file), "serve"]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 1
    assert str(port) in told.stderr
    assert "Traceback" not in told.stderr


def test_uploads_leave_a_thread_for_people() -> None:
    """On a machine with one processor, too; a smaller number of the administrator's stands."""
    for threads, wanted, got in ((3, 4, 2), (8, 4, 4), (8, 64, 7), (1, 4, 1)):
        settings = config.parse({"server": {"uploads_at_once": wanted}}, Path.cwd())
        assert server.leaving_room(settings, threads).server.uploads_at_once == got


def test_what_a_worker_starts_with_is_not_looked_through_again(house: tuple[Path, Stores, int]) -> None:
    """A full look for garbage stops every request of a worker: it finds little where there is little."""
    file, _, _ = house
    look = "gc.collect(); print(gc.get_freeze_count(), len(gc.get_objects()), flush=True); os._exit(0)"
    command = [sys.executable, "-c", f"import gc, os; from kcc import server; app = server.web(); {look}"]
    told = subprocess.run(
        command, env=os.environ | {"KCC_CONFIG": str(file)}, capture_output=True, text=True, check=True
    ).stdout
    set_aside, left = map(int, told.split())
    assert left < set_aside / 10
