"""People with every change that an administrator can make or undo, for the matrix of routes; asks nothing."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Function, system
from kcc.people import assignments, functions, queries
from kcc.people.endings import CameBy
from kcc.people.model import FunctionPeriod, Person
from kcc.stores import Stores
from tests.centre import BEGAN, Centre

HOST = system("test")


def staff(stores: Stores, centre: Centre) -> dict[str, str]:
    """Addresses by what they are about: "PERSON" or "PERSON/PERIOD", "PERSON/ENDING", "PERSON/ASSIGNMENT"."""
    today = clock.today()
    later, found = today + timedelta(days=5), {"person.anna": centre.anna}
    with stores.database.write() as session:
        for word in ("held", "moved"):
            found[f"period.{word}"] = "/".join(_held(session, word, BEGAN))
        person, _ = _held(session, "to-come", BEGAN)
        begun = functions.begin(session, HOST, person, Function.DEPARTMENT_MANAGER, later, **_in(session))
        found["period.to-come"] = f"{person}/{begun.id}"
        for word, day, came_by in (
            ("planned", later, CameBy.PERSON),
            ("right", today, CameBy.SCIM),
            ("mistaken", today, CameBy.IMPORT),
        ):
            person, period = _held(session, word, BEGAN)
            ending = functions.end(session, HOST, period, day, came_by=came_by)
            found[f"ending.{word}"] = f"{person}/{ending.id}"
        pupil, _ = _held(session, "pupil", BEGAN, Function.EMPLOYEE)
        found["person.pupil"] = pupil
        leaver, _ = _held(session, "leaver", BEGAN, Function.COACH)
        found["person.leaver"] = leaver
        assignments.assign(session, HOST, leaver, _held(session, "heir", BEGAN, Function.EMPLOYEE)[0], today)
        second = _held(session, "second", BEGAN, Function.EMPLOYEE)[0]
        pair = assignments.assign(session, HOST, centre.other_coach, second, today)
        found["pair.held"] = f"{second}/{pair.id}"
        pair = assignments.assign(session, HOST, centre.coach, second, later)
        found["pair.to-come"] = f"{second}/{pair.id}"
    return found


def _held(
    session: Session, name: str, begins: date, function: Function = Function.WORKS_COUNCIL
) -> tuple[str, str]:
    person = Person(number=f"staff-{name}", name=f"Staff {name}")
    session.add(person)
    session.flush()
    period = FunctionPeriod(person_id=person.id, function=function.value, begins=begins)
    session.add(period)
    session.flush()
    return person.id, period.id


def _in(session: Session) -> dict[str, str]:
    return {"department_id": queries.teams_and_departments(session)[1][0][0]}
