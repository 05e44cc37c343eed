"""Anybody signed in sees who did what with their data, and what they did themselves (ACC-5); the data
protection officer's search is search's.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from kcc.access import deeds
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record, searching
from kcc.audit.searching import Key, Wanted
from kcc.insight import reading
from kcc.investigation.queries import told_subjects

WHO = ("all", "others", "me")
"""Everybody, or others, about oneself; or what oneself did, about anybody."""
REFUSED = "refused"
"""Beside the kinds of deeds: what was tried and not allowed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see of their own: who did it, which kind of acts, between two instants."""

    who: str = "all"
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """A page of it, and the permit by which it is seen."""

    permit: Permit
    rows: list[reading.Told]
    older: Key | None
    newer: Key | None


def look(
    session: Session,
    actor: Actor,
    asked: Asked,
    before: Key | None = None,
    after: Key | None = None,
    seeing: Session | None = None,
) -> Own:
    """A page of the lines about the actor or by them, newest first, refused attempts among them.

    Looking is itself written down, but only the first page of it: as what the actor did, not as something
    that was done with their data. `seeing` reads which calls lines are about, where the actor's own session
    does not reach them.
    """
    allowed = permit(actor, Action.MY_DATA_READ, Subject("audit", actor.person_id))
    if before is None and after is None:
        record.act(session, allowed, who=asked.who, kind=asked.kind)
    told = told_subjects(seeing or session, actor.person_id)
    found = searching.page(session, wanted(actor.person_id, asked, told), before, after)
    rows = reading.rows(session, found.lines, actor.person_id, seeing)
    return Own(allowed, rows, found.older, found.newer)


def wanted(person_id: str, asked: Asked, told: tuple[str, ...] = ()) -> Wanted:
    """The lines that somebody asks for; `told` are the cases about them that they were told of (WGT-2)."""
    refused = asked.kind == REFUSED
    actions = frozenset(action.value for action in deeds.of_kind(asked.kind))
    found = Wanted(
        actions=actions,
        every_action=not asked.kind or refused,
        refused=refused,
        since=asked.since,
        until=asked.until,
        unless_refused=reading.hidden(),
    )
    if asked.who == "me":
        return replace(found, actor=person_id)
    return replace(found, about=person_id, besides=told, others=person_id if asked.who == "others" else None)
