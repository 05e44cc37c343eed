"""A day as somebody chose it in a form or an address, read strictly; what is wrong is told at its field."""

import re
from collections.abc import Mapping
from datetime import date

from flask_babel import gettext

_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


def read_day(typed: str, name: str, faults: list[tuple[str, str]], *, needed: bool = False) -> date | None:
    """The day, or None: because nothing was chosen, or with the fault told."""
    text = typed.strip()
    if not text:
        if needed:
            faults.append((name, gettext("Choose a day.")))
        return None
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        faults.append((name, gettext("Write the day as year-month-day, such as 2026-11-03.")))
    return found


def read_span(args: Mapping[str, str], faults: list[tuple[str, str]]) -> tuple[date | None, date | None]:
    """The first and last day of `since` and `until`, either of them open."""
    since = read_day(args.get("since", ""), "since", faults)
    until = read_day(args.get("until", ""), "until", faults)
    if since and until and until < since:
        faults.append(("until", gettext("The last day lies before the first.")))
    return since, until
