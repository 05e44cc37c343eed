"""The forms of planning as typed: days, numbers and reasons read strictly, what is wrong beside its field; no
database.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import request
from flask_babel import gettext

from kcc import clock
from kcc.coaching.exceptions import Wanted
from kcc.coaching.planned import rules
from kcc.coaching.planned.rules import ExceptionReason
from kcc.coaching.rules import month_of, next_month
from kcc.errors import N_, Invalid
from kcc.web.days import read_day

Errors = list[tuple[str | None, str]]
REASONS = {
    ExceptionReason.INDUCTION: N_("Induction of a new employee"),
    ExceptionReason.NEW_SUBJECT: N_("Work on a new subject"),
    ExceptionReason.DEVELOPMENT: N_("Agreements on your development between employee and coach"),
    ExceptionReason.LESS_CONTACT: N_("Less work in customer contact"),
}
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_PROPOSED = re.compile(r"day-([0-9a-f]{32})-([1-4])")


def reason_words() -> dict[str, str]:
    """The four reasons in words."""
    return {reason.value: gettext(said) for reason, said in REASONS.items()}


def read_month(first: date, last: date, otherwise: date) -> date:
    """The month that an address names, within two others; Invalid for any other."""
    text = request.args.get("month", "")
    if not text:
        return otherwise
    found = date.fromisoformat(f"{text}-01") if _MONTH.fullmatch(text) else None
    if found is None or not first <= found <= last:
        raise Invalid("month", N_("This link is not complete. Start again at the first page."))
    return found


def asked_month() -> date:
    """The month of the board that an address asks for: of the last twelve, or the next."""
    this, following = rules.months(clock.today())
    return read_month(this.replace(year=this.year - 1), following, this)


def around(month: date) -> dict[str, Any]:
    """How the board goes on from a month: to those beside it, and to planning where that can be done."""
    this, following = rules.months(clock.today())
    before, after = month_of(month - timedelta(days=1)), next_month(month)
    return {
        "current": month == this,
        "earlier": month_word(before) if before >= this.replace(year=this.year - 1) else None,
        "later": month_word(after) if after <= following else None,
        "plan": month_word(month) if month in (this, following) else None,
    }


def read_parts() -> int:
    """On how many days a month's calls are drawn, as an address asks: 1 to 4."""
    text = request.args.get("dates", "1")
    if text not in {"1", "2", "3", "4"}:
        raise Invalid("dates", N_("This link is not complete. Start again at the first page."))
    return int(text)


def month_word(month: date) -> str:
    """A month as an address names it."""
    return f"{month:%Y-%m}"


@dataclass(slots=True)
class DateForm:
    """What was typed about one date: its day, and how many calls it draws."""

    day: str = ""
    calls: str = ""
    errors: Errors = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "DateForm":
        """What was typed."""
        return cls(day=form.get("day", "").strip(), calls=form.get("calls", "").strip())

    def values(self, name: str = "day") -> tuple[date, int | None] | None:
        """Day and number of calls, or None with the errors told."""
        faults: list[tuple[str, str]] = []
        day = read_day(self.day, name, faults, needed=True)
        self.errors += faults
        calls = _number(self.calls, "calls", self.errors) if self.calls else None
        return None if self.errors or day is None else (day, calls)


@dataclass(slots=True)
class ExceptionForm:
    """What was typed about another number of calls."""

    reason: str = ""
    number: str = ""
    explanation: str = ""
    begins: str = ""
    last: str = ""
    errors: Errors = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "ExceptionForm":
        """What was typed."""
        names = ("reason", "number", "explanation", "begins", "last")
        reason, number, explanation, begins, last = (form.get(name, "").strip() for name in names)
        return cls(reason, number, explanation, begins, last)

    def values(self) -> Wanted | None:
        """What it says, or None with the errors told."""
        if self.reason not in set(ExceptionReason):
            self.errors.append(("reason", gettext("Choose one of the four reasons.")))
        number = _number(self.number, "number", self.errors)
        if not self.explanation:
            self.errors.append(("explanation", gettext("Explain it: the employee reads it.")))
        faults: list[tuple[str, str]] = []
        begins = read_day(self.begins, "begins", faults, needed=True)
        last = read_day(self.last, "last", faults, needed=True)
        self.errors += faults
        if self.errors or number is None or begins is None or last is None:
            return None
        return Wanted(self.reason, self.explanation, number, begins, last)


@dataclass(slots=True)
class PlanForm:
    """The days of a proposal as they stood when it was confirmed."""

    typed: dict[str, str]
    errors: Errors = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "PlanForm":
        """What was typed; all else in it is not ours."""
        return cls({name: text.strip() for name, text in form.items() if _PROPOSED.fullmatch(name)})

    def values(self) -> dict[str, list[date]] | None:
        """The days by employee, those left empty left out; or None with the errors told."""
        found: dict[str, list[date]] = {}
        for name, text in sorted(self.typed.items()):
            matched = _PROPOSED.fullmatch(name)
            faults: list[tuple[str, str]] = []
            day = read_day(text, name, faults)
            self.errors += faults
            if matched and day:
                found.setdefault(matched[1], []).append(day)
        if not found and not self.errors:
            self.errors.append((None, gettext("Choose at least one day.")))
        return None if self.errors else found


def _number(typed: str, name: str, errors: Errors) -> int | None:
    if not re.fullmatch(r"[0-9]{1,3}", typed):
        errors.append((name, gettext("Write a number.")))
        return None
    return int(typed)
