"""Telling a coach and their employee what changes between them; the changes themselves are assignments'."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from kcc import clock
from kcc.notices import outbox
from kcc.people import queries


def of_begin(session: Session, coach_id: str, employee_id: str, begins: date) -> None:
    """The one coaches the other from a day on."""
    _both(session, coach_id, employee_id, "coach.assigned", "coach.employee_assigned", day=begins)


def of_no_begin(session: Session, coach_id: str, employee_id: str, begins: date) -> None:
    """That does not begin after all."""
    _both(session, coach_id, employee_id, "coach.withdrawn", "coach.employee_withdrawn", day=begins)


def of_end(session: Session, coach_id: str, employee_id: str, ends: date) -> None:
    """It is over, or will be: `ends` is the first day without it, today or later."""
    if ends > clock.today():
        _both(session, coach_id, employee_id, "coach.ending", "coach.employee_ending", day=ends)
    else:
        _both(session, coach_id, employee_id, "coach.gone", "coach.employee_gone")


def of_no_end(session: Session, coach_id: str, employee_id: str, ends: date) -> None:
    """It does not end on that day after all."""
    words = ("coach.ending_withdrawn", "coach.employee_ending_withdrawn")
    _both(session, coach_id, employee_id, *words, day=ends)


def _both(
    session: Session, coach_id: str, employee_id: str, to_employee: str, to_coach: str, **params: Any
) -> None:
    names = queries.names(session, [coach_id, employee_id])
    outbox.tell(session, employee_id, to_employee, coach=names[coach_id], **params)
    outbox.tell(session, coach_id, to_coach, employee=names[employee_id], **params)
