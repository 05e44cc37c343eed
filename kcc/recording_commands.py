"""The commands about single recordings, and what all commands answer programs with; the others are in cli."""

import json
import sys
from dataclasses import asdict
from typing import Any

import click

from kcc import clock, config
from kcc.opening import CLI, opened
from kcc.recordings import callers, fates

as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")


def plain(found: dict[str, Any]) -> dict[str, Any]:
    """The same with every value as JSON has it."""
    return {name: value if isinstance(value, int | None) else str(value) for name, value in found.items()}


@click.group("recordings")
def recordings_group() -> None:
    """The recordings, by the recorder's own ids."""


@recordings_group.command("find")
@click.option("--recorder", required=True, help="The name under which the recorder delivers.")
@click.option("--call-id", required=True, help="The recorder's id of the call.")
@as_json
@click.pass_obj
def find_recording(settings: config.Settings, recorder: str, call_id: str, as_json: bool) -> None:
    """Tell whether a call was recorded, and when it was erased under which rule."""
    with opened(settings) as stores, stores.database.write() as session:
        found = fates.find(session, stores.keys, CLI, recorder, call_id)
    if as_json:
        click.echo(json.dumps(plain(asdict(found))))
        return
    by = {"live": "until", "erasing": "due", "erased": "at"}.get(found.answer)
    when = f" {by} {found.at:%Y-%m-%d %H:%M} UTC ({found.rule})" if by else ""
    click.echo(f"{found.answer}{when}")


@recordings_group.command("caller")
@click.option("--reference", required=True, help="The registered request that asks for it.")
@as_json
@click.pass_obj
def find_caller(settings: config.Settings, reference: str, as_json: bool) -> None:
    """Show when a caller was recorded, for the caller's registered request: no sound and no names.

    The number is asked for, or read from standard input: never an argument, which other users and the shell's
    history would see.
    """
    asked = sys.stdin.isatty()
    number = click.prompt("Number", hide_input=True, err=True) if asked else sys.stdin.readline()
    with opened(settings) as stores, stores.database.write() as session:
        found = callers.calls_of_caller(stores, session, CLI, number, reference)
    if as_json:
        click.echo(json.dumps([plain(asdict(call)) for call in found]))
        return
    for call in found:
        started, due = (
            f"{at.astimezone(clock.LOCAL):%Y-%m-%d %H:%M}" for at in (call.started_at, call.due_at)
        )
        click.echo(f"{started} {call.direction} {call.line}: {call.state} until {due} ({call.due_rule})")
    click.echo(f"{len(found)} found", err=True)


@recordings_group.command("digest")
@click.pass_obj
def give_digests(settings: config.Settings) -> None:
    """Make calls findable by their caller's number that an older kcc took in."""
    with opened(settings) as stores:
        click.echo(f"{callers.fill(stores, CLI)} made findable")
