"""Situations about cases of weighty reasons, in plain words: somebody who might have one, a case, and a call
that it names.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from kcc.access.actions import Action as A
from kcc.access.actor import Function as F
from kcc.access.facts import CaseFacts, CaseState, Facts, RecordingFacts, SeatFacts

DECIDERS = (F.TEAM_LEAD, F.DEPARTMENT_MANAGER)
THINGS = ("case subject", "case", "case call")
SEATS = ("lead", "manager")
SIGNED = {f"{seat} who signed": seat for seat in SEATS}
ROLES = (*SEATS, *SIGNED, "signer", "listener", "nobody")


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
    leads, managers = (mine if _seat(s) == seat else frozenset[str]() for seat in SEATS)
    signers = mine if s.role in ("signer", *SIGNED) else frozenset[str]()
    if s.thing == "case subject":
        return SeatFacts(s.owner, leads, managers)
    listener = me if s.role == "listener" else "another-listener"
    told = s.word == "told"
    return CaseFacts(s.owner, told, CaseState(s.phase), leads, managers, signers, listener, recording)


def _seat(s: Any) -> str:
    """Which of both functions I hold today for the employee, signed or not."""
    return SIGNED.get(s.role, s.role)


def a_case(s: Any) -> bool:
    """A case that is not about me."""
    return s.thing in ("case", "case call") and not s.mine


def may_propose(s: Any) -> bool:
    """I lead somebody else, or manage their department."""
    return s.thing in THINGS and _seat(s) in SEATS and not s.mine


def may_read(s: Any) -> bool:
    """I decide about it or signed it, and it stands; I listen while it is open; ended, I did both."""
    if s.phase == "ended":
        return a_case(s) and s.role in SIGNED
    listens = s.role == "listener" and s.phase == "open"
    return a_case(s) and (_seat(s) in SEATS or s.role == "signer" or listens)


def may_sign(s: Any) -> bool:
    """I hold one of the two functions today, and it stands."""
    return a_case(s) and _seat(s) in SEATS and s.phase != "ended"


def may_end(s: Any) -> bool:
    """I signed, or hold one of the two functions today, and it stands."""
    return a_case(s) and (_seat(s) in SEATS or s.role == "signer") and s.phase != "ended"


def may_hear(s: Any) -> bool:
    """The decision names me, the case is open, and its call is there."""
    there = s.thing == "case call" and s.state == "live" and s.before_its_deadline
    return a_case(s) and there and s.role == "listener" and s.phase == "open"


def listens(s: Any) -> bool:
    """The decision names me, and the case is open."""
    return a_case(s) and s.role == "listener" and s.phase == "open"


def may_suspend(s: Any) -> bool:
    """It is about somebody else, and stands."""
    return a_case(s) and s.phase != "ended"


RULES = {
    **{(f, A.CASE_PROPOSE): (("WGT-2", may_propose),) for f in DECIDERS},
    **{(f, A.CASE_READ): (("WGT-2", may_read),) for f in DECIDERS},
    **{(f, A.CASE_SIGN): (("WGT-2", may_sign),) for f in DECIDERS},
    **{(f, A.CASE_END): (("WGT-2", may_end),) for f in DECIDERS},
    **{(f, A.CASE_PLAY): (("WGT-2", listens), ("RET-7", may_hear)) for f in DECIDERS},
    (F.DATA_PROTECTION_OFFICER, A.CASE_READ): (("WGT-2", a_case),),
    (F.DATA_PROTECTION_OFFICER, A.CASE_SUSPEND): (("WGT-2", may_suspend),),
}
"""Under which rule somebody who holds the function is refused."""
CONCERNED = "you decide about this case, listen for it, or watch over it"
REASONS = {
    **{
        (f, a): CONCERNED
        for f in DECIDERS
        for a in (A.CASE_LIST, A.CASE_READ, A.CASE_SIGN, A.CASE_END, A.CASE_PLAY)
    },
    **{(F.DATA_PROTECTION_OFFICER, a): CONCERNED for a in (A.CASE_LIST, A.CASE_READ, A.CASE_SUSPEND)},
    **{(f, A.CASE_PROPOSE): "it belongs to your function" for f in DECIDERS},
    (F.EMPLOYEE, A.CASE_OWN): "it is about you",
}
"""What a page about cases says after "You see this because"."""
