"""The command line of draws: holding those of a day, and checking the proof of one; what each does is in
kcc.coaching.
"""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from kcc import clock, config
from kcc.coaching import drawing
from kcc.coaching.draws import verify as verifying
from kcc.opening import opened
from kcc.recording_commands import as_json, plain


@click.group("draw", invoke_without_command=True)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The selection date; default today.")
@as_json
@click.pass_context
def draw_group(context: click.Context, day: datetime | None, as_json: bool) -> None:
    """Draw the samples whose announced date has come; or check the proof of a draw."""
    if context.invoked_subcommand is not None:
        return
    settings: config.Settings = context.obj
    with opened(settings) as stores:
        done = drawing.run(stores, day.date() if day else clock.today())
    click.echo(json.dumps(plain(asdict(done))) if as_json else str(done))


@draw_group.command()
@click.argument("proof", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--lines",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for the log's lines in it, to check their signatures with `kcc audit verify`.",
)
def verify(proof: Path, lines: Path | None) -> None:
    """Recompute a draw from its proof; needs no database. Exit status 1 if it was not fair.

    The same file runs without kcc: python verify.py PROOF (kcc/coaching/draws/verify.py).
    """
    sys.exit(verifying.verify(proof, lines))
