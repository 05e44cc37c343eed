"""What an import would do, in plain English words, a line for each change, those of one person together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kcc.people.roster_changes import Change, Plan


@dataclass(frozen=True, slots=True)
class Line:
    """One change: whom or what it concerns, by number or code and by name, and what happens."""

    who: str
    name: str
    what: str


def lines(plan: Plan) -> list[Line]:
    """Every change, departments and teams first, then people by number; the same plan gives the same."""
    things = [line for kind in ("departments", "teams") for line in _things(plan, kind)]
    people: list[Line] = []
    for change, verb in _all(plan):
        if change.numbers:
            number = change.numbers[-1]  # of an assignment the employee
            people.append(Line(number, plan.names.get(number, ""), _said(change, verb, plan.names)))
    return things + sorted(people, key=lambda line: line.who)


def shown(found: Sequence[Line]) -> Iterator[str]:
    """The lines in columns; who is the same as above is not said again."""
    number = max((len(line.who) for line in found), default=0)
    name = min(max((len(line.name) for line in found), default=0), 40)
    before = ""
    for line in found:
        who, called = ("", "") if line.who == before else (line.who, line.name)
        before = line.who
        yield f"{who:{number}}  {called:{name}}  {line.what}"


def _all(plan: Plan) -> Iterator[tuple[Change, str]]:
    yield from ((change, "create") for change in plan.create)
    yield from ((change, "change") for change in plan.change)
    yield from ((change, "withdraw") for change in plan.withdraw)


def _things(plan: Plan, kind: str) -> Iterator[Line]:
    for change, verb in _all(plan):
        if change.table == kind:
            said = "new" if verb == "create" else f"changed: {change.word}"
            yield Line(change.about["code"], change.about.get("name", ""), f"{kind.removesuffix('s')} {said}")


def _said(change: Change, verb: str, names: Mapping[str, str]) -> str:
    if change.table == "people":
        return "new" if verb == "create" else f"changed: {change.word}"
    what = _what(change.table, change.about, names)
    if verb == "withdraw":
        return f"{what} from {change.about['begins']} is withdrawn"
    if verb == "change":
        was, ends = change.about["was"], change.values["ends"]
        return f"{what} {f'ends {ends}' if ends else 'goes on'} (was: {was or 'further notice'})"
    ends = change.values["ends"]
    return f"{what} from {change.values['begins']}{f' until {ends}' if ends else ''}"


def _what(table: str, about: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if table == "agent_ids":
        return f"agent id {about['agent_id']}"
    if table == "coach_assignments":
        return f"coached by {about['coach']} {names.get(about['coach'], '')}".rstrip()
    place = " ".join(f"{kind} {about[kind]}" for kind in ("team", "department") if about[kind])
    calls = ", with customer calls" if about["customer_calls"] else ""
    return f"{str(about['function']).replace('_', ' ')}{f' of {place}' if place else ''}{calls}"
