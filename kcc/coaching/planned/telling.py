"""Telling an employee of one of their selection dates, with the entry for their own calendar (ANN-1); which
dates there are is dates' and planning's.
"""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from kcc.notices import calendars, outbox
from kcc.people import queries as people

SUMMARY = {"nl": "Selectie van gesprekken", "en": "Selection of calls"}
"""What an entry in somebody's calendar says."""


def uid(selection_id: str) -> str:
    """By which name a calendar knows a date, however it came there."""
    return f"selection-{selection_id}@kcc"


def tell(
    session: Session,
    word: str,
    employee_id: str,
    selection_id: str,
    day: date,
    *,
    sequence: int = 0,
    language: str | None = None,
    was: date | None = None,
    count: int | None = None,
) -> None:
    """Tell of a date that was announced, moved or withdrawn; the entry goes along with the letter.

    `sequence` is the date's, so that a calendar replaces what it has. `language` spares a question to the
    database where many are told at once.
    """
    spoken = language or people.language_of(session, employee_id)
    summary, off = SUMMARY.get(spoken, SUMMARY["nl"]), word == "selection.withdrawn"
    entry = calendars.entry(uid(selection_id), summary, day, sequence=sequence, cancelled=off)
    places = (("was", was), ("count", count))
    said: dict[str, Any] = {name: value for name, value in places if value is not None}
    outbox.tell(session, employee_id, word, entry=entry, day=day, **said)
