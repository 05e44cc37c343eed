"""Walks of consents, calibration sessions and trainings, in an order in which each finds what it needs."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.coaching.calibration import comparing, convening, interpretations, listing, reading, scoring
from kcc.coaching.consents import answering, asking, ending
from kcc.coaching.consents import reading as consents
from kcc.coaching.training import holding
from tests.access.world import World
from tests.audit.test_acts import Verb, _keyed
from tests.audit.walking import written

YES = {f"answer-{number}": "yes" for number in range(3, 24)}


def _ask(sample: str) -> Verb:
    def run(world: World) -> object:
        coach = world.centre.actor(world.centre.coach)
        with world.stores.database.write() as session:
            three = [one for one, _ in convening.colleagues(session, "")]
            chosen = three if sample == "complete" else [coach.person_id, world.centre.other_coach]
            held = convening.ask(session, coach, world.ids[f"sample.{sample}"], chosen, _last())
        world.ids[f"session.{sample}"] = held.id
        return held

    return run


def _last() -> date:
    return clock.today() + timedelta(days=2)


def _convene(session: Session, actor: Actor, offer: str) -> object:
    third = [one for one, _ in convening.colleagues(session, "")][:2]
    return convening.convene(session, actor, offer, third, clock.today())


def _plan(session: Session, actor: Actor, other: str) -> object:
    today = clock.today()
    return holding.plan(session, actor, holding.Plan("Luisteren", "coaching", today, today, [other]))


def _finish(who: str, session_of: str) -> Verb:
    def run(world: World) -> object:
        actor, held = world.centre.actor(getattr(world.centre, who)), world.ids[f"session.{session_of}"]
        with world.stores.database.write() as session:
            return scoring.finish(session, world.stores.keys, actor, held, 1)

    return run


def _sweep(world: World) -> object:
    """Two weeks later, when sessions and trainings are over."""
    world.now.move(timedelta(days=14))
    try:
        return ending.sweep(world.stores)
    finally:
        world.now.move(timedelta(days=-14))


def _leave(world: World) -> object:
    with world.stores.database.write() as session:
        return ending._withdraw_all(session, world.centre.anna)


def _scored(sample: str) -> dict[str, Verb]:
    found: dict[str, Verb] = {f"ask about {sample}": _ask(sample)}
    found[f"yes to {sample}"] = written(answering.give, "bob", f"call.of-{sample}", "calibration")
    for who in ("coach", "other_coach"):
        found[f"{who} scores {sample}"] = _keyed(scoring.save, who, f"session.{sample}", 0, YES)
        found[f"{who} finishes {sample}"] = _finish(who, sample)
    return found


SHARING: dict[str, Verb] = {
    "look what a call may be used for": written(consents.own, "anna", "call.of-fresh"),
    "say yes": written(answering.give, "anna", "call.of-begun", "calibration"),
    "offer a call": written(answering.give, "anna", "call.to-report", "calibration"),
    "say no": written(answering.withdraw, "anna", "call.of-begun", "training"),
    "ask for a training": written(asking.ask_for_training, "coach", "sample.odd", "training.on"),
    "call a session": written(_convene, "coach", "offer.given"),
    "list sessions": written(listing.read, "coach"),
    "read a session": _keyed(reading.read, "coach", "session.given"),
    **_scored("odd"),
    "agree": written(interpretations.agree, "coach", "session.odd", 5, ("Twee vragen.", "")),
    **_scored("complete"),
    "compare early": written(comparing.early, "coach", "session.complete"),
    "end a session": written(comparing.end, "coach", "session.asked"),
    "set up a training": lambda world: written(_plan, "coach", world.centre.other_coach)(world),
    "read a training": written(holding.read, "bob", "training.on"),
    "close a training": written(holding.close, "coach", "training.on"),
    "somebody leaves": _leave,
    "sweep": _sweep,
}
