"""kcc serve: web workers and jobs in one command, on a real port, ended by one signal."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from kcc import config, migrating
from kcc.scheduler import runner
from kcc.stores import Stores
from kcc.vault.folder import Folder


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own loopback
        return str(answer.read().decode())


def test_it_serves_pages_runs_jobs_and_stops(tmp_path: Path) -> None:
    """The sign-in page answers, the jobs catch up, and SIGTERM ends everything."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = tmp_path / "kcc.toml"
    file.write_text(f"[server]\nport = {port}\nworkers = 1\n")
    settings = config.load(file)
    Folder.create(settings.blobs.folder)
    stores = Stores.open(settings)
    migrating.upgrade(stores.database)
    command = [sys.executable, "-m", "kcc", "--config", str(file), "serve"]
    with (tmp_path / "log").open("wb") as log:
        serving = subprocess.Popen(command, env=os.environ | {"KCC_CONFIG": ""}, stdout=log, stderr=log)
    try:
        deadline, page, done = time.monotonic() + 60, "", 0
        while time.monotonic() < deadline and not (page and done >= 5):
            time.sleep(0.2)
            try:
                page = page or _get(f"http://127.0.0.1:{port}/signin")
            except OSError:
                continue
            with stores.database.read() as session:
                done = sum(1 for run in runner.latest(session).values() if run.outcome == "done")
        assert 'name="csrf-token"' in page
        assert done >= 5
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) in (0, -signal.SIGTERM)
        stores.close()
