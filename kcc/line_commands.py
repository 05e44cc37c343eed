"""The commands on the register of lines; each calls one verb, and no rule is decided here."""

import json
from pathlib import Path

import click

from kcc import clock, config
from kcc.access import policy
from kcc.access.actions import Action
from kcc.audit import record
from kcc.opening import CLI, opened
from kcc.recordings.register import importing, queries


@click.group("lines")
def lines() -> None:
    """The recorded lines and queues."""


@lines.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--reason", help="Why; needed when a line changes that is in the register already.")
@click.pass_obj
def import_lines(settings: config.Settings, path: Path, reason: str | None) -> None:
    """Bring the register of lines in line with a TOML file."""
    with opened(settings) as stores, stores.database.write() as session:
        summary = importing.import_file(session, CLI, path, reason)
    click.echo(", ".join(f"{word} {number}" for word, number in summary.items()))


@lines.command("list")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
@click.pass_obj
def list_lines(settings: config.Settings, as_json: bool) -> None:
    """List the register, with counts of the last 28 days' calls."""
    with opened(settings) as stores, stores.database.write() as session:
        permit = policy.permit(CLI, Action.LINES_READ, policy.Subject("line"))
        record.act(session, permit)
        found = queries.overview(session, clock.now())
    if as_json:
        click.echo(json.dumps([_plain(row) for row in found.rows], ensure_ascii=False))
        return
    width = max((len(row.line.code) for row in found.rows), default=0)
    for row in found.rows:
        since, counts = row.line.welcome_text_since or "-", row.counts
        click.echo(
            f"{row.line.code:{width}}  {row.line.kind:8}  {since!s:10}  {row.line.name}"
            f" (kept {counts.kept}, without sound {counts.sealed}, refused {counts.refused})"
        )
    if not found.rows:
        click.echo("no line is in the register")


def _plain(row: queries.LineRow) -> dict[str, object]:
    since = row.line.welcome_text_since
    return {
        "code": row.line.code,
        "name": row.line.name,
        "kind": row.line.kind,
        "welcome_text_since": since.isoformat() if since else None,
        "changed_at": row.changed_at.isoformat() if row.changed_at else None,
        "kept": row.counts.kept,
        "without_sound": row.counts.sealed,
        "refused": row.counts.refused,
    }
