"""The command line about the policy: explaining one decision; what decides is in kcc.access."""

import json
from datetime import datetime
from typing import Any

import click

from kcc import clock, config, explaining
from kcc.access.actions import Action
from kcc.access.explaining import Answer, Considered
from kcc.access.purposes import Purpose
from kcc.access.words import ACTIONS
from kcc.opening import CLI, opened
from kcc.recording_commands import as_json


@click.group("access")
def access_group() -> None:
    """Who may do what, and why."""


@access_group.command("explain")
@click.argument("number", metavar="PERSON")
@click.argument("action", type=click.Choice([str(action) for action in Action]), metavar="ACTION")
@click.argument("object", required=False, default="")
@click.option("--purpose", type=click.Choice([str(purpose) for purpose in Purpose]), help="What it is for.")
@click.option("--at", default="", help="An instant, instead of now: functions, coaches and deadlines then.")
@as_json
@click.pass_obj
def explain(settings: config.Settings, /, as_json: bool, **asked: str | None) -> None:
    """Tell whether a person, by number, may do something, by which grant, and what holds and fails of each.

    OBJECT is recording:ID, sample:ID, report:ID or person:ID, or nothing for a list. This leaves a line about
    that person in the log; nothing is opened.
    """
    words = {name: value or "" for name, value in asked.items()}
    with opened(settings) as stores, stores.database.write() as session:
        found = explaining.answer(session, CLI, words)
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(found)))


def _lines(found: Answer) -> list[str]:
    explanation = found.explanation
    actor, who = explanation.actor, ", ".join(sorted(explanation.actor.functions))
    lines = [
        f"{actor.name} ({found.number}), {who or 'no function'}",
        f"may {ACTIONS[explanation.action]}: {'yes' if found.may else 'no'}" + _why(found),
    ]
    for grant in explanation.considered:
        lines += [f"  {_who(grant)}, because {grant.reason}", *(f"    {line}" for line in _demands(grant))]
    facts = [f"{label}: {_fact(value)}" for label, value in found.facts]
    return [*lines, f"facts: {'; '.join(facts) or 'none'}"]


def _why(found: Answer) -> str:
    if found.exists is False:
        return " (there is no such object)"
    rule = found.explanation.rule
    return f" ({rule})" if rule else ""


def _who(grant: Considered) -> str:
    function = f"as {grant.function}" if grant.function else "everybody who is signed in"
    return function if grant.held else f"{function} (not held)"


def _demands(grant: Considered) -> list[str]:
    lines = [f"{'holds' if c.holds else 'fails'}  {c.rule:6}  {c.sentence}" for c in grant.conditions]
    if grant.purposes:
        fits = "holds" if grant.purpose_fits else "fails"
        lines.insert(0, f"{fits}  PUR-1   it is for {' or '.join(grant.purposes)}")
    elif not grant.purpose_fits:
        lines.insert(0, "fails  PUR-1   it is for no purpose of its own")
    return lines


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value.astimezone(clock.LOCAL):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


def _plain(found: Answer) -> dict[str, Any]:
    explanation = found.explanation
    return {
        "person": found.number,
        "name": explanation.actor.name,
        "functions": sorted(explanation.actor.functions),
        "action": explanation.action,
        "object": str(found.thing) if found.thing else None,
        "exists": found.exists,
        "purpose": explanation.purpose,
        "at": found.at.isoformat(),
        "may": found.may,
        "rule": explanation.rule or None,
        "grants": [_grant(grant) for grant in explanation.considered],
        "facts": {label: v.isoformat() if isinstance(v, datetime) else v for label, v in found.facts},
    }


def _grant(grant: Considered) -> dict[str, Any]:
    return {
        "function": grant.function,
        "held": grant.held,
        "opens": grant.opens,
        "reason": grant.reason,
        "purposes": list(grant.purposes),
        "purpose_fits": grant.purpose_fits,
        "demands": [{"rule": c.rule, "sentence": c.sentence, "holds": c.holds} for c in grant.conditions],
    }
