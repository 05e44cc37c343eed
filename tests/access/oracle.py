"""Who reaches what, written down a second time from the table of the promise (profile × object × act ×
relation × state), for the whole matrix to be held against; knows neither the policy nor the database.

Add a row to PROMISES for what somebody may; whatever has no row here is for nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Person:
    """Somebody as the promise sees them today: the functions they hold now, and whom they coach now."""

    name: str
    functions: frozenset[str] = frozenset()
    coaches: frozenset[str] = frozenset()
    signed_in: bool = True


@dataclass(frozen=True)
class Call:
    """A recorded call: whose, and what it is now."""

    kind = "call"
    name: str
    owner: str | None
    state: str


@dataclass(frozen=True)
class Sample:
    """A drawn call: of whom, what its sound is now, whether it left, and the report about it."""

    kind = "sample"
    name: str
    owner: str
    sound: str
    left: str = ""
    report: str = ""
    writer: str | None = None


@dataclass(frozen=True)
class Report:
    """A report: about whom, by whom, how far, and whether its call was reported as a threat."""

    kind = "report"
    name: str
    owner: str
    writer: str | None
    state: str
    threat: bool = field(default=False)


@dataclass(frozen=True)
class Opinion:
    """A second opinion: asked by whom, on whose report by whom, who took it, where it is, and its sound."""

    kind = "opinion"
    name: str
    owner: str
    writer: str | None
    author: str | None
    second: str | None
    stands: str
    sound: str = "live"


Thing = Call | Sample | Report | Opinion


class Promise(NamedTuple):
    """Whoever has this function and relation to a thing may do this, while it is in one of these states."""

    function: str
    relation: str
    kind: str
    act: str
    states: frozenset[str]


def _while(states: str) -> frozenset[str]:
    return frozenset(states.split())


UNSCORED = "waiting waiting-deaf waiting-threat scoring scoring-deaf scoring-threat"
PROMISES = (
    # recording, metadata: "own, until erased"; without sound (PUR-3) there is still metadata
    Promise("employee", "own", "call", "read", _while("live last threat sealed")),
    # recording, sound: "own, until erased"
    Promise("employee", "own", "call", "play", _while("live last threat")),
    # threat incident: "report"; its hold is looked after by whoever reported it (RET-3)
    Promise("employee", "own", "call", "report", _while("live last threat")),
    Promise("employee", "own", "call", "review", _while("threat")),
    # coach: "drawn calls of assigned employees", "until the report is closed, at most the deadline"
    Promise("coach", "assigned", "sample", "play", _while("waiting")),
    Promise("coach", "assigned", "sample", "reject", _while("waiting")),
    Promise("coach", "assigned", "sample", "read", _while("waiting")),
    Promise("coach", "assigned", "sample", "write", _while("waiting")),
    # QM report, coach: "write; own assigned"; an unfinished one about a threat is nobody's (SAM-6)
    Promise("coach", "writer", "sample", "read", _while("draft draft-heard finished finished-threat")),
    Promise("coach", "writer", "sample", "write", _while("draft draft-heard")),
    Promise("coach", "assigned", "sample", "play", _while("draft-heard")),
    Promise("coach", "assigned", "sample", "reject", _while("draft-heard")),
    Promise("coach", "assigned", "sample", "read", _while("draft-heard")),
    Promise("coach", "writer", "report", "read", _while("draft finished finished-threat")),
    # QM report, employee: "own", once it is finished
    Promise("employee", "own", "report", "read", _while("finished finished-threat")),
    Promise("employee", "own", "report", "ask", _while("finished finished-threat")),
    # second-opinion coach: "that call" while the request is open, "own second report; the first only after
    # scoring"; the employee takes it back until then
    Promise("employee", "own", "opinion", "withdraw", _while(UNSCORED)),
    Promise("coach", "another", "opinion", "take", _while("waiting")),
    Promise("coach", "second", "opinion", "play", _while("scoring")),
    Promise("coach", "second", "opinion", "score", _while("scoring scoring-deaf")),
    Promise("coach", "second", "opinion", "open", _while("scoring scoring-deaf")),
    Promise("coach", "gave", "opinion", "open", _while("scored")),
    Promise("coach", "gave", "opinion", "compare", _while("scored")),
    Promise("coach", "writer", "opinion", "compare", _while("scored scored-old concluded")),
    Promise("employee", "own", "opinion", "compare", _while("scored scored-old concluded")),
    Promise("coach", "writer", "opinion", "conclude", _while("scored scored-old")),
    Promise("employee", "own", "opinion", "conclude", _while("scored scored-old")),
    # agreements: "own, with the coach"; "with the employee"; the coach proposes, the employee answers
    Promise("coach", "writer", "report", "talk", _while("finished finished-threat")),
    Promise("employee", "own", "report", "talk", _while("finished finished-threat")),
    Promise("coach", "writer", "report", "propose", _while("finished finished-threat")),
    Promise("employee", "own", "report", "answer", _while("finished finished-threat")),
)


def relations(person: Person, thing: Thing) -> Iterator[str]:
    """What a person is to a thing today; nobody coaches themselves, and a writer is one who coaches still."""
    if thing.owner == person.name:
        yield "own"
    elif thing.owner in person.coaches:
        yield "assigned"
        if not isinstance(thing, Call) and thing.writer == person.name:
            yield "writer"
    if isinstance(thing, Opinion):
        if person.name not in (thing.owner, thing.writer, thing.author):
            yield "second" if person.name == thing.second else "another"
        if person.name == thing.second:
            yield "gave"


def state(thing: Thing) -> str:
    """The one word by which the promise speaks of what a thing is now; "gone" is for nobody."""
    if isinstance(thing, Call):
        return thing.state
    if isinstance(thing, Opinion):
        unscored = thing.stands in ("waiting", "scoring")
        if unscored and thing.sound == "threat":
            return f"{thing.stands}-threat"
        return f"{thing.stands}-deaf" if unscored and thing.sound not in ("live", "last") else thing.stands
    if isinstance(thing, Report):
        if thing.state == "finished":
            return "finished-threat" if thing.threat else "finished"
        return "draft" if thing.state == "begun" and not thing.threat else "gone"
    threat = thing.sound == "threat" or thing.left == "threat"
    if thing.report == "finished":
        return "finished-threat" if threat else "finished"
    heard = thing.sound in ("live", "last") and not thing.left
    if thing.report == "begun" and not threat:
        return "draft-heard" if heard else "draft"
    return "waiting" if heard and thing.report != "begun" else "gone"


def may(person: Person, act: str, thing: Thing) -> bool:
    """Whether somebody may do something with a thing."""
    if not person.signed_in:
        return False
    mine, now = set(relations(person, thing)), state(thing)
    return any(
        promise.function in person.functions
        and promise.relation in mine
        and (promise.kind, promise.act) == (thing.kind, act)
        and now in promise.states
        for promise in PROMISES
    )
