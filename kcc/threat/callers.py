"""Which calls come from the same caller as a reported one: more to report, and earlier incidents as facts
without sound. Numbers are opened for comparing alone, and never shown, kept or logged.

What can be found is what is still kept: a day's key dies with its last recording, and an incident whose calls
were erased left no number to compare (RET-8). So an earlier incident is found for its 6 months, and longer
only while it is kept longer, as for a denial of contact that still runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import RecordingState
from kcc.errors import N_, Invalid
from kcc.recordings import callers
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.threat.model import Incident, IncidentCall, IncidentMeasure
from kcc.threat.queries import STANDING


def require_same(stores: Stores, calls: Sequence[Recording]) -> None:
    """Invalid unless all calls come from one caller's number; one call alone needs none."""
    if len(calls) < 2:
        return
    numbers = callers.numbers_of(stores, calls)
    if len(numbers) < len(calls) or len(set(numbers.values())) > 1:
        raise Invalid("also", N_("Report only calls of the same caller together."))


def also_of(stores: Stores, session: Session, call: Recording) -> list[Recording]:
    """The employee's other calls of the same caller that can be reported along, newest first.

    The session is the system's own.
    """
    number = callers.numbers_of(stores, [call]).get(call.id)
    if number is None or call.employee_id is None:
        return []
    reported = select(IncidentCall.recording_id).join(Incident, Incident.id == IncidentCall.incident_id)
    standing = set(session.scalars(reported.where(Incident.state.in_(STANDING))))
    found = callers.of_number(stores, session, number)
    return [
        one
        for one in reversed(found)
        if one.employee_id == call.employee_id
        and one.id != call.id
        and one.id not in standing
        and one.state == RecordingState.LIVE.value
    ]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What two people who decide may know of an earlier incident of the same caller: no call and no name."""

    reported_at: datetime
    kind: str
    measures: tuple[str, ...]
    denied_until: date | None


def others(stores: Stores, session: Session, incident: Incident) -> list[Incident]:
    """Other incidents that stand and have a call of the same number, whoever reported them, newest first."""
    calls = select(Recording).join(IncidentCall, IncidentCall.recording_id == Recording.id)
    mine = session.scalars(calls.where(IncidentCall.incident_id == incident.id)).all()
    numbers = set(callers.numbers_of(stores, mine).values())
    found = {row.id for number in numbers for row in callers.of_number(stores, session, number)}
    query = (
        select(Incident)
        .where(
            Incident.id.in_(
                select(IncidentCall.incident_id).where(IncidentCall.recording_id.in_(sorted(found)))
            ),
            Incident.id != incident.id,
            Incident.state.in_(STANDING),
        )
        .order_by(Incident.reported_at.desc(), Incident.id)
    )
    return list(session.scalars(query))


def earlier(stores: Stores, session: Session, incident: Incident) -> list[Earlier]:
    """What may be known of the incidents of the same caller that were reported before, newest first."""
    found = others(stores, session, incident)
    return [_earlier(session, other) for other in found if other.reported_at <= incident.reported_at]


def _earlier(session: Session, incident: Incident) -> Earlier:
    agreed = select(IncidentMeasure).where(
        IncidentMeasure.incident_id == incident.id, IncidentMeasure.agreed_at.is_not(None)
    )
    measures = session.scalars(agreed.order_by(IncidentMeasure.agreed_at)).all()
    denied = [one.ends for one in measures if one.ends is not None and one.ends >= clock.today()]
    return Earlier(
        incident.reported_at,
        incident.kind,
        tuple(dict.fromkeys(one.kind for one in measures)),
        max(denied, default=None),
    )
