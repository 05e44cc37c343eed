"""The form of who coaches whom as typed: a coach and a day, what is wrong beside its field; no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext

from kcc.people.forms import Errors
from kcc.web.days import read_day

_DAYS = ("begins", "ends")


@dataclass(slots=True)
class CoachForm:
    """Which coach (or successor: `name` is the field's), from which day, or until which."""

    coach: str = ""
    day: str = ""
    name: str = "coach"
    errors: Errors = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str], name: str = "coach") -> "CoachForm":
        """What was typed."""
        return cls(form.get(name, ""), form.get("day", "").strip(), name)

    def values(self) -> tuple[str, date] | None:
        """The chosen person's id and the day, or None with the errors told."""
        if not self.coach:
            self.errors.append((self.name, gettext("Choose a coach.")))
        day = self.chosen_day()
        return None if self.errors or day is None else (self.coach, day)

    def chosen_day(self) -> date | None:
        """The day, or None with the error told."""
        return read_day(self.day, "day", self.errors, needed=True)

    def field_of(self, fault: str) -> str:
        """Where an error about a field of the verb belongs on the form."""
        return "day" if fault in _DAYS else self.name if fault in ("coach", "successor") else ""
