"""Every act on the quality plan that writes a line, for the walk that refuses lines; asks nothing."""

from datetime import timedelta

from kcc import clock
from kcc.coaching import quality_plan
from kcc.coaching.criteria import editing, publishing, rules
from kcc.coaching.criteria.shape import Norm
from tests.audit.test_acts import Verb
from tests.audit.walking import written

CRITERIA: dict[str, Verb] = {
    "begin a version": written(editing.begin, "coach"),
    "change a version": written(
        editing.change_norm, "coach", rules.stamp(quality_plan.annex().norm), Norm((3,))
    ),
    "put a version forward": lambda world: written(
        publishing.propose, "coach", 1, clock.today() + timedelta(days=30), 7
    )(world),
    "publish a version": written(publishing.confirm, "other_coach", 1, 7),
    "begin another": written(editing.begin, "coach"),
    "change it": written(editing.change_norm, "coach", rules.stamp(Norm((3,))), Norm((4,))),
    "put it forward": lambda world: written(
        publishing.propose, "coach", 1, clock.today() + timedelta(days=30), 7
    )(world),
    "take it back": written(publishing.take_back, "other_coach", 1),
    "discard it": written(editing.discard, "other_coach", 1),
    "begin after that": written(editing.begin, "coach"),
}
"""In this order."""
