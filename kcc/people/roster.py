"""What an import file says, row by row, each checked by itself; whether it fits is for roster_plan."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    model_validator,
)

from kcc.access.actor import Function
from kcc.errors import N_, Invalid
from kcc.people.rules import HELD_BY_PEOPLE, Period

DUTCH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})")
YES_AND_NO = {"ja": True, "j": True, "nee": False, "n": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: the row, the field, and the problem."""

    row: str
    field: str
    problem: str

    def __str__(self) -> str:
        return f"{self.row}: {self.field}: {self.problem}"


class ImportFaultsError(Invalid):
    """A file cannot be imported: `faults` names everything that is wrong with it; nothing was imported."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            "file", N_("Nothing was imported: the file has %(count)d faults."), count=len(faults)
        )
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.faults)])


def _day(value: Any) -> Any:
    if isinstance(value, str) and (dutch := DUTCH_DAY.fullmatch(value.strip())):
        return "{2}-{1:0>2}-{0:0>2}".format(*dutch.groups())
    return value


def _printable(value: Any) -> Any:
    if isinstance(value, str) and not value.strip().isprintable():
        raise ValueError("holds characters that cannot be printed")
    return value


def _yes_or_no(value: Any) -> Any:
    return YES_AND_NO.get(value.strip().casefold(), value) if isinstance(value, str) else value


def _held(value: Any) -> Any:
    if value not in HELD_BY_PEOPLE:
        raise ValueError(f"must be one of {', '.join(sorted(HELD_BY_PEOPLE))}")
    return value


Text = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_printable)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64), BeforeValidator(_printable)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]
Day = Annotated[date, BeforeValidator(_day)]
Flag = Annotated[bool, BeforeValidator(_yes_or_no)]


class Row(BaseModel):
    """A row of the file; `row` says where it stands, a field it does not know is a fault."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True
    )
    row: str


class DepartmentRow(Row):
    """A department."""

    code: Code
    name: Text


class TeamRow(Row):
    """A team of a department."""

    code: Code
    name: Text
    department: Code


class PersonRow(Row):
    """A person; the language is that of their first pages, later their own choice."""

    number: Code
    name: Text
    email: Email | None = None
    language: Literal["nl", "en"] = "nl"


class DatedRow(Row):
    """Something that holds from `begins` up to, not including, `ends`."""

    begins: Day
    ends: Day | None = None

    @property
    def period(self) -> Period:
        """The days on which it holds."""
        return Period(self.begins, self.ends)

    @model_validator(mode="after")
    def _at_least_a_day(self) -> Self:
        if not self.period.in_order():
            raise ValueError("ends must lie after begins: it is the first day on which it no longer holds")
        return self


class FunctionRow(DatedRow):
    """A function that a person holds."""

    number: Code
    function: Annotated[Function, BeforeValidator(_held)]
    team: Code | None = None
    department: Code | None = None
    customer_calls: Flag = False

    @model_validator(mode="after")
    def _has_its_place(self) -> Self:
        if self.function is Function.TEAM_LEAD and self.team is None:
            raise ValueError("a team lead needs a team")
        if self.function is Function.DEPARTMENT_MANAGER and self.department is None:
            raise ValueError("a department manager needs a department")
        if self.customer_calls and self.function is not Function.EMPLOYEE:
            raise ValueError("customer_calls belongs to the function employee (SAM-8)")
        return self


class AgentIdRow(DatedRow):
    """The id by which the exchange knows a person."""

    number: Code
    agent_id: Code


class AssignmentRow(DatedRow):
    """A coach assigned to an employee, both by number."""

    coach: Code
    employee: Code


TABLES: Mapping[str, type[Row]] = {
    "departments": DepartmentRow,
    "teams": TeamRow,
    "people": PersonRow,
    "functions": FunctionRow,
    "agent_ids": AgentIdRow,
    "coach_assignments": AssignmentRow,
}
"""The tables of an import; CSV has a file for each, TOML nests functions and agent ids under people."""


@dataclass(frozen=True, slots=True)
class Roster:
    """All rows of an import, each good by itself."""

    departments: list[DepartmentRow]
    teams: list[TeamRow]
    people: list[PersonRow]
    functions: list[FunctionRow]
    agent_ids: list[AgentIdRow]
    coach_assignments: list[AssignmentRow]


Raw = tuple[str, str, Mapping[str, Any]]
"""A row as read: its table, where it stands, and its fields."""


def checked(raw: Sequence[Raw]) -> tuple[Roster, list[Fault]]:
    """The rows that are good by themselves, and the faults of the others."""
    faults: list[Fault] = []
    good: dict[str, list[Any]] = {table: [] for table in TABLES}
    for table, row, fields in raw:
        if "row" in fields:
            faults.append(Fault(row, "row", "there is no such field"))
            continue
        try:
            good[table].append(TABLES[table].model_validate({**fields, "row": row}))
        except ValidationError as fault:
            faults.extend(_faults(row, fault))
    return Roster(**good), faults


def _faults(row: str, fault: ValidationError) -> Iterator[Fault]:
    for error in fault.errors():
        field = str(error["loc"][0]) if error["loc"] else "row"
        if error["type"] == "extra_forbidden":
            yield Fault(row, field, "there is no such field")
        elif error["type"] == "missing":
            yield Fault(row, field, "is missing")
        else:
            yield Fault(row, field, error["msg"].removeprefix("Value error, "))
