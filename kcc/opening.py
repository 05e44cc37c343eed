"""Opening the stores for one command of the host's own command line; the commands are in cli."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from kcc import config, migrating
from kcc.access.actor import system
from kcc.audit import record
from kcc.errors import AccessDenied, KccError
from kcc.stores import Stores
from kcc.timekeeping import guard

CLI = system("cli")
"""Whoever may run commands on the host may already do all of this; the audit says it came from there."""


@contextmanager
def opened(settings: config.Settings) -> Iterator[Stores]:
    """The stores of the settings; a "no" becomes one line on standard error and exit status 1."""
    stores = None
    try:
        stores = Stores.open(settings)
        if migrating.current(stores.database) != migrating.head():
            raise click.ClickException("the database is not up to date: run `kcc migrate`")
        guard.keep_up(stores)
        yield stores
    except KccError as fault:
        if isinstance(fault, AccessDenied) and stores:
            with stores.database.write() as session:
                record.refusal(session, fault.refusal, fault.rule or "ACC-1")
        rule = f" ({fault.rule})" if fault.rule else ""
        raise click.ClickException(f"{fault}{rule}") from fault
    finally:
        if stores:
            stores.close()
