"""Copies in the small world: a registered request, a decided report to the police and a copy that waits."""

from datetime import timedelta

from sqlalchemy import select

from kcc import clock
from kcc.recordings.redaction import entries
from kcc.recordings.redaction.spans import Marks, Span
from kcc.stores import Stores
from kcc.threat import measures
from kcc.threat.model import IncidentCall
from kcc.threat.police_copy import delivering
from tests.centre import Centre


def copies(stores: Stores, centre: Centre, ids: dict[str, str]) -> dict[str, str]:
    """Ids by what they are; of calls that stand in `ids`."""
    officer, anna, lead = (centre.actor(one) for one in (centre.officer, centre.anna, centre.lead))
    with stores.database.write() as session:
        entry = entries.register(stores, session, officer, ids["call.live"], "disclosure", "Woo 3")
        entries.mark(stores, session, officer, entry.id, 0, Marks((Span(1_000, 2_000),)))
        query = select(IncidentCall.incident_id).where(IncidentCall.recording_id == ids["call.threat"])
        due = clock.today() + timedelta(days=7)
        plan = measures.Plan("police", centre.lead, due, "Aangifte doen.")
        measure = measures.propose(stores, session, anna, session.scalars(query).one(), plan)
    with stores.database.write() as session:
        measures.confirm(session, lead, measure.id)
    with stores.database.write() as session:
        copy = delivering.make(stores, session, lead, measure.id, ids["call.threat"], "Aangifte")
    return {"entry.open": entry.id, "measure.police": measure.id, "copy.waits": copy.id}
