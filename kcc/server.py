"""Running kcc: web workers with the scheduler beside them, or the scheduler alone; what they do lives
elsewhere.
"""

import os
import signal
from threading import Event, Thread

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from kcc import config
from kcc.app import create_app
from kcc.recordings.decoding.proof import proof
from kcc.scheduler import runner
from kcc.stores import Stores

BLOCKING_THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
"""Requests that one worker answers at once; more only wait for each other."""


def web() -> Flask:
    """The web application of one worker process, which opens stores of its own."""
    stores = Stores.open(config.load())
    # Begins now, beside the rest of the start: the first call that must be decoded need not wait for it.
    Thread(target=proof, args=[stores.settings.decoding], name="decoding-proof", daemon=True).start()
    return create_app(stores)


def serve(settings: config.Settings, stores: Stores) -> None:
    """Serve until stopped: the scheduler in this process, the web in workers that it starts and watches."""
    jobs = runner.Runner(stores)
    jobs.start()
    try:
        Server(
            "kcc.server:web",
            factory=True,
            address=settings.server.host,
            port=settings.server.port,
            interface=Interfaces.WSGI,
            workers=settings.server.workers,
            blocking_threads=BLOCKING_THREADS,
            log_level=LogLevels.warning,
        ).serve()
    finally:
        jobs.stop()


def run_jobs(stores: Stores) -> None:
    """Run the scheduler until SIGTERM or SIGINT."""
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    jobs = runner.Runner(stores)
    jobs.start()
    stop.wait()
    jobs.stop()
