"""What is done with a reported threat in the walks, each making ready the next."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Function, system
from kcc.people import endings
from kcc.people.endings import Ended
from kcc.people.model import FunctionEnding, FunctionPeriod
from kcc.threat import erasure, incidents, keeping, measures, tallying
from kcc.threat.deciding import reading
from kcc.threat.measures import Plan
from kcc.threat.model import Incident, IncidentMeasure
from tests.access.world import World
from tests.audit.test_acts import Verb
from tests.audit.walking import with_session


def _incident(world: World) -> str:
    return world.ids["incident.annas"]


def _measure(session: Session) -> str:
    query = select(IncidentMeasure.id).where(IncidentMeasure.closed_at.is_(None))
    return session.scalars(query.order_by(IncidentMeasure.proposed_at.desc())).first() or "none"


def _look(world: World, session: Session) -> object:
    return reading.seen(world.stores, session, world.centre.actor(world.centre.lead), _incident(world))


def _propose(world: World, session: Session) -> object:
    plan = Plan("talk", world.centre.lead, clock.today(), "Bellen.")
    return measures.propose(
        world.stores, session, world.centre.actor(world.centre.anna), _incident(world), plan
    )


def _confirm(world: World, session: Session) -> object:
    return measures.confirm(session, world.centre.actor(world.centre.lead), _measure(session))


def _drop(world: World, session: Session) -> object:
    return measures.drop(session, world.centre.actor(world.centre.anna), _measure(session))


def _close(world: World, session: Session) -> object:
    lead = world.centre.actor(world.centre.lead)
    return measures.close(world.stores, session, lead, _measure(session), "Excuses.")


def _review(world: World, session: Session) -> object:
    return keeping.review(session, world.centre.actor(world.centre.lead), _incident(world))


def _settle(who: str) -> Verb:
    def run(world: World, session: Session) -> object:
        actor = world.centre.actor(getattr(world.centre, who))
        return keeping.settle(world.stores, session, actor, _incident(world))

    return with_session(run)


def _longer(world: World) -> object:
    """150 days on, and back again."""
    world.now.move(timedelta(days=150))
    try:
        with world.stores.database.write() as session:
            actor, until = world.centre.actor(world.centre.lead), keeping.last_day(clock.now())
            return keeping.extend(world.stores, session, actor, _incident(world), until, "De aangifte loopt.")
    finally:
        world.now.move(timedelta(days=-150))


def _sweep(world: World) -> object:
    """Two weeks before a review, for a lead whom nobody told."""
    with world.stores.database.write() as session:
        session.get_one(Incident, _incident(world)).told_id = None
    world.now.move(timedelta(days=80))
    try:
        return erasure.sweep(world.stores)
    finally:
        world.now.move(timedelta(days=-80))


def _left(world: World) -> object:
    """What follows when anna's function has ended, of which only a note is there: she is back at once."""
    anna = world.centre.anna
    with world.stores.database.write() as session:
        mine = select(FunctionPeriod).where(FunctionPeriod.person_id == anna)
        period = session.scalars(mine.where(FunctionPeriod.function == Function.EMPLOYEE)).one()
        note = endings.note(session, system("cli"), period, clock.today())
        ended = Ended(note.id, anna, Function.EMPLOYEE, note.ends, continues=False, with_calls=False)
    try:
        return erasure.follow(world.stores, ended)
    finally:
        with world.stores.database.write() as session:
            session.execute(delete(FunctionEnding).where(FunctionEnding.person_id == anna))


def _counts(world: World, session: Session) -> object:
    return tallying.read(session, world.centre.actor(world.centre.manager))


def _taken_back(world: World) -> object:
    """Of bob's, about which nothing is decided."""
    with world.stores.database.write() as session:
        bob = world.centre.actor(world.centre.bob)
        return incidents.withdraw(world.stores, session, bob, world.ids["incident.bobs"])


THREATS: dict[str, Verb] = {
    "look at a threat": with_session(_look),
    "propose a measure": with_session(_propose),
    "take a proposal away": with_session(_drop),
    "propose it again": with_session(_propose),
    "agree to a measure": with_session(_confirm),
    "say that a threat is still needed": with_session(_review),
    "keep a threat longer": _longer,
    "write down what came of it": with_session(_close),
    "remind of a threat": _sweep,
    "leave with a threat": _left,
    "give a threat back": lambda world: erasure.sweep(world.stores),
    "say that it is settled": _settle("anna"),
    "settle a threat": _settle("lead"),
    "take a report back": _taken_back,
    "look at the counts of threats": with_session(_counts),
}
