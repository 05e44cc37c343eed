"""The demo centre as the TOML that `kcc people import` and `kcc lines import` read; it decides nothing."""

import json
from collections.abc import Iterable
from datetime import date

from kcc.demo.lines import Line
from kcc.demo.staff import DEPARTMENTS, TEAMS, Assignment, Person

Value = str | bool | date | None


def table(heading: str, **values: Value) -> str:
    """One `[[heading]]` with its values; None is left out."""
    written = [f"{key} = {_literal(value)}" for key, value in values.items() if value is not None]
    return "\n".join([f"[[{heading}]]", *written, ""])


def _literal(value: str | bool | date) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    # A JSON string is a TOML basic string, but for DEL, which no name holds.
    return json.dumps(value, ensure_ascii=False)


def people(staff: Iterable[Person], assignments: Iterable[Assignment]) -> str:
    """The people file: departments, teams, people with their periods and ids, and coach assignments."""
    parts = [table("departments", code=code, name=name) for code, (name, _) in DEPARTMENTS.items()]
    for code, (_, teams) in DEPARTMENTS.items():
        parts += [table("teams", code=team, name=TEAMS[team], department=code) for team in teams]
    for person in staff:
        parts += _person(person)
    parts += [
        table("coach_assignments", coach=a.coach, employee=a.employee, begins=a.begins, ends=a.ends)
        for a in assignments
    ]
    return "\n".join(parts)


def _person(person: Person) -> Iterable[str]:
    player = person.player
    yield table(
        "people", number=player.number, name=player.name, email=player.email, language=person.language
    )
    for period in person.functions:
        yield table(
            "people.functions",
            function=period.function,
            team=period.team,
            department=period.department,
            customer_calls=period.customer_calls,
            begins=period.begins,
            ends=period.ends,
        )
    for held in person.agent_ids:
        yield table("people.agent_ids", agent_id=held.agent_id, begins=held.begins, ends=held.ends)


def lines(found: Iterable[Line]) -> str:
    """The lines file."""
    return "\n".join(
        table("lines", code=ln.code, name=ln.name, kind=ln.kind, welcome_text_since=ln.welcome_text_since)
        for ln in found
    )
