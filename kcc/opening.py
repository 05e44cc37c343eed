"""Opening the stores for one command of the host's own command line; the commands are in cli."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from kcc import config, migrating
from kcc.access.actor import system
from kcc.audit import record
from kcc.errors import AccessDenied
from kcc.stores import Stores
from kcc.timekeeping import guard
from kcc.wall.rights import Role

CLI = system("cli")
"""Whoever may run commands on the host may already do all of this; the audit says it came from there."""


@contextmanager
def opened(settings: config.Settings, role: Role = Role.JOBS) -> Iterator[Stores]:
    """The stores of the settings, if they are made and up to date; a refusal goes into the audit."""
    if not migrating.is_current(settings.database.url_of(role)):
        raise click.ClickException("the stores are not made or not up to date: run `kcc migrate`")
    stores = Stores.open(settings, role)
    try:
        guard.keep_up(stores)
        yield stores
    except AccessDenied as fault:
        with stores.database.write() as session:
            record.refusal(session, fault.refusal, fault.rule or "ACC-1")
        raise
    finally:
        stores.close()
