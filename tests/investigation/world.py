"""A case about anna in the small centre: who signs it, what it names, and how far it has come."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.coaching import queries as coaching
from kcc.investigation import closing, decisions
from kcc.investigation.decisions import More, Plan
from kcc.investigation.model import Case, CaseCall
from kcc.investigation.rules import How, Kind
from kcc.recordings.model import Recording
from kcc.stores import Stores
from tests.centre import Centre

CONSENT = "OR 2026-14"


def consenting(stores: Stores) -> Stores:
    """The same stores where the works council's consent to keeping is entered (RET-5)."""
    kept = stores.settings.weighty_reasons.model_copy(update={"consent": CONSENT})
    return replace(stores, settings=stores.settings.model_copy(update={"weighty_reasons": kept}))


def plan(centre: Centre, **more: object) -> Plan:
    """A whole plan: a call of anna's by name, the manager listens, for ten days; told at once."""
    today = clock.today()
    values: dict[str, object] = {
        "employee_id": centre.anna,
        "ground": "fraud",
        "ground_words": "",
        "indications": "Twee klanten meldden dat om contant geld werd gevraagd.",
        "calls": ("call-1",),
        "since": None,
        "until": None,
        "listener_id": centre.manager,
        "last_day": today + timedelta(days=10),
        "tell_on": None,
        "why_not_yet": "",
    }
    return Plan(**values | more)  # type: ignore[arg-type] # each member as its field is


def later(days: int = 7) -> dict[str, object]:
    """What makes a plan one of which the employee is told later."""
    return {"tell_on": clock.today() + timedelta(days=days), "why_not_yet": "Het spoor zou verdwijnen."}


def propose(stores: Stores, centre: Centre, by: str = "", **more: object) -> str:
    """Put a case forward, by the team lead if by nobody else; its id."""
    with stores.database.write() as session:
        return decisions.propose(stores, session, centre.actor(by or centre.lead), plan(centre, **more)).id


def drawn(session: Session, ids: Collection[str]) -> Collection[str]:
    """Which recordings were drawn, as the app asks coaching."""
    return coaching.monitored(session, ids)


def sign(stores: Stores, centre: Centre, case_id: str, by: str = "") -> bool:
    """Sign what waits, as the department manager if as nobody else."""
    with stores.database.write() as session:
        return decisions.sign(stores, session, centre.actor(by or centre.manager), case_id, drawn)


def open_case(stores: Stores, centre: Centre, **more: object) -> str:
    """A case that two have signed."""
    case_id = propose(stores, centre, **more)
    sign(stores, centre, case_id)
    return case_id


def ask(stores: Stores, centre: Centre, case_id: str, kind: Kind, days: int, by: str = "") -> None:
    """Ask for more time or a later telling, as the team lead if as nobody else."""
    day = clock.today() + timedelta(days=days)
    more = More(kind, "Het duurt langer.", day, centre.manager, day)
    with stores.database.write() as session:
        decisions.ask(stores, session, centre.actor(by or centre.lead), case_id, more)


def end(stores: Stores, centre: Centre, case_id: str, how: How = How.CLOSED, by: str = "") -> None:
    """End a case, as the team lead if as nobody else."""
    with stores.database.write() as session:
        closing.end(stores, session, centre.actor(by or centre.lead), case_id, how, "Niets gevonden.")


def case(stores: Stores, case_id: str) -> Case:
    """The case as it is stored now."""
    with stores.database.read() as session:
        return session.get_one(Case, case_id)


def calls(stores: Stores, case_id: str) -> list[CaseCall]:
    """The calls it names."""
    with stores.database.read() as session:
        return list(session.scalars(select(CaseCall).where(CaseCall.case_id == case_id)))


def recording(stores: Stores, call_id: str = "call-1") -> Recording | None:
    """A recording by the recorder's id of the call; None once it is erased."""
    with stores.database.read() as session:
        return session.scalar(select(Recording).where(Recording.call_id == call_id))
