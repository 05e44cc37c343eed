"""One person's course as rows of a page, what goes on first; time_line places them, the page words them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kcc.access.actor import Function
from kcc.people.rules import Period
from kcc.people.staff.queries import Coached, Course

HOLDS, TO_COME, OVER = "holds", "to come", "over"
FUNCTION, AGENT_ID, COACH, COACHED = "function", "agent_id", "coach", "coached"


@dataclass(frozen=True, slots=True)
class Row:
    """A period: its kind, what it says, whom it leads to, and whether it holds on the day."""

    kind: str
    id: str
    says: str | None
    period: Period
    state: str
    function: Function | None = None
    customer_calls: bool = False
    other_id: str | None = None


def rows(course: Course, day: date) -> list[Row]:
    """What goes on, functions first; then what is to come; then what is over, the latest first."""
    found = list(_rows(course, day))
    over = sorted((row for row in found if row.state == OVER), key=_ended, reverse=True)
    return [row for state in (HOLDS, TO_COME) for row in found if row.state == state] + over


def _rows(course: Course, day: date) -> Iterator[Row]:
    for held in course.functions:
        period = Period(held.begins, held.ends)
        stands = state(period, day)
        yield Row(FUNCTION, held.id, held.place, period, stands, held.function, held.customer_calls)
    for known in course.agent_ids:
        period = Period(known.begins, known.ends)
        yield Row(AGENT_ID, known.id, known.agent_id, period, state(period, day))
    for kind, others in ((COACH, course.coaches), (COACHED, course.coached)):
        yield from (_coaching(kind, one, day) for one in others)


def state(period: Period, day: date) -> str:
    """Whether a period holds on a day, is to come, or is over."""
    if period.covers(day):
        return HOLDS
    return TO_COME if period.begins > day else OVER


def _coaching(kind: str, one: Coached, day: date) -> Row:
    period = Period(one.begins, one.ends)
    return Row(kind, one.id, one.other, period, state(period, day), other_id=one.other_id)


def _ended(row: Row) -> date:
    return row.period.ends or date.max
