"""Situations about cases of weighty reasons, in plain words: somebody who might have one, a case, and a call
that it names.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from kcc.access.facts import CaseFacts, CaseState, Facts, RecordingFacts, SeatFacts

THINGS = ("case subject", "case", "case call")
SEATS = ("lead", "manager")
ROLES = (*SEATS, "signer", "listener", "nobody")


def situations(me: str, other: str, moments: Any) -> Iterator[dict[str, Any]]:
    """All of them, as members of a Situation."""
    for owner, role in product((me, other), ROLES):
        yield {"thing": "case subject", "owner": owner, "role": role}
        for phase, word in product(CaseState, ("told", "")):
            case = {"owner": owner, "role": role, "phase": phase.value, "word": word}
            yield {"thing": "case", **case}
            for state, moment in product(("live", "erasing"), moments):
                yield {"thing": "case call", "state": state, "moment": moment, **case}


def facts(s: Any, me: str, recording: RecordingFacts | None) -> Facts:
    """The same as the policy wants it."""
    mine = frozenset({me})
    leads, managers, signers = (mine if s.role == role else frozenset[str]() for role in ROLES[:3])
    if s.thing == "case subject":
        return SeatFacts(s.owner, leads, managers)
    listener = me if s.role == "listener" else "another-listener"
    told = s.word == "told"
    return CaseFacts(s.owner, told, CaseState(s.phase), leads, managers, signers, listener, recording)


def a_case(s: Any) -> bool:
    """A case that is not about me."""
    return s.thing in ("case", "case call") and not s.mine


def may_propose(s: Any) -> bool:
    """I lead somebody else, or manage their department."""
    return s.thing in THINGS and s.role in SEATS and not s.mine


def may_read(s: Any) -> bool:
    """I decide about it, signed it and it stands, or listen for it while it is open."""
    signed = s.role == "signer" and s.phase != "ended"
    return a_case(s) and (s.role in SEATS or signed or (s.role == "listener" and s.phase == "open"))


def may_sign(s: Any) -> bool:
    """I hold one of the two functions today, and it stands."""
    return a_case(s) and s.role in SEATS and s.phase != "ended"


def may_end(s: Any) -> bool:
    """I signed, or hold one of the two functions today, and it stands."""
    return a_case(s) and s.role in (*SEATS, "signer") and s.phase != "ended"


def may_hear(s: Any) -> bool:
    """The decision names me, the case is open, and its call is there."""
    there = s.thing == "case call" and s.state == "live" and s.before_its_deadline
    return a_case(s) and there and s.role == "listener" and s.phase == "open"
