"""A signed-in employee's page with 50 calls, against "hello" by the same framework under the same server."""

import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import insert

from benchmarks.house import house
from benchmarks.playback import CLIENTS, running
from benchmarks.ratio import report
from kcc import clock
from kcc.people import sessions
from kcc.recordings.model import Recording
from kcc.server import BLOCKING_THREADS
from tests import postgres
from tests.centre import Centre
from tests.coaching.conftest import recording
from tests.ports import free_port

CALLS, ROUNDS, LIMIT, P95_MS = 120, 3, 0.12, 50.0
SCRIPT = """
wrk.headers["Cookie"] = "{cookie}"
done = function(summary, latency) io.write("P95 " .. latency:percentile(95) .. "\\n") end
"""

hello = Flask("hello")
hello.add_url_rule("/", view_func=lambda: "hello")


def main() -> bool:
    """Measure on both engines and print; whether all targets are kept."""
    if not shutil.which("wrk"):
        sys.exit("this benchmark needs wrk (Debian: apt install wrk)")
    kept = measure("SQLite", "")
    with postgres.server() as server, postgres.database(server) as url:
        return measure("PostgreSQL", f'[database]\nurl = "{url}"\n') and kept


def measure(engine: str, settings: str) -> bool:
    """Both servers stand, and are asked in turn."""
    port, bare_port = free_port(), free_port()
    with house(f"{settings}[server]\nport = {port}\nrequests_per_minute = 1_000_000\n") as (centre, file):
        script = file.parent / "page.lua"
        script.write_text(SCRIPT.format(cookie=f"kcc={signed_in(centre)}"))
        ours, theirs = f"http://127.0.0.1:{port}/calls", f"http://127.0.0.1:{bare_port}/"
        kcc = [sys.executable, "-m", "kcc", "--config", str(file), "serve"]
        bare = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(bare_port)]
        bare += ["--workers", str(centre.stores.settings.server.workers), "--log-level", "warning"]
        bare += ["--blocking-threads", str(BLOCKING_THREADS), "benchmarks.page:hello"]
        with running(kcc, f"{ours}"), running(bare, theirs):
            rounds = [(load(ours, script), load(theirs, script)) for _ in range(-1, ROUNDS)][1:]
    ratio = sorted(a[0] / b[0] for a, b in rounds)[ROUNDS // 2]
    mine, plain = (sorted(of)[ROUNDS // 2] for of in zip(*rounds, strict=True))
    detail = f"{mine[0]:.0f}/s against {plain[0]:.0f}/s; hello's own p95 {plain[1]:.1f} ms"
    kept = report(f"page of 50 calls on {engine} against hello", ratio, LIMIT, at_least=True, detail=detail)
    return report(f"page of 50 calls on {engine}, p95 in ms", mine[1], P95_MS, at_least=False) and kept


def signed_in(centre: Centre) -> str:
    """Anna's session, with more than a page of calls."""
    rows = [recording(centre.anna, clock.now() - timedelta(hours=1 + hours)) for hours in range(CALLS)]
    with centre.stores.database.write() as session:
        session.execute(insert(Recording), rows)
        return sessions.begin(session, centre.anna)


def load(url: str, script: Path) -> tuple[float, float]:
    """Requests a second, and the 95th percentile in milliseconds, of eight clients."""
    command = ["wrk", "-t1", f"-c{CLIENTS}", "-d3s", "-s", str(script), url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        sys.exit(f"refused: {told}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]
    return rate, float(re.search(r"P95 ([\d.]+)", told)[1]) / 1000  # type: ignore[index]


if __name__ == "__main__":
    sys.exit(not main())
