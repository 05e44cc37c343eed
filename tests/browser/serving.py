"""A real HTTP server in a thread of this process: a browser meets our pages under the test's own clock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

PATIENCE = 20
"""Seconds that requests still being answered are given at the end."""


class Answering:
    """How many requests are being answered just now."""

    def __init__(self) -> None:
        self._now = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        self._count(1)

    def __exit__(self, *_fault: object) -> None:
        self._count(-1)

    def _count(self, by: int) -> None:
        with self._changed:
            self._now += by
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait for the last: whoever closes the stores before it takes its database connection away."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._now == 0, PATIENCE), f"{self._now} still answered"


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve an application, by default on a free port; gives its address."""
    answering = Answering()

    class Quiet(WSGIRequestHandler):
        """Answers without a line for each request."""

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

        def run_wsgi(self) -> None:
            """Answer, and be counted while doing so."""
            with answering:
                super().run_wsgi()

    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        answering.finish()
