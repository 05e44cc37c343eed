"""Situations about listening together, in plain words: whose call, who leads, who joined, who is there, and
where the session and the report of the threat stand; who may what in them stands in situations and promised.
"""

from collections.abc import Iterator
from itertools import product

from kcc.access.facts import JointFacts, RecordingFacts

ME, OTHER, THIRD = "me", "somebody-else", "third"
ROLES = {
    "outside": (THIRD, None),
    "third joined": (THIRD, THIRD),
    "leads": (ME, None),
    "another joined": (ME, THIRD),
    "joined": (ME, ME),
    "led once": (THIRD, ME),
}
"""What I am to a session: who leads the employee now, and which team lead joined."""
GOOD = {"owner": OTHER, "word": "stands", "state": "live", "moment": "long before", "threat": True}
CALLS = (
    GOOD,
    GOOD | {"word": "taken back"},
    GOOD | {"moment": "just before"},
    GOOD | {"moment": "at"},
    GOOD | {"state": "erasing"},
)


def kinds() -> Iterator[dict[str, object]]:
    """What a situation about a joint session may be, by the fields of situations.Situation."""
    for owner, role, phase in product((ME, OTHER), ROLES, ("on", "ended", "over")):
        for there in ("both", "one", "elsewhere") if phase == "on" else ("both",):
            yield {"thing": "joint", **GOOD, "owner": owner, "role": role, "phase": phase, "stands": there}
    for call, (owner, role) in product(
        CALLS[1:], ((ME, "third joined"), (OTHER, "joined"), (OTHER, "leads"))
    ):
        yield {"thing": "joint", **call, "owner": owner, "role": role, "phase": "on", "stands": "both"}


def facts(recording: RecordingFacts, role: str, phase: str, word: str, there: str) -> JointFacts:
    """The same as the policy wants it."""
    leads, joined = ROLES[role]
    owner = recording.owner_id or ""
    return JointFacts(
        recording,
        incident_open=word == "stands",
        in_its_hour=phase != "over",
        going_on=phase == "on",
        lead_ids=frozenset({leads, joined} if role == "another joined" and joined else {leads}),
        lead_id=joined,
        here_ids=frozenset({owner} if there == "one" else {owner, joined or THIRD}),
        seats=frozenset({"another"} if there == "elsewhere" else {"session", "another"}),
    )
