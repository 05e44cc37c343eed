"""Walks of covered copies and of copies for the police, in an order in which each finds what it needs."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.recordings.redaction import entries
from kcc.recordings.redaction.model import DisclosureEntry
from kcc.recordings.redaction.spans import Form, Marks, Span
from kcc.threat import measures
from kcc.threat.model import IncidentCall, IncidentMeasure
from kcc.threat.police_copy import delivering
from kcc.threat.police_copy.model import PoliceCopy
from tests.access.world import World
from tests.audit.test_acts import Verb
from tests.audit.walking import written

MARKS = Marks((Span(1_000, 2_000),))


def _as(world: World, who: str) -> Actor:
    return world.centre.actor(getattr(world.centre, who))


def _entry(session: Session) -> str:
    return session.scalars(select(DisclosureEntry.id).order_by(DisclosureEntry.number.desc())).first() or ""


def _measure(session: Session) -> str:
    return session.scalars(select(IncidentMeasure.id).where(IncidentMeasure.kind == "police")).one()


def _register(world: World) -> object:
    with world.stores.database.write() as session:
        call, officer = world.ids["call.live"], _as(world, "officer")
        return entries.register(world.stores, session, officer, call, "disclosure", "Woo 3")


def _mark(world: World) -> object:
    with world.stores.database.write() as session:
        officer, entry = _as(world, "officer"), _entry(session)
        return entries.mark(world.stores, session, officer, entry, 0, MARKS)


def _take(world: World) -> object:
    with world.stores.database.write() as session:
        officer, entry = _as(world, "officer"), _entry(session)
        return entries.take(world.stores, session, officer, entry, 1, Form.WAV)


def _decide(world: World) -> object:
    with world.stores.database.write() as session:
        query = select(IncidentCall.incident_id).where(IncidentCall.recording_id == world.ids["call.threat"])
        due = clock.today() + timedelta(days=7)
        plan = measures.Plan("police", world.centre.lead, due, "Aangifte doen.")
        return measures.propose(world.stores, session, _as(world, "anna"), session.scalars(query).one(), plan)


def _agree(world: World) -> object:
    with world.stores.database.write() as session:
        return measures.confirm(session, _as(world, "lead"), _measure(session))


def _make(world: World) -> object:
    with world.stores.database.write() as session:
        call, lead = world.ids["call.threat"], _as(world, "lead")
        return delivering.make(world.stores, session, lead, _measure(session), call, "Aangifte")


def _page(world: World) -> object:
    with world.stores.database.write() as session:
        return delivering.page(world.stores, session, _as(world, "lead"), _measure(session))


def _hand_out(world: World) -> object:
    with world.stores.database.read() as session:
        copy = session.scalars(select(PoliceCopy.id).where(PoliceCopy.taken_at.is_(None))).one()
    return delivering.take(world.stores, _as(world, "lead"), copy)


def _over(world: World) -> object:
    """Nothing runs any more, so that the threat can be settled."""
    with world.stores.database.write() as session:
        return measures.close(world.stores, session, _as(world, "lead"), _measure(session), "Opgenomen.")


COPIES: dict[str, Verb] = {
    "look at the register": written(entries.listed, "officer"),
    "register a request": _register,
    "cover a name": _mark,
    "take a covered copy": _take,
    "propose the police": _decide,
    "agree to the police": _agree,
    "make a police copy": _make,
    "look at police copies": _page,
    "take a police copy": _hand_out,
    "write down what the police did": _over,
}
