"""Running kcc: web workers with the scheduler beside them, or the scheduler alone; what they do lives
elsewhere.
"""

import gc
import multiprocessing
import os
import signal
import socket
from threading import Event, Thread

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from kcc import config, logs
from kcc.app import create_app
from kcc.errors import N_, Unavailable
from kcc.recordings.decoding import spare
from kcc.recordings.decoding.proof import proof
from kcc.scheduler import runner
from kcc.scheduler.alarms import Watch
from kcc.stores import Stores
from kcc.timekeeping import guard
from kcc.wall.rights import Role

BLOCKING_THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
"""Requests that one worker answers at once; more only wait for each other."""
KILL_AFTER_SECONDS = 15
"""A worker that has not ended by then is ended."""


def web() -> Flask:
    """The web application of one worker process, which opens stores and a log of its own."""
    settings = config.load()
    logs.install(settings.log)
    stores = Stores.open(leaving_room(settings, BLOCKING_THREADS), Role.WEB)
    figures = stores.acting(Role.FIGURES)
    guard.keep_up(figures)
    # Begins now, beside the rest of the start: the first call that must be decoded need not wait for it.
    Thread(target=proof, args=[settings.decoding], name="decoding-proof", daemon=True).start()
    spare.keep()  # only here: a listener waits for the first sound, a job for none
    app = create_app(stores)
    # Also where no scheduler runs; and what went out to be heard is kept though nobody asks for more.
    Watch(figures, also=app.extensions["kcc.player"].settle).start()
    # What was made by now stays: looking through it again stops every thread, for a tenth of a second.
    gc.collect()
    gc.freeze()
    return app


def leaving_room(settings: config.Settings, threads: int) -> config.Settings:
    """The settings, with uploads never taking the last of a worker's threads: that one is for people."""
    most = max(1, min(settings.server.uploads_at_once, threads - 1))
    return settings.model_copy(
        update={"server": settings.server.model_copy(update={"uploads_at_once": most})}
    )


def serve(settings: config.Settings, stores: Stores) -> None:
    """Serve until stopped: the scheduler in this process, the web in workers that it starts and watches.

    Raises Unavailable when something else already listens there.
    """
    refuse_taken(settings.server.host, settings.server.port)
    # A forked worker would inherit the locks that the jobs' threads and SQLite hold at that moment, and wait
    # for them for ever: workers begin as fresh programs.
    multiprocessing.set_start_method("spawn", force=True)
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
            workers_kill_timeout=KILL_AFTER_SECONDS,
            log_level=LogLevels.warning,
        ).serve()
    finally:
        jobs.stop()


def refuse_taken(host: str, port: int) -> None:
    """Raise Unavailable if the address is taken; the server itself would quietly share it with a stranger."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: not held by old connections
        try:
            probe.bind((host, port))
        except OSError as fault:
            message = N_("kcc cannot listen on %(host)s port %(port)s: %(reason)s.")
            raise Unavailable(message, code="address", host=host, port=port, reason=fault.strerror) from fault


def run_jobs(stores: Stores) -> None:
    """Run the scheduler until SIGTERM or SIGINT."""
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    jobs, watch = runner.Runner(stores), Watch(stores)
    jobs.start()
    watch.start()
    stop.wait()
    watch.stop()
    jobs.stop()
