"""What came from the forms of a threat's page, as values."""

from collections.abc import Mapping
from datetime import date

from kcc.threat.measures import Plan


def plan(form: Mapping[str, str]) -> Plan:
    """The measure that was typed; a day that is none counts as not given."""
    return Plan(
        kind=form.get("measure", ""),
        owner_id=form.get("owner", ""),
        due=day(form.get("due", "")),
        words=lines(form.get("plan", "")),
        ends=day(form.get("ends", "")),
    )


def day(typed: str) -> date | None:
    """A day as browsers send it, or None."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def lines(typed: str) -> str:
    """What was typed; browsers send every line's end as two characters."""
    return typed.replace("\r\n", "\n")
