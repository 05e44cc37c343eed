"""What is done in planning in the walks, in this order, since each makes ready what the next one needs."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import system
from kcc.coaching import exceptions, unannounced
from kcc.coaching.exceptions import Wanted
from kcc.coaching.model import SelectionDate
from kcc.coaching.planned import capacity, dates, texts
from kcc.coaching.planned.model import QuotaException, UnannouncedAgreement
from tests.access.world import World
from tests.audit.test_acts import Verb
from tests.audit.walking import with_session, written

DAY, LATER = date(2026, 12, 10), date(2026, 12, 11)
WANTED = Wanted("induction", "Zij is nieuw.", 6, date(2026, 12, 1), date(2026, 12, 31))


def _add(day: date) -> Verb:
    def run(world: World, session: Session) -> object:
        coach = world.centre.actor(world.centre.coach)
        return dates.add(session, coach, world.stores.settings, world.centre.anna, day, 1)

    return with_session(run)


def _latest(session: Session) -> str:
    query = select(SelectionDate.id).where(SelectionDate.state == "announced")
    return session.scalars(query.order_by(SelectionDate.day.desc())).one_or_none() or ""


def _move(world: World, session: Session) -> object:
    coach = world.centre.actor(world.centre.coach)
    return dates.move(session, coach, world.stores.settings, _latest(session), LATER)


def _withdraw(world: World, session: Session) -> object:
    return dates.withdraw(session, world.centre.actor(world.centre.coach), _latest(session))


def _make(world: World) -> object:
    coach, stores = world.centre.actor(world.centre.coach), world.stores
    with stores.database.write() as session:
        return exceptions.make(session, stores.keys, coach, stores.settings, world.centre.anna, WANTED)


def _end(world: World, session: Session) -> object:
    made = select(QuotaException.id).where(QuotaException.withdrawn_at.is_(None))
    found = session.scalars(made.order_by(QuotaException.made_at.desc())).first()
    return exceptions.end(session, world.centre.actor(world.centre.coach), world.stores.settings, found)


def _answer(world: World) -> object:
    coach, stores = world.centre.actor(world.centre.coach), world.stores
    with stores.database.write() as session:
        anna = world.centre.anna
        return unannounced.answer(session, stores.keys, coach, anna, agree=True)


def _revoke(world: World, session: Session) -> object:
    return unannounced.revoke(session, world.centre.actor(world.centre.anna), world.stores.settings)


def _lapse(world: World, session: Session) -> object:
    """The coach who agreed coaches anna no more, as far as this transaction knows."""
    agreement = session.scalars(
        select(UnannouncedAgreement).where(UnannouncedAgreement.ended_at.is_(None))
    ).one()
    agreement.coach_id = world.centre.other_coach
    return unannounced.lapse(session, system("announce"), world.stores.settings)


def _propose(world: World, session: Session) -> object:
    coach = world.centre.actor(world.centre.coach)
    return capacity.propose(session, coach, world.stores.settings, DAY.replace(day=1), 1)


PLANNING: dict[str, Verb] = {
    "say how many fit in a day": written(capacity.set_capacity, "coach", 3),
    "look at a month's plan": with_session(_propose),
    "set a date": _add(DAY),
    "move a date": with_session(_move),
    "withdraw a date": with_session(_withdraw),
    "raise the number": _make,
    "end another number": with_session(_end),
    "raise it again": _make,
    "end the number with the function": with_session(
        lambda w, s: exceptions.end_with_function(s, system("announce"), w.centre.anna, clock.today())
    ),
    "erase what was explained": lambda w: texts.forget(w.stores, w.centre.anna),
    "ask not to be told": written(unannounced.ask, "anna"),
    "agree not to tell": _answer,
    "set a date that is not told": _add(DAY),
    "take back not to be told": with_session(_revoke),
    "ask again": written(unannounced.ask, "anna"),
    "agree again": _answer,
    "let an agreement lapse": with_session(_lapse),
    "ask once more": written(unannounced.ask, "anna"),
    "end what was asked with the function": with_session(
        lambda w, s: unannounced.end_with_function(s, system("announce"), w.centre.anna)
    ),
}
