"""The commands about people: who works here, brought in line with a file that is looked at first."""

import json
import sys
from pathlib import Path

import click

from kcc import config, function_commands, status
from kcc.opening import CLI, opened
from kcc.people import directory, roster_diff, signin
from kcc.people import queries as people
from kcc.people.factors import removing
from kcc.people.sso import accounts
from kcc.recording_commands import as_json
from kcc.stores import Stores

SHOWN = 200
"""Lines of a plan that a person is shown; --json has them all."""
NOT_DONE = 3


@click.group("people")
def people_group() -> None:
    """Who works here."""


@people_group.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Do not ask before changing anything.")
@click.option(
    "--full", is_flag=True, help="The file holds everybody: who is not in it loses their functions."
)
@click.option("--allow-many", is_flag=True, help="With --full: let more than 20 % of people lose them.")
@as_json
@click.pass_obj
def import_people(
    settings: config.Settings,
    path: Path,
    dry_run: bool,
    yes: bool,
    full: bool,
    allow_many: bool,
    as_json: bool,
) -> None:
    """Bring people, functions, teams and assignments in line with a file (TOML, CSV).

    Shows what would be created, changed and ended, and asks. Exit status: 0 when it was done, or nothing had
    to be; 1 when the file was refused, naming every fault; 2 for a wrong command; 3 when it was not done:
    the answer was no, or people changed while it was asked.
    """
    wanted = directory.Wanted(path, full=full, allow_many=allow_many)
    with opened(settings) as stores:
        with stores.database.read() as session:
            looked = directory.look(session, CLI, wanted)
        found = roster_diff.lines(looked)
        done = False
        if not as_json:
            _show(found)
        if found and not dry_run:
            if not yes and not _asked():
                sys.exit(NOT_DONE)
            _carry_out(stores, wanted, found)
            done = True
    summary = directory.summary(looked)
    if as_json:
        changes = [{"who": line.who, "name": line.name, "what": line.what} for line in found]
        counts = {table: vars_of(count) for table, count in summary.items()}
        said = {"imported": done, "dry_run": dry_run, "counts": counts, "changes": changes}
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        click.echo(status.words(summary))


def vars_of(count: directory.Counts) -> dict[str, int]:
    """Counts as JSON has them."""
    return {"created": count.created, "changed": count.changed, "unchanged": count.unchanged}


def _show(found: list[roster_diff.Line]) -> None:
    for line in roster_diff.shown(found[:SHOWN]):
        click.echo(line)
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN} more: --json lists them all")
    if not found:
        click.echo("nothing changes")


def _asked() -> bool:
    try:
        return click.confirm("Go on?", err=True)
    except click.Abort:  # nobody is there to answer
        return False


def _carry_out(stores: Stores, wanted: directory.Wanted, shown: list[roster_diff.Line]) -> None:
    """Do what was shown, or nothing: the file or the people may be others by now."""
    with stores.database.write() as session:
        plan = directory.look(session, CLI, wanted)
        if roster_diff.lines(plan) != shown:
            click.echo("people or the file changed meanwhile: nothing was imported, look again", err=True)
            sys.exit(NOT_DONE)
        directory.carry_out(session, CLI, plan)


@people_group.command("password")
@click.argument("number")
@click.password_option(help="Asked for when it is not given.")
@click.pass_obj
def set_password(settings: config.Settings, number: str, password: str) -> None:
    """Give a person, by number, a first password."""
    with opened(settings) as stores, stores.database.write() as session:
        person = people.by_number(session, number)
        length, words = settings.signin.password_min_length, settings.signin.password_words
        signin.set_password(session, CLI, person.id, password, min_length=length, words=words)


@people_group.command("bind")
@click.argument("number")
@click.argument("subject")
@click.pass_obj
def bind_account(settings: config.Settings, number: str, subject: str) -> None:
    """Let an account at the single sign-on, by its subject there, be a person's, by number."""
    with opened(settings) as stores, stores.database.write() as session:
        person = people.by_number(session, number)
        accounts.bind(session, CLI, person.id, settings.sso, subject)


@people_group.command("unbind")
@click.argument("number")
@click.pass_obj
def unbind_account(settings: config.Settings, number: str) -> None:
    """Forget which account is a person's, so that another can be bound."""
    with opened(settings) as stores, stores.database.write() as session:
        click.echo(f"{accounts.unbind(session, CLI, people.by_number(session, number).id)} unbound")


@people_group.command("reset-second-factor")
@click.argument("number")
@click.option("--reason", required=True, help="Why; the audit keeps it.")
@click.pass_obj
def reset_second_factor(settings: config.Settings, number: str, reason: str) -> None:
    """Let a person, by number, who lost their second factors choose new ones at the next sign-in."""
    with opened(settings) as stores, stores.database.write() as session:
        removing.reset(session, CLI, people.by_number(session, number).id, reason)


people_group.add_command(function_commands.function_group)
