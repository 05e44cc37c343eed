"""The command line: each command opens the stores, calls one verb and prints its answer; no rule is
decided here.
"""

import json
import os
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from kcc import (
    config,
    database_commands,
    ingesting,
    line_commands,
    logs,
    migrating,
    server,
    status,
)
from kcc.access_commands import access_group
from kcc.audit_commands import audit_group
from kcc.coaching import keys as coaching_keys
from kcc.db import Database
from kcc.draw_commands import draw_group
from kcc.errors import KccError
from kcc.investigation import erasure as cases
from kcc.investigation import sealing as case_keys
from kcc.opening import CLI, opened
from kcc.package_commands import package_group
from kcc.people import tokens
from kcc.people_commands import people_group
from kcc.recording_commands import as_json, recordings_group
from kcc.recordings import erasure, findings, reconcile, volume
from kcc.recordings.drop import rounds
from kcc.scheduler import auditing
from kcc.stores import Stores, create_blobs, make_folder_of
from kcc.timekeeping import guard
from kcc.wall.rights import Role

err = Console(stderr=True)


class Commands(click.Group):
    """The commands; a "no" of kcc becomes one line on standard error and exit status 1."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(context)
        except KccError as fault:
            rule = f" ({fault.rule})" if fault.rule else ""
            raise click.ClickException(f"{fault}{rule}") from fault


@click.group(cls=Commands)
@click.option(
    "--config", "path", type=click.Path(path_type=Path), help="Settings (else $KCC_CONFIG, ./kcc.toml)."
)
@click.version_option(package_name="kcc")
@click.pass_context
def cli(context: click.Context, path: Path | None) -> None:
    """Record a contact centre's calls and monitor their quality without betraying the people who make
    them.
    """
    try:
        context.obj = config.load(path)
    except config.ConfigError as fault:
        for line in fault.faults:
            click.echo(f"settings: {line}", err=True)
        sys.exit(2)
    if path:
        os.environ[config.ENVIRONMENT] = str(path.resolve())  # worker processes read the same settings
    logs.install(context.obj.log)


@cli.command()
@click.pass_obj
def migrate(settings: config.Settings) -> None:
    """Make the stores, or bring the database's schema up to date."""
    create_blobs(settings)
    make_folder_of(settings.database.url)
    with closing(Database(settings.database.url)) as owned:
        migrating.upgrade(owned)
        if settings.database.split:
            migrating.wall(owned, database_commands.names(settings))
        click.echo(f"database at revision {migrating.current(owned)}")
    stores = Stores.open(settings)
    volume.check(stores)
    click.echo(f"audit key {auditing.make_key(settings)}")
    for drop in settings.drops:
        rounds.prepare(drop)
    stores.close()


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@as_json
@click.pass_obj
def ingest(settings: config.Settings, paths: tuple[Path, ...], as_json: bool) -> None:
    """Take in recorded calls: sounds with what describes each, or folders of them.

    A file goes when its call is durably taken in, and stays when it is refused. Exit status: 0 when all were
    taken in, 1 when any was refused, 3 when any failed and may be tried again (2: wrong command or settings),
    130 when it was stopped with Ctrl-C, after the calls in hand. With --json the last line is the summary.
    """
    with opened(settings, Role.INTAKE) as stores:
        summary = ingesting.run(stores, CLI, paths, err, as_json=as_json)
    sys.exit(summary.status)


@cli.command()
@click.option("--dry-run", is_flag=True, help="Only count what is due.")
@click.option(
    "--confirm-clock", "reason", metavar="REASON", help="Vouch for the present time, saying how you know it."
)
@as_json
@click.pass_obj
def erase(settings: config.Settings, dry_run: bool, reason: str | None, as_json: bool) -> None:
    """Erase every recording whose deadline has come. Exit status 1 if any could not be erased.

    Nothing is erased while the clock is in doubt: --confirm-clock settles it, and the audit keeps the reason.
    """
    with opened(settings) as stores:
        if reason is not None:
            with stores.database.write() as session:
                guard.confirm(session, CLI, reason)
        if not dry_run:
            cases.sweep(stores)
        done = erasure.erase_due(stores, CLI, dry_run=dry_run)
        auditing.after_erasure(stores, done.erased)
        strays = None if dry_run else reconcile.clear_strays(stores)
    if as_json:
        click.echo(json.dumps({**asdict(done), "dry_run": dry_run, "strays": strays and asdict(strays)}))
    else:
        click.echo(f"{done.due} due, {done.erased} erased, {done.failed} failed")
    sys.exit(1 if done.failed else 0)


@cli.command("reconcile")
@as_json
@click.pass_obj
def reconcile_stores(settings: config.Settings, as_json: bool) -> None:
    """Compare rows, files and keys in every direction, changing nothing. Exit status 1 if any differ."""
    with opened(settings) as stores:
        found = findings.find(
            stores, [findings.Owner(one.known, one.expected) for one in (coaching_keys, case_keys)]
        )
    for name, ids in asdict(found).items():
        if not as_json:
            click.echo(f"{name.replace('_', ' ')}: {' '.join(ids) or 'none'}")
    if as_json:
        click.echo(json.dumps(asdict(found)))
    sys.exit(0 if found.clean else 1)


@cli.command("status")
@click.option("--check", is_flag=True, help="End with exit status 1 when an alarm stands.")
@as_json
@click.pass_obj
def show_status(settings: config.Settings, check: bool, as_json: bool) -> None:
    """Show how the installation is doing: counts about nobody, and the jobs."""
    with opened(settings) as stores:
        found = status.gather(stores)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo("\n".join(status.lines(found)))
    sys.exit(1 if check and found["alarms"] else 0)


cli.add_command(audit_group)
cli.add_command(draw_group)
cli.add_command(package_group)
cli.add_command(database_commands.database_group)


cli.add_command(people_group)
cli.add_command(access_group)


cli.add_command(recordings_group)


cli.add_command(line_commands.lines)


@cli.group("token")
def token_group() -> None:
    """Tokens with which machines come: recorders with calls, identity providers with people."""


@token_group.command("create")
@click.argument("name")
@click.option("--scim", is_flag=True, help="For an identity provider, that says over SCIM who works here.")
@click.pass_obj
def create_token(settings: config.Settings, name: str, scim: bool) -> None:
    """Make a bearer token for a recorder or an identity provider of that name; it is shown this once."""
    kind = tokens.Kind.SCIM if scim else tokens.Kind.RECORDER
    with opened(settings) as stores, stores.database.write() as session:
        text = tokens.create(session, CLI, name, kind)
    click.echo(text)


@cli.command()
@click.pass_obj
def serve(settings: config.Settings) -> None:
    """Serve the web and run the jobs, until stopped."""
    with opened(settings) as stores:
        server.serve(settings, stores)


@cli.command()
@click.pass_obj
def jobs(settings: config.Settings) -> None:
    """Run the jobs alone, until stopped."""
    with opened(settings) as stores:
        server.run_jobs(stores)


@cli.command()
@click.option("--fresh", is_flag=True, help="Start over.")
@click.option("--serve/--no-serve", default=True, help="Serve at the end, or print the status and stop.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same centre.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option("--code", metavar="ACCOUNT", help="Only print the code of a profile or number, and stop.")
def demo(fresh: bool, serve: bool, seed: int, folder: Path, code: str | None) -> None:
    """Generate a contact centre, take its calls in, run the jobs, and serve it."""
    from kcc.demo import run  # only here: an installation without the demo extra has no speech

    if code is not None:
        click.echo(run.code(folder, code))
        return
    run.run(folder, seed=seed, fresh=fresh, serve=serve)
