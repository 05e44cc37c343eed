"""Finding audit lines by person, kind, period or thing, a page at a time and quickly at any depth; who may is
not decided here.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from kcc.audit.model import AuditLine

PAGE = 50
Key = tuple[datetime, bytes]
"""A place among the lines: when, and among those of one moment the commitment, which tells nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; every member that is set narrows it down.

    `about` are lines about this person or with them as their subject, `actor` what they did, `person` either;
    `others` leaves out what this person did. `actions` must be all there are where nothing else narrows it
    down. `unless_refused` are actions whose permitted lines are left out; `besides` are subjects whose
    lines are as good as `about` that person. The period includes `since`, not
    `until`.
    """

    actions: frozenset[str]
    about: str | None = None
    actor: str | None = None
    person: str | None = None
    others: str | None = None
    subjects: tuple[str, ...] | None = None
    refused: bool = False
    since: datetime | None = None
    until: datetime | None = None
    every_action: bool = False
    unless_refused: frozenset[str] = frozenset()
    besides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line; what it said is empty once that was erased on its term."""

    id: int
    at: datetime
    commitment: bytes
    action: str
    allowed: bool
    said: dict[str, Any]

    @property
    def key(self) -> Key:
        """Its place."""
        return self.at, self.commitment

    @property
    def detail(self) -> dict[str, Any]:
        """The further facts of the act."""
        found: dict[str, Any] = self.said.get("detail", {})
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first, and the places from which the next page older and newer starts."""

    lines: Sequence[Line]
    older: Key | None = None
    newer: Key | None = None


def page(session: Session, wanted: Wanted, before: Key | None = None, after: Key | None = None) -> Page:
    """A page of the lines, newest first: by row values, so that no depth is slow."""
    if after:
        lines = _lines(session, wanted, PAGE + 1, after=after)
        more, lines = len(lines) > PAGE, lines[:PAGE][::-1]
        return Page(lines, lines[-1].key if lines else None, lines[0].key if more else None)
    lines = _lines(session, wanted, PAGE + 1, before=before)
    more, lines = len(lines) > PAGE, lines[:PAGE]
    return Page(lines, lines[-1].key if more else None, lines[0].key if before and lines else None)


def every(session: Session, wanted: Wanted, before: Key | None, at_once: int) -> list[Line]:
    """The next so many lines behind a place; for taking all of them out piece by piece."""
    return _lines(session, wanted, at_once, before=before)


def _lines(
    session: Session, wanted: Wanted, limit: int, before: Key | None = None, after: Key | None = None
) -> list[Line]:
    key = (AuditLine.at, AuditLine.commitment)
    order = [column.asc() for column in key] if after else [column.desc() for column in key]
    found = []
    for arm in _arms(wanted):
        query = select(AuditLine.id, *key).where(arm, *_narrowed(wanted))
        if before:
            query = query.where(AuditLine.at <= before[0], tuple_(*key) < before)
        if after:
            query = query.where(AuditLine.at >= after[0], tuple_(*key) > after)
        found.append(select(query.order_by(*order).limit(limit).subquery()))
    together: Select[Any] = select(union_all(*found).subquery().c.id) if len(found) > 1 else found[0]
    ids = select(together.subquery().c.id) if len(found) == 1 else together
    rows = session.scalars(select(AuditLine).where(AuditLine.id.in_(ids)).order_by(*order).limit(limit))
    return [_line(row) for row in rows]


def _arms(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """Conditions of which each is answered by one index, and which no line meets twice."""
    yourself = wanted.about or wanted.person
    if wanted.subjects is not None:
        yield and_(AuditLine.subject.in_(wanted.subjects), *_people(wanted))
    elif yourself:
        elsewhere = or_(AuditLine.about_id != yourself, AuditLine.about_id.is_(None))
        yield AuditLine.about_id == yourself
        yield and_(AuditLine.subject == f"person:{yourself}", elsewhere)
        if wanted.besides:
            yield and_(AuditLine.subject.in_(wanted.besides), elsewhere)
        if wanted.person:
            subject = or_(AuditLine.subject != f"person:{yourself}", AuditLine.subject.is_(None))
            yield and_(AuditLine.actor_id == yourself, elsewhere, subject)
    elif wanted.actor:
        yield AuditLine.actor_id == wanted.actor
    elif wanted.refused:
        yield ~AuditLine.allowed
    else:
        for action in sorted(wanted.actions):
            yield and_(AuditLine.action == action, AuditLine.body.is_not(None))


def _people(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.about:
        yield or_(AuditLine.about_id == wanted.about, AuditLine.subject == f"person:{wanted.about}")
    if wanted.person:
        yield or_(*(column == wanted.person for column in (AuditLine.about_id, AuditLine.actor_id)))
    if wanted.actor:
        yield AuditLine.actor_id == wanted.actor


def _narrowed(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if not wanted.every_action:
        yield AuditLine.action.in_(wanted.actions)
    if wanted.others:
        yield or_(AuditLine.actor_id != wanted.others, AuditLine.actor_id.is_(None))
    if wanted.about and wanted.actor:
        yield AuditLine.actor_id == wanted.actor
    if wanted.refused:
        yield ~AuditLine.allowed
    if wanted.unless_refused:
        yield or_(AuditLine.action.not_in(wanted.unless_refused), ~AuditLine.allowed)
    if wanted.since:
        yield AuditLine.at >= wanted.since
    if wanted.until:
        yield AuditLine.at < wanted.until


def _line(row: AuditLine) -> Line:
    said = json.loads(row.body) if row.body else {}
    return Line(row.id, row.at, row.commitment, row.action, row.allowed, said)


def frozen(wanted: Wanted, until: datetime) -> Wanted:
    """The same, and nothing that is written from this moment on."""
    return replace(wanted, until=min(wanted.until, until) if wanted.until else until)
