"""What the beginning and the end of a function need by themselves; what may stand beside what is clashes'."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Function
from kcc.errors import N_, Invalid, Refused
from kcc.people.model import Department, FunctionPeriod, Team
from kcc.people.queries import holds_on
from kcc.people.rules import HELD_BY_PEOPLE

BACK = timedelta(days=28)
"""How far back a function may begin or end: as long as a call lives; what is older was judged as it stood."""


def place(
    session: Session,
    function: Function,
    team_id: str | None,
    department_id: str | None,
    *,
    customer_calls: bool,
) -> None:
    """What a function needs to be held: its place must be there; Invalid names the field."""
    if function not in HELD_BY_PEOPLE:
        raise Invalid("function", N_("Choose a function that people hold."))
    if function is Function.TEAM_LEAD and team_id is None:
        raise Invalid("team", N_("A team lead needs a team."))
    if function is Function.DEPARTMENT_MANAGER and department_id is None:
        raise Invalid("department", N_("A department manager needs a department."))
    if customer_calls and function is not Function.EMPLOYEE:
        raise Invalid("customer_calls", N_("Customer calls belong to the function of employee."))
    if team_id is not None and session.get(Team, team_id) is None:
        raise Invalid("team", N_("There is no such team."))
    if department_id is not None and session.get(Department, department_id) is None:
        raise Invalid("department", N_("There is no such department."))


def not_too_old(field: str, day: date) -> None:
    """Invalid for a day that lies further back than calls live."""
    if day < clock.today() - BACK:
        raise Invalid(
            field, N_("Choose a day that lies at most 28 days back: what is older stays as it was.")
        )


def not_over(period: FunctionPeriod) -> None:
    """Refused for a period that has ended already."""
    if period.ends is not None and period.ends <= clock.today():
        raise Refused(N_("This function has ended already. Begin it anew instead."), code="over")


def somebody_stays(session: Session, period: FunctionPeriod, ends: date) -> None:
    """Refused when nobody would be administrator after this end (ACC-6)."""
    if period.function != Function.ADMINISTRATOR.value:
        return
    others = select(FunctionPeriod.id).where(
        FunctionPeriod.function == Function.ADMINISTRATOR.value,
        FunctionPeriod.person_id != period.person_id,
        holds_on(FunctionPeriod, max(ends, clock.today())),
    )
    if session.scalar(others.limit(1)) is None:
        raise Refused(
            N_("This is the last administrator. Give somebody else the function first."),
            code="last",
            rule="ACC-6",
        )
