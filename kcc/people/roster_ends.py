"""What an import ends: noted as ends that came by import, so that what follows waits for a person (REP-5)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.people import endings
from kcc.people.endings import CameBy
from kcc.people.model import FunctionEnding, FunctionPeriod
from kcc.people.queries import AT_ONCE
from kcc.people.roster_changes import Plan


def of(session: Session, actor: Actor, plan: Plan) -> list[FunctionEnding]:
    """The ends to note once the plan is carried out; earlier notes about the same periods no longer count.

    A period whose end stays in the past is history put right: nothing follows from it any more.
    """
    found, today = [], clock.today()
    for period, ends in _changed(session, plan):
        if _reaches(period.ends, today) or _reaches(ends, today):
            endings.forget(session, [period.id])
            if ends is not None:
                found.append(_note(actor, period.id, period.person_id, period.function, ends, period.ends))
    for change in plan.create:
        ends = change.values.get("ends") if change.table == "functions" else None
        if ends is not None and ends > today:
            person_id = plan.ids["people", change.values["number"]]
            found.append(_note(actor, change.id, person_id, change.values["function"].value, ends, None))
    for change in plan.withdraw:
        endings.forget(session, [change.id])
        if change.about["begins"] <= today:  # it held since this morning
            person_id, function = plan.ids["people", change.about["number"]], change.about["function"].value
            found.append(_note(actor, change.id, person_id, function, today, change.about["was"]))
    return found


def _changed(session: Session, plan: Plan) -> list[tuple[FunctionPeriod, date | None]]:
    said = {c.id: c.values["ends"] for c in plan.change if c.table == "functions" and "ends" in c.values}
    ids, found = sorted(said), []
    for start in range(0, len(ids), AT_ONCE):
        query = select(FunctionPeriod).where(FunctionPeriod.id.in_(ids[start : start + AT_ONCE]))
        found += [(period, said[period.id]) for period in session.scalars(query)]
    return found


def _reaches(ends: date | None, today: date) -> bool:
    return ends is None or ends > today


def _note(
    actor: Actor, period_id: str, person_id: str, function: str, ends: date, before: date | None
) -> FunctionEnding:
    return FunctionEnding(
        period_id=period_id,
        person_id=person_id,
        function=function,
        ends=ends,
        ends_before=before,
        came_by=CameBy.IMPORT.value,
        decided_at=clock.now(),
        decided_by=actor.person_id,
    )
