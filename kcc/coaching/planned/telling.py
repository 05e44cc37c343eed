"""What an employee is told of an announced selection date, with the entry for their calendar (ANN-1).

Whether a date may be told at all its verb knows: one that is not announced is never told (ANN-2).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from kcc.coaching.model import SelectionDate
from kcc.notices import calendars, outbox
from kcc.people import queries as people

SUMMARY = {"nl": "Selectie van gesprekken", "en": "Selection of calls"}
"""What an entry in somebody's calendar says: that there is a selection, not of whose calls or how many."""


def announced(session: Session, selection: SelectionDate, count: int) -> None:
    """Tell of a new day, and of how many calls at most."""
    _tell(session, selection, "selection.announced", day=selection.day, count=count)


def announced_all(
    session: Session, selection_ids: Mapping[str, str], day: date, counts: Mapping[str, int]
) -> None:
    """The same of a day that many have: their dates' ids and numbers, by employee."""
    languages = people.languages_of(session, selection_ids.keys())
    for employee_id, selection_id in selection_ids.items():
        added = _entry(selection_id, day, 0, languages.get(employee_id, ""))
        count = counts[employee_id]
        outbox.tell(session, employee_id, "selection.announced", entry=added, day=day, count=count)


def moved(session: Session, selection: SelectionDate, was: date, count: int) -> None:
    """Tell that a day has become another one; the calendar's entry moves along."""
    _tell(session, selection, "selection.moved", was=was, day=selection.day, count=count)


def withdrawn(session: Session, selection: SelectionDate) -> None:
    """Tell that a day is off; the calendar's entry goes."""
    _tell(session, selection, "selection.withdrawn", cancelled=True, day=selection.day)


def uid(selection_id: str) -> str:
    """By what a calendar knows a date again, wherever its entry came from."""
    return f"selection-{selection_id}@kcc"


def _entry(selection_id: str, day: date, sequence: int, language: str, *, cancelled: bool = False) -> bytes:
    said = SUMMARY.get(language, SUMMARY["nl"])
    return calendars.entry(uid(selection_id), said, day, sequence=sequence, cancelled=cancelled)


def _tell(
    session: Session, selection: SelectionDate, word: str, *, cancelled: bool = False, **params: Any
) -> None:
    language = people.language_of(session, selection.employee_id)
    added = _entry(selection.id, selection.day, selection.sequence, language, cancelled=cancelled)
    outbox.tell(session, selection.employee_id, word, entry=added, **params)
