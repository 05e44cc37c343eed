"""The forms of functions as typed: days and places read strictly, what is wrong beside its field; no
database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext

from kcc.access.actor import Function
from kcc.people.forms import Errors
from kcc.people.rules import HELD_BY_PEOPLE
from kcc.web.days import read_day


@dataclass(slots=True)
class FunctionForm:
    """What was typed about a function: which, where, from when, perhaps until when."""

    function: str = ""
    team: str = ""
    department: str = ""
    customer_calls: bool = False
    begins: str = ""
    ends: str = ""
    understood: str = ""
    errors: Errors = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "FunctionForm":
        """What was typed."""
        return cls(
            function=form.get("function", ""),
            team=form.get("team", ""),
            department=form.get("department", ""),
            customer_calls=bool(form.get("customer_calls")),
            begins=form.get("begins", "").strip(),
            ends=form.get("ends", "").strip(),
            understood=form.get("understood", ""),
        )

    def values(self) -> "FunctionValues | None":
        """What it says, or None with the errors told."""
        chosen = next((one for one in HELD_BY_PEOPLE if one.value == self.function), None)
        if chosen is None:
            self.errors.append(("function", gettext("Choose a function.")))
        begins = read_day(self.begins, "begins", self.errors, needed=True)
        ends = read_day(self.ends, "ends", self.errors)
        if self.errors or chosen is None or begins is None:
            return None
        return FunctionValues(
            chosen, self.team or None, self.department or None, self.customer_calls, begins, ends
        )


@dataclass(frozen=True, slots=True)
class FunctionValues:
    """A function as chosen; `ends` is the first day without it."""

    function: Function
    team_id: str | None
    department_id: str | None
    customer_calls: bool
    begins: date
    ends: date | None


@dataclass(slots=True)
class EndForm:
    """From which day something holds no more, and for which day its consequences were read."""

    ends: str = ""
    understood: str = ""
    errors: Errors = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "EndForm":
        """What was typed."""
        return cls(form.get("ends", "").strip(), form.get("understood", ""))

    def day(self) -> date | None:
        """The day, or None with the error told."""
        return read_day(self.ends, "ends", self.errors, needed=True)
