"""What people are told when a draw has been held: that it was; of which calls only its pages say."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from kcc import clock
from kcc.notices import outbox
from kcc.people import queries as people


def held(session: Session, placed: Mapping[str, int]) -> None:
    """Tell employees of their draw, and the coaches of those of whom a call was drawn; `placed` is how many
    were, by employee.
    """
    coaches = people.coaches_of_each(session, placed.keys(), clock.today())
    names = people.names(session, [employee_id for employee_id, number in placed.items() if number])
    for employee_id, number in placed.items():
        outbox.tell(session, employee_id, "selection.drawn")
        for coach_id in sorted(coaches.get(employee_id, ())) if number else ():
            name, word = names[employee_id], "selection.calls_drawn"
            outbox.tell(session, coach_id, word, about_id=employee_id, employee=name)
