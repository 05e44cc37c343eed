"""Situations about consented calls, in plain words: an offered call, a calibration session, a training and a
call in it, in every state of the employee's word; who may what in them stands in situations and promised.
"""

from collections.abc import Iterator
from itertools import product

from kcc.access.facts import (
    CalibrationFacts,
    Consent,
    Facts,
    OfferFacts,
    RecordingFacts,
    TrainingCallFacts,
    TrainingFacts,
)

ME, OTHER = "me", "somebody-else"
ROLES = ("nothing", "leads", "scores", "leads and scores", "has finished")
PLACES = ("outside", "inside", "trainer")
GOOD = {"owner": OTHER, "word": "given", "state": "live", "moment": "long before", "threat": False}
"""A call that can be heard; every other one differs from it in one thing."""
CALLS = (
    GOOD,
    *(GOOD | {"word": word} for word in ("none", "asked", "refused", "withdrawn")),
    GOOD | {"owner": ME},
    GOOD | {"moment": "just before"},
    GOOD | {"moment": "at"},
    GOOD | {"state": "erasing"},
    GOOD | {"state": "sealed"},
    GOOD | {"threat": True},
)


def kinds() -> Iterator[dict[str, object]]:
    """What a situation about a shared call may be, by the fields of situations.Situation."""
    for call, coach in product(CALLS, (ME, OTHER)):
        yield {"thing": "offered call", "coached_by": frozenset({coach}), **call}
    for role, phase in product(ROLES, ("scoring", "compared", "over")):
        for call in CALLS if phase == "scoring" else (GOOD,):
            yield {"thing": "session", "role": role, "phase": phase, **call}
    for place, coaches, phase in product(PLACES, (False, True), ("to come", "held", "over")):
        training = {"role": place, "coaches_only": coaches, "phase": phase}
        yield {"thing": "training", **training}
        for call in CALLS if phase == "held" else (GOOD,):
            yield {"thing": "training call", **training, **call}


def training(role: str, phase: str, *, coaches_only: bool) -> TrainingFacts:
    """A training as the policy wants it."""
    trainer = ME if role == "trainer" else OTHER
    inside = frozenset({ME, "third"} if role == "inside" else {"third"})
    return TrainingFacts(trainer, inside, coaches_only, phase != "over", phase != "to come")


def facts(
    thing: str,
    recording: RecordingFacts | None,
    role: str,
    phase: str,
    word: str,
    *,
    coaches_only: bool,
    coached_by: frozenset[str],
) -> Facts:
    """The same as the policy wants it."""
    if thing == "training" or recording is None:
        return training(role, phase, coaches_only=coaches_only)
    said = Consent(word)
    if thing == "offered call":
        return OfferFacts(recording, said, coached_by)
    if thing == "training call":
        return TrainingCallFacts(recording, said, training(role, phase, coaches_only=coaches_only))
    scores = role in ("scores", "leads and scores", "has finished")
    return CalibrationFacts(
        recording=recording,
        consent=said,
        facilitator_id=ME if role.startswith("leads") else OTHER,
        scorer_ids=frozenset({ME, "third"} if scores else {"third"}),
        finished_ids=frozenset({ME} if role == "has finished" else ()),
        going_on=phase != "over",
        compared=phase == "compared",
    )
