"""Walks of joint sessions, in an order in which each finds what it needs."""

from datetime import timedelta

from kcc.threat.joint_listening import ending, reading, sessions, transport
from tests.access.world import World
from tests.audit.test_acts import Verb, _keyed
from tests.audit.walking import written


def _anew(world: World) -> object:
    """Anna opens another session, and her team lead joins it."""
    with world.stores.database.write() as session:
        joint = sessions.open_on(session, world.centre.actor(world.centre.anna), world.ids["call.threat"])
    world.ids["joint.annas"] = joint.id
    return joint


def _sweep(world: World) -> object:
    """Some minutes later, when every process has kept what was played."""
    world.now.move(timedelta(minutes=10))
    try:
        return ending.sweep(world.stores)
    finally:
        world.now.move(timedelta(minutes=-10))


JOINT: dict[str, Verb] = {
    "look at a joint session": _keyed(reading.page, "anna", "joint.annas"),
    "mark for both": _keyed(transport.mark, "lead", "joint.annas", 1000),
    "end a joint session": written(sessions.end, "anna", "joint.annas"),
    "sum joint sessions up": _sweep,
    "open a joint session": _anew,
    "join a joint session": written(sessions.join, "lead", "joint.annas", "nowhere"),
}
