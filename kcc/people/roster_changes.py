"""What an import is going to do: rows to create, rows to change, and the faults for which it does nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kcc.people.roster import TABLES, Fault


@dataclass(frozen=True, slots=True)
class Change:
    """One row to create, change or withdraw: table, id, values, whom it concerns, and words for the audit.

    `about` is the row as the file or the database has it, for who reads the plan before it is carried out.
    """

    table: str
    id: str
    values: Mapping[str, Any]
    numbers: tuple[str, ...]
    word: str
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What an import does, once `faults` is empty."""

    create: list[Change] = field(default_factory=list)
    change: list[Change] = field(default_factory=list)
    withdraw: list[Change] = field(default_factory=list)
    """Functions that have not begun, of people of whom a whole file says nothing."""
    unchanged: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    faults: list[Fault] = field(default_factory=list)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    """The id of every department, team and person, known or new, by table and code or number."""
    names: dict[str, str] = field(default_factory=dict)
    """What everybody is called when this is done, by number."""

    @property
    def empty(self) -> bool:
        """Whether nothing would be created, changed or ended."""
        return not (self.create or self.change or self.withdraw)


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether a row refers to something that is known or stands in the file; else a fault."""

    plan: Plan
    mentioned: set[tuple[str, str]]

    def __call__(self, row: str, field: str, table: str, code: str | None) -> bool:
        if code is None or (table, code) in self.plan.ids:
            return True
        if (table, code) not in self.mentioned:
            self.plan.faults.append(Fault(row, field, f"there is no {code} among the {table}"))
        return False
