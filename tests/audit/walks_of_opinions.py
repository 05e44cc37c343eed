"""What is done with second opinions in the walks: scored, concluded, withdrawn, asked again, ended."""

from datetime import timedelta

from kcc.coaching.opinions import asking, concluding, ending, scoring, taking
from tests.access.world import World
from tests.audit.test_acts import Verb, _keyed
from tests.audit.walking import written


def _end_due(world: World) -> object:
    world.now.move(timedelta(days=15))
    try:
        return ending.end_due(world.stores)
    finally:
        world.now.move(timedelta(days=-15))


OPINIONS: dict[str, Verb] = {
    "look which second opinions wait": written(taking.look, "other_coach"),
    "take a second opinion": written(taking.take, "other_coach", "opinion.waiting"),
    "open the form of a second opinion": _keyed(scoring.read, "other_coach", "opinion.taken"),
    "save a second opinion": _keyed(scoring.save, "other_coach", "opinion.taken", 1, {"answer-4": "no"}),
    "finish a second opinion": _keyed(scoring.finish, "other_coach", "opinion.waiting", 0),
    "compare both": _keyed(concluding.read, "anna", "opinion.scored"),
    "write a conclusion": _keyed(concluding.write, "anna", "opinion.scored", 0, "Samen besproken."),
    "confirm a conclusion": _keyed(concluding.confirm, "coach", "opinion.scored", 1),
    "withdraw a question": written(asking.withdraw, "anna", "opinion.taken"),
    "ask for a second opinion": _keyed(asking.ask, "anna", "report.finished", ""),
    "end what is due": _end_due,
}
