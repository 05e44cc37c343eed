"""A case as its employee sees it once told: the decision, and not the indications, which may name others."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import CaseState
from kcc.investigation import queries, sealing
from kcc.investigation.model import Case
from kcc.investigation.rules import Kind
from kcc.people import queries as people
from kcc.stores import Stores


@dataclass(frozen=True, slots=True)
class Seen:
    """A case about the reader: `ground` is empty once its words were erased on term."""

    case: Case
    state: CaseState
    ground: str
    ground_words: str
    signers: list[tuple[str, str, datetime]]
    listener: str
    calls: list[queries.Call]


def seen(stores: Stores, session: Session, found: Case) -> Seen:
    """The decision that opened a case, for the employee it is about; the caller has settled that it is
    them.
    """
    opening = next(one for one in queries.decisions(session, found.id) if one.kind == Kind.OPEN)
    words = sealing.open_decision(stores.keys, opening)
    signed = queries.signatures(session, opening.id)
    names = people.names(session, {found.listener_id, *(one.person_id for one in signed)})
    now = clock.now()
    return Seen(
        case=found,
        state=queries.state(found, now),
        ground=words.get("ground", ""),
        ground_words=words.get("ground_words", ""),
        signers=[(names[one.person_id], one.seat, one.signed_at) for one in signed],
        listener=names[found.listener_id],
        calls=queries.calls(session, found.id, now),
    )
