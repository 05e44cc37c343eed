"""Importing people and their periods, whole or not at all; what files look like: docs/people-import.md."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.db import Base
from kcc.people import roster, roster_ends, roster_files, roster_known, roster_plan
from kcc.people.model import AgentId, CoachAssignment, Department, FunctionPeriod, Person, Team
from kcc.people.roster import TABLES, ImportFaultsError
from kcc.people.roster_changes import Change, Plan

MODELS: Mapping[str, type[Base]] = {
    "departments": Department,
    "teams": Team,
    "people": Person,
    "functions": FunctionPeriod,
    "agent_ids": AgentId,
    "coach_assignments": CoachAssignment,
}
REFERENCES = {
    ("teams", "department"): ("department_id", "departments"),
    ("functions", "number"): ("person_id", "people"),
    ("functions", "team"): ("team_id", "teams"),
    ("functions", "department"): ("department_id", "departments"),
    ("agent_ids", "number"): ("person_id", "people"),
    ("coach_assignments", "coach"): ("coach_id", "people"),
    ("coach_assignments", "employee"): ("employee_id", "people"),
}
"""Fields that hold a number or code, the column that holds an id instead, and the table it points to."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of one table an import created, changed, and found as they were."""

    created: int
    changed: int
    unchanged: int

    def __str__(self) -> str:
        return f"{self.created} created, {self.changed} changed, {self.unchanged} unchanged"


Summary = Mapping[str, Counts]
"""What an import did, by table."""


def import_file(session: Session, actor: Actor, path: Path) -> Summary:
    """Import a TOML file, a CSV file or a folder of those, and say what it did.

    People are known by number, teams and departments by code, periods by what they are about and when they
    begin. The same file a second time changes nothing; what a file does not name stays as it is; a changed
    end is a change; anything that contradicts what is known is a fault.
    Raises ImportFaultsError naming all faults, and AccessDenied.
    """
    permit = policy.permit(actor, Action.PEOPLE_IMPORT, policy.Subject("people"))
    raw = roster_files.read(path)
    rows, faults = roster.checked(raw)
    plan = roster_plan.plan(rows, roster_known.load(session), raw, faults)
    if plan.faults:
        raise ImportFaultsError(plan.faults)
    summary = _summary(plan)
    record.act(session, permit, **{t: [c.created, c.changed, c.unchanged] for t, c in summary.items()})
    _record_people(session, actor, plan)
    ended = roster_ends.of(session, actor, plan)
    _apply(session, plan)
    session.add_all(ended)
    session.flush()
    return summary


def _summary(plan: Plan) -> Summary:
    created, changed = ([change.table for change in changes] for changes in (plan.create, plan.change))
    return {t: Counts(created.count(t), changed.count(t), plan.unchanged[t]) for t in TABLES}


def _record_people(session: Session, actor: Actor, plan: Plan) -> None:
    """One line for each person whom the import concerns, with what it did: words and days, never content."""
    words: dict[str, list[str]] = defaultdict(list)
    for change in (*plan.create, *plan.change):
        for number in change.numbers:
            words[plan.ids["people", number]].append(change.word)
    record.acts(
        session,
        (
            (
                policy.permit(actor, Action.PEOPLE_IMPORT, policy.Subject("person", person_id)),
                {"changes": changes},
            )
            for person_id, changes in words.items()
        ),
    )


def _apply(session: Session, plan: Plan) -> None:
    for table, model in MODELS.items():
        if rows := [_columns(plan, change) for change in plan.create if change.table == table]:
            session.execute(insert(model), rows)
        # One statement for each set of fields: a bulk update takes the same columns for all its rows.
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for change in plan.change:
            if change.table == table:
                alike[tuple(sorted(change.values))].append(_columns(plan, change))
        for rows in alike.values():
            session.execute(update(model), rows)
    session.flush()


def _columns(plan: Plan, change: Change) -> dict[str, Any]:
    columns: dict[str, Any] = {"id": change.id}
    for field, value in change.values.items():
        column, table = REFERENCES.get((change.table, field), (field, ""))
        columns[column] = plan.ids[table, value] if table and value is not None else value
    return columns
