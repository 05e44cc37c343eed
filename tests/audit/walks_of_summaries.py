"""What is done with developments, the centre and summaries in the walks, each making ready the next."""

from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import system
from kcc.coaching.progress import centre as centres
from kcc.coaching.progress import own
from kcc.coaching.summaries import erasure, passing, writing
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.sections import Summaries
from tests.access.world import World
from tests.audit.test_acts import Verb
from tests.audit.walking import with_session, written
from tests.coaching.progress.finished import ALL_YES, reports

TERMS = Summaries()


def make_ready(world: World) -> None:
    """Five monitored calls of anna, in the quarter before this one and in this one."""
    centre, day = world.centre, date(2026, 9, 28)
    wanted = [(centre.anna, centre.coach, day + timedelta(days=n), dict(ALL_YES), 1) for n in range(5)]
    reports(world.stores, wanted)


def _begin(world: World, session: Session) -> object:
    period = writing.Period(date(2026, 9, 1), clock.today())
    coach, anna = world.centre.actor(world.centre.coach), world.centre.anna
    return writing.begin(
        session, world.stores.keys, coach, anna, period, TERMS, "nl", lambda text, **more: text % more
    )


def _id(session: Session) -> str:
    open_one = (AppraisalSummary.content != b"", AppraisalSummary.passed_at.is_(None))
    return session.scalar(select(AppraisalSummary.id).where(*open_one)) or "none"


def _save(world: World, session: Session) -> object:
    coach = world.centre.actor(world.centre.coach)
    id_ = _id(session)
    revision = session.get_one(AppraisalSummary, id_).revision
    return writing.save(
        session, world.stores.keys, coach, id_, revision, f"Anna luistert goed{'.' * revision}"
    )


def _give(world: World, session: Session) -> object:
    coach = world.centre.actor(world.centre.coach)
    return writing.give(session, world.stores.keys, coach, _id(session), TERMS)


def _take_back(world: World, session: Session) -> object:
    return writing.take_back(session, world.centre.actor(world.centre.coach), _id(session))


def _read(world: World, session: Session) -> object:
    anna = world.centre.actor(world.centre.anna)
    return passing.read(session, world.stores.keys, anna, _id(session), TERMS.reading_days)


def _pass_on(world: World, session: Session) -> object:
    anna, id_ = world.centre.actor(world.centre.anna), _id(session)
    revision = session.get_one(AppraisalSummary, id_).revision
    return passing.pass_on(session, world.stores.keys, anna, id_, revision, "Mee eens.")


def _pass_due(_: World, session: Session) -> object:
    session.execute(update(AppraisalSummary).values(passed_at=None))
    return passing.pass_due(session, system("summaries"), -1)


def _discard(world: World) -> object:
    """Once it is begun, what was broken off is finished."""
    with world.stores.database.read() as session:
        id_ = _id(session)
    if id_ == "none":
        return erasure.finish(world.stores)
    return erasure.discard(world.stores, world.centre.actor(world.centre.coach), id_)


SUMMARIES: dict[str, Verb] = {
    "look at one's development": lambda world: _own(world),
    "count closed quarters": lambda world: centres.count_closed(
        world.stores, system("centre"), clock.today()
    ),
    "look at the centre": written(centres.read, "council", 5),
    "begin a summary": with_session(_begin),
    "save a summary": with_session(_save),
    "give a summary": with_session(_give),
    "take a summary back": with_session(_take_back),
    "give a summary again": with_session(_give),
    "read a summary": with_session(_read),
    "pass a summary on": with_session(_pass_on),
    "pass summaries on in time": with_session(_pass_due),
    "list summaries": written(passing.lists, "coach"),
    "begin one more summary": with_session(_begin),
    "throw a summary away": _discard,
}


def _own(world: World) -> object:
    with world.stores.database.write() as session:
        anna = world.centre.actor(world.centre.anna)
        return own.read(session, world.stores.keys, anna, world.centre.anna)
