"""The command line of the audit: verifying an export, exporting, keys, going on after a restore; what each
does is in kcc.audit and kcc.scheduler.auditing.
"""

import base64
import os
import sys
from pathlib import Path
from typing import BinaryIO

import click

from kcc import config
from kcc.audit import verify as verifying
from kcc.audit.signing import SigningKey
from kcc.opening import CLI, opened
from kcc.scheduler import auditing


@click.group("audit")
def audit_group() -> None:
    """The log of who did what: sealed, signed, and checkable by anybody."""


@audit_group.command()
@click.argument("log", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--checkpoints",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of checkpoints that were sent elsewhere.",
)
@click.option("--key", help="The public key as you know it (`kcc audit key`), or a file that holds it.")
def verify(log: Path | None, checkpoints: Path | None, key: str | None) -> None:
    """Check an exported log; needs no database. Exit status 1 if anything was changed."""
    sys.exit(verifying.verify(log, checkpoints, key))


@audit_group.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_obj
def export(settings: config.Settings, path: Path) -> None:
    """Write the whole log to a new file, for the data protection officer; this leaves a line in it."""
    with opened(settings) as stores, _private(path) as out:
        number = auditing.write_export(stores, CLI, out)
    click.echo(f"{number} lines")


@audit_group.command()
@click.option("--renew", is_flag=True, help="Let a new key follow, announced by the old one.")
@click.pass_obj
def key(settings: config.Settings, renew: bool) -> None:
    """Show the public key with which checkpoints can be checked: give it to whoever keeps them."""
    if renew:
        with opened(settings) as stores:
            public = auditing.renew_key(stores, CLI)
    else:
        public = SigningKey(settings.audit.key_file).public
    click.echo(base64.b64encode(public).decode())


@audit_group.command()
@click.pass_obj
def checkpoint(settings: config.Settings) -> None:
    """Seal, sign and send now."""
    with opened(settings) as stores:
        click.echo(auditing.checkpoint(stores))


@audit_group.command()
@click.option("--reason", required=True, help="Which backup, and why; the audit keeps it.")
@click.pass_obj
def restored(settings: config.Settings, reason: str) -> None:
    """Go on after the database was restored from a backup: what was lost is stated, signed and sent."""
    with opened(settings) as stores:
        click.echo(auditing.accept_restored(stores, CLI, reason))


def _private(path: Path) -> BinaryIO:
    """A new file that nobody else may read: the log names people."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as fault:
        raise click.ClickException(f"{path}: {fault.strerror}") from fault
