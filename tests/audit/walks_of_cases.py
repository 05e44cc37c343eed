"""Walks of a case of weighty reasons, in an order in which each step finds what it needs."""

from datetime import timedelta

from kcc import clock
from kcc.investigation import closing, decisions, reading
from kcc.investigation import erasure as cases
from kcc.investigation.rules import Kind
from tests.access.world import World
from tests.audit.test_acts import Verb
from tests.investigation import world as investigating


def _propose(who: str) -> Verb:
    def run(world: World) -> object:
        today, about = clock.today(), getattr(world.centre, who)
        period = {"calls": (), "since": today - timedelta(days=27), "until": today}
        case_id = investigating.propose(
            world.stores, world.centre, employee_id=about, **period, **investigating.later(2)
        )
        world.ids["case.walked"] = case_id
        return case_id

    return run


def _read(world: World) -> object:
    with world.stores.database.write() as session:
        officer = world.centre.actor(world.centre.officer)
        return reading.read(world.stores, session, officer, world.ids["case.walked"])


def _sign(world: World) -> object:
    return investigating.sign(world.stores, world.centre, world.ids["case.walked"])


def _officer(verb: str) -> Verb:
    def run(world: World) -> object:
        officer = world.centre.actor(world.centre.officer)
        with world.stores.database.write() as session:
            return getattr(closing, verb)(session, officer, world.ids["case.walked"])

    return run


def _ask(world: World) -> object:
    return investigating.ask(world.stores, world.centre, world.ids["case.walked"], Kind.EXTEND, 13)


def _withdraw(world: World) -> object:
    with world.stores.database.write() as session:
        lead = world.centre.actor(world.centre.lead)
        return decisions.withdraw(session, lead, world.ids["case.walked"])


def _end(world: World) -> object:
    return investigating.end(world.stores, world.centre, world.ids["case.walked"])


def _sweep(days: int) -> Verb:
    """So many days later."""

    def run(world: World) -> object:
        world.now.move(timedelta(days=days))
        try:
            return cases.sweep(world.stores)
        finally:
            world.now.move(-timedelta(days=days))

    return run


CASES: dict[str, Verb] = {
    "put a case forward": _propose("anna"),
    "read a case": _read,
    "sign a case": _sign,
    "suspend a case": _officer("suspend"),
    "resume a case": _officer("resume"),
    "ask for more time": _ask,
    "take that back": _withdraw,
    "tell the employee": _sweep(3),
    "end a case": _end,
    "put another forward": _propose("bob"),
    "let it lapse": _sweep(15),
    "erase what it said": _sweep(120),
}
