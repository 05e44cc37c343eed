"""The data protection officer searches the audit: each search is itself written down before it answers
(ACC-5); taking away what was found is exports'.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kcc.access import deeds
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record, searching
from kcc.audit.searching import Key, Wanted
from kcc.insight import reading, things
from kcc.insight.own import REFUSED
from kcc.people.model import Person

ROLES = ("either", "about", "by")
SUBJECT = Subject("audit", "search")
SHOWN = 10
"""People of a name that are offered to choose from."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: a person (who did it, or whom it is about), a kind of acts, a period, a call."""

    person_id: str | None = None
    role: str = "either"
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    call_id: str | None = None

    def told(self) -> dict[str, Any]:
        """As the audit and an export's head say it; what was not asked is left out."""
        times = {name: value.isoformat() for name in ("since", "until") if (value := getattr(self, name))}
        named = {"person": self.person_id, "kind": self.kind, "call": self.call_id} | times
        found = {name: value for name, value in named.items() if value}
        return found | ({"role": self.role} if self.person_id else {})


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found."""

    permit: Permit
    rows: list[reading.Told]
    older: Key | None
    newer: Key | None


def look(
    session: Session,
    actor: Actor,
    query: Query,
    before: Key | None = None,
    after: Key | None = None,
    seeing: Session | None = None,
) -> Found:
    """A page of the lines that fit, newest first; every page is written down as a search.

    `seeing` reads which calls lines are about, where the actor's own session reaches none.
    """
    allowed = permit(actor, Action.AUDIT_SEARCH, SUBJECT)
    record.act(session, allowed, **query.told(), page="first" if not (before or after) else "further")
    found = searching.page(session, wanted(seeing or session, query), before, after)
    rows = reading.rows(session, found.lines, actor.person_id, seeing)
    return Found(allowed, rows, found.older, found.newer)


def wanted(session: Session, query: Query) -> Wanted:
    """The lines that a query asks for; of a call also those about its samples and reports."""
    refused = query.kind == REFUSED
    people = {"either": "person", "about": "about", "by": "actor"}
    who = {people[query.role]: query.person_id} if query.person_id else {}
    return Wanted(
        actions=frozenset(action.value for action in deeds.of_kind(query.kind)),
        every_action=not query.kind or refused,
        refused=refused,
        since=query.since,
        until=query.until,
        subjects=things.subjects_of(session, query.call_id) if query.call_id else None,
        **who,  # type: ignore[arg-type]
    )


def people(session: Session, actor: Actor, text: str) -> list[Person]:
    """Who has this number, or else a name with this in it: at most SHOWN + 1; for whoever may search."""
    permit(actor, Action.AUDIT_SEARCH, SUBJECT)
    exact = session.scalars(select(Person).where(or_(Person.number == text, Person.id == text))).all()
    if exact:
        return list(exact)
    named = select(Person).where(func.lower(Person.name).contains(text.lower(), autoescape=True))
    return list(session.scalars(named.order_by(Person.name, Person.number).limit(SHOWN + 1)))


def calls(session: Session, actor: Actor, text: str) -> list[str]:
    """Our ids of the calls known by this id; for whoever may search."""
    permit(actor, Action.AUDIT_SEARCH, SUBJECT)
    return things.recordings(session, text)


def name_of(session: Session, person_id: str) -> tuple[str, str] | None:
    """A person's name and number."""
    row = session.execute(select(Person.name, Person.number).where(Person.id == person_id)).first()
    return (row[0], row[1]) if row else None
