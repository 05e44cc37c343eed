"""Playing against nginx serving the same bytes plain: a random 64 KiB range, a whole call, eight clients,
one run.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from sqlalchemy import select

from benchmarks.house import house
from benchmarks.ratio import report
from kcc.access.actions import Action
from kcc.people import sessions
from kcc.recordings import listening, queries
from kcc.recordings.model import Recording
from kcc.recordings.playback import Player
from tests.centre import Centre
from tests.ports import free_port
from tests.sounds import wav

SECONDS, CLIENTS, ROUNDS, P99_MS = 300, 8, 5, 10.0
LUA = """
local size, length = {size}, 65536
request = function()
  local first = math.random(0, size - length)
  local headers = {{ ["Cookie"] = "{cookie}", ["Range"] = "bytes=" .. first .. "-" .. (first + length - 1) }}
  return wrk.format("GET", "{path}", headers)
end
"""
WHOLE = """
request = function() return wrk.format("GET", "{path}", {{ ["Cookie"] = "{cookie}" }}) end
"""
NGINX = """
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{ access_log off; sendfile on; tcp_nopush off; keepalive_requests 1000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}/plain; }} }}
"""


@contextmanager
def running(command: list[str], url: str, **environment: str) -> Iterator[None]:
    """A server, until the block ends; ready when `url` answers anything."""
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own loopback
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def load(url: str, script: Path, seconds: int = 2) -> tuple[float, float]:
    """Requests a second, and the 99th percentile in milliseconds, of eight clients."""
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "--latency", "-s", str(script), url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        sys.exit(f"refused: {told}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told).groups()  # type: ignore[union-attr]
    return rate, float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def main() -> bool:
    """Measure and print; whether all targets are kept."""
    for program in ("nginx", "wrk"):
        if not shutil.which(program):
            sys.exit(f"this benchmark needs {program} (Debian: apt install {program})")
    port, plain_port = free_port(), free_port()
    with house(f"[server]\nport = {port}\n") as (centre, file):
        lease, cookie, rendition = opened(centre)
        folder = file.parent / "nginx"
        (folder / "plain").mkdir(parents=True)
        folder.chmod(0o755), (folder / "plain").chmod(0o755), file.parent.chmod(0o755)
        (folder / "plain" / "call.wav").write_bytes(rendition)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=plain_port))
        ours, theirs = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{plain_port}"
        kcc = [sys.executable, "-m", "kcc", "--config", str(file), "serve"]
        nginx = ["nginx", "-c", str(folder / "nginx.conf")]
        with running(kcc, f"{ours}/signin"), running(nginx, f"{theirs}/call.wav"):
            return measure(folder, ours, theirs, f"/listening/{lease}/sound", cookie, len(rendition))


def opened(centre: Centre) -> tuple[str, str, bytes]:
    """A lease on a five-minute A-law call, the cookie it is bound to, and the bytes a browser gets."""
    centre.call(content=wav(SECONDS))
    with centre.stores.database.write() as session:
        secret = sessions.begin(session, centre.anna)
    with centre.stores.database.write() as session:
        found = sessions.look_up(session, secret, centre.stores.settings.signin)
        assert found
        recording_id = session.scalars(select(Recording.id)).one()
        lease = listening.open_own(session, found.actor, recording_id, 60)
    player = Player(centre.stores, {Action.RECORDING_PLAY: queries.facts})
    rendition = player.sounding(lease.id, lease.session_id).rendition
    return lease.id, secret, rendition.read(0, rendition.size)


def measure(folder: Path, ours: str, theirs: str, path: str, cookie: str, size: int) -> bool:
    """A B A B, the median of the rounds."""
    kept = True
    scripts = {}
    for side, address in (("ours", path), ("theirs", "/call.wav")):
        for kind, text in (("range", LUA), ("whole", WHOLE)):
            script = folder / f"{side}-{kind}.lua"
            script.write_text(text.format(path=address, cookie=f"kcc={cookie}", size=size))
            scripts[side, kind] = script
    for kind, claim, limit in (
        ("range", "64 KiB range against nginx", 0.20),
        ("whole", f"whole call of {size / 1e6:.1f} MB against nginx", 0.8),
    ):
        rounds = [
            (load(ours, scripts["ours", kind]), load(theirs, scripts["theirs", kind])) for _ in range(ROUNDS)
        ]
        (mine, slowest), (plain, slow) = (
            map(median, zip(*of, strict=True)) for of in zip(*rounds, strict=True)
        )
        ratio = median(a / b for (a, _), (b, _) in rounds)
        kept &= report(claim, ratio, limit, at_least=True, detail=f"{mine:.0f}/s against {plain:.0f}/s")
        if kind == "range":
            detail = f"nginx's own in the same run: {slow:.1f} ms"
            kept &= report("64 KiB range, p99 in ms", slowest, P99_MS, at_least=False, detail=detail)
    return kept


if __name__ == "__main__":
    sys.exit(not main())
