"""Situations about copies of calls, in plain words: one that is covered for a registered request, and one for
the police; who may what in them stands in situations and promised.
"""

from collections.abc import Iterator
from itertools import product

from kcc.access.facts import DisclosureFacts, Facts, PoliceCopyFacts, RecordingFacts

ME, OTHER = "me", "somebody-else"
THINGS = ("disclosure", "police copy")
GOOD = {"owner": OTHER, "state": "live", "moment": "long before"}
CALLS = (
    GOOD,
    GOOD | {"owner": ME},
    GOOD | {"owner": None},
    GOOD | {"moment": "just before"},
    GOOD | {"moment": "at"},
    GOOD | {"state": "erasing"},
    GOOD | {"state": "sealed"},
    GOOD | {"threat": True},
)


def kinds() -> Iterator[dict[str, object]]:
    """What a situation about a copy may be, by the fields of situations.Situation: `open` says that a request
    runs or a copy waits, `finished` that both decided on it.
    """
    for call, runs in product(CALLS, (True, False)):
        yield {"thing": "disclosure", "open": runs, **call}
    for led_by, decided, waits in product(((ME,), (OTHER,), (ME, OTHER)), (True, False), (True, False)):
        for call in CALLS if decided else (GOOD,):
            led = frozenset(led_by)
            yield {"thing": "police copy", "led_by": led, "finished": decided, "open": waits, **call}


def facts(
    thing: str, recording: RecordingFacts, *, runs: bool, decided: bool, led_by: frozenset[str]
) -> Facts:
    """The same as the policy wants it."""
    if thing == "disclosure":
        return DisclosureFacts(recording, runs)
    return PoliceCopyFacts(recording, led_by, decided, runs)
