"""Importing people and their periods, whole or not at all; what files look like: docs/people-import.md."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import PersonFacts
from kcc.audit import record
from kcc.db import Base
from kcc.people import roster, roster_ends, roster_files, roster_known, roster_plan, roster_whole
from kcc.people.model import AgentId, CoachAssignment, Department, FunctionPeriod, Person, Team
from kcc.people.queries import AT_ONCE
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to import; `full`: it holds everybody; `allow_many`: also when many lose their functions."""

    path: Path
    full: bool = False
    allow_many: bool = False


def import_file(session: Session, actor: Actor, path: Path) -> Summary:
    """Import a TOML file, a CSV file or a folder of those, and say what it did.

    People are known by number, teams and departments by code, periods by what they are about and when they
    begin. The same file a second time changes nothing; what a file does not name stays as it is; a changed
    end is a change; anything that contradicts what is known is a fault.
    Raises ImportFaultsError naming all faults, and AccessDenied.
    """
    return carry_out(session, actor, look(session, actor, Wanted(path)))


def look(session: Session, actor: Actor, wanted: Wanted) -> Plan:
    """What an import would do, without doing it.

    Raises ImportFaultsError naming all faults, Refused when too many lose their functions, AccessDenied.
    """
    policy.permit(actor, Action.PEOPLE_IMPORT, policy.Subject("people"))
    raw = roster_files.read(wanted.path)
    rows, faults = roster.checked(raw)
    known = roster_known.load(session)
    plan = roster_plan.plan(rows, known, raw, faults)
    if plan.faults:
        raise ImportFaultsError(plan.faults)
    if wanted.full:
        roster_whole.absent(plan, rows, known, clock.today(), allow_many=wanted.allow_many)
    return plan


def carry_out(session: Session, actor: Actor, plan: Plan) -> Summary:
    """Do what was planned in this transaction or, looked at again, has not changed since."""
    permit = policy.permit(actor, Action.PEOPLE_IMPORT, policy.Subject("people"))
    done = summary(plan)
    counts = {t: [c.created, c.changed, c.unchanged] for t, c in done.items()}
    record.act(session, permit, **counts)
    _record_people(session, actor, plan)
    ended = roster_ends.of(session, actor, plan)
    _apply(session, plan)
    session.add_all(ended)
    session.flush()
    return done


def summary(plan: Plan) -> Summary:
    """How many rows of each table a plan creates and changes; a withdrawn function counts as changed."""
    changes = [change.table for change in (*plan.change, *plan.withdraw)]
    create = [change.table for change in plan.create]
    return {t: Counts(create.count(t), changes.count(t), plan.unchanged[t]) for t in TABLES}


def _record_people(session: Session, actor: Actor, plan: Plan) -> None:
    """One line for each person whom the import concerns, with what it did: words and days, never content."""
    words: dict[str, list[str]] = defaultdict(list)
    for change in (*plan.create, *plan.change, *plan.withdraw):
        for number in change.numbers:
            words[plan.ids["people", number]].append(change.word)
    record.acts(
        session,
        ((_about(actor, person_id), {"changes": changes}) for person_id, changes in words.items()),
    )


def _about(actor: Actor, person_id: str) -> policy.Permit:
    subject, facts = policy.Subject("person", person_id), PersonFacts(person_id)
    return policy.permit(actor, Action.PEOPLE_IMPORT, subject, facts)


def _apply(session: Session, plan: Plan) -> None:
    withdrawn = [change.id for change in plan.withdraw]
    for first in range(0, len(withdrawn), AT_ONCE):
        some = withdrawn[first : first + AT_ONCE]
        session.execute(delete(FunctionPeriod).where(FunctionPeriod.id.in_(some)))
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
