"""Copies in the centre whose pages are looked at: a request with marks, and a report to the police."""

from datetime import timedelta

from sqlalchemy import select

from kcc import clock
from kcc.recordings.redaction import entries
from kcc.recordings.redaction.spans import Marks, Span
from kcc.stores import Stores
from kcc.threat import measures
from kcc.threat.model import Incident
from kcc.threat.police_copy import delivering
from tests.centre import Centre

LONG = "Woo-verzoek 2026-114 over arbeidsongeschiktheidsverzekeringsadministratie, ontvangen op 3 november"


def copies(stores: Stores, centre: Centre, ids: dict[str, str]) -> dict[str, str]:
    """The ids of pages by the names in pages.py."""
    officer, anna, lead = (centre.actor(one) for one in (centre.officer, centre.anna, centre.lead))
    with stores.database.write() as session:
        entry = entries.register(stores, session, officer, ids["call"], "disclosure", LONG)
        entries.mark(stores, session, officer, entry.id, 0, Marks((Span(1_000, 2_250), Span(4_000, 5_000))))
        query = select(Incident).where(Incident.employee_id == centre.anna, Incident.state == "open")
        incident = session.scalars(query.order_by(Incident.reported_at)).first()
        assert incident is not None
        due = clock.today() + timedelta(days=7)
        plan = measures.Plan("police", centre.lead, due, "Aangifte doen.")
        measure = measures.propose(stores, session, anna, incident.id, plan)
    with stores.database.write() as session:
        measures.confirm(session, lead, measure.id)
    with stores.database.write() as session:
        delivering.make(stores, session, lead, measure.id, incident.recording_id, "Aangifte PL1300-2026")
    return {"entry": entry.id, "measure": measure.id}
