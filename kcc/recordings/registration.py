"""Registering a call once: its row and audit line, knowing it when it comes again, counting what is refused;
its sound is intake's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import cast

from sqlalchemy import Table, and_, bindparam, insert, literal, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from kcc import clock, db
from kcc.access.facts import RecordingState
from kcc.access.policy import Permit
from kcc.audit import record
from kcc.db import Database, new_id
from kcc.errors import N_, Unavailable
from kcc.recordings import marks, rules
from kcc.recordings.model import CallerDay, IntakeCount, Line, LineChange, Recording, Tombstone
from kcc.recordings.rules import Fate, LineKind, Verdict
from kcc.recordings.sources.metadata import CallMetadata
from kcc.sections import Limits


class Answer(StrEnum):
    """What the recorder is told; it may remove its file after the first three."""

    STORED = "stored"
    KNOWN = "known"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer for one call: a stable code, and the same receipt each time the same call comes."""

    answer: Answer
    code: str
    receipt: str | None = None
    rule: str | None = None
    destroy_source: bool = False
    """A private call: the source is destroyed at once (PUR-4)."""

    @property
    def done(self) -> bool:
        """Whether the recorder need not keep its file."""
        return self.answer is not Answer.REFUSED or self.destroy_source


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that is being judged: who delivers, what they say of it, when it came."""

    permit: Permit
    recorder: str
    call: CallMetadata
    at: datetime
    secret: bytes = field(repr=False)
    """The key to all tombstones, by which a call that was erased is known again."""


@dataclass(frozen=True, slots=True)
class Known:
    """A call that was registered before."""

    id: str
    state: RecordingState
    receipt: str
    content_digest: bytes


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What was found for an arriving call: its line's rules, its row, whether it was erased.

    `kinds` are all that the line had from the call's start until now; none of an unknown line.
    """

    kinds: frozenset[LineKind]
    welcome_text_since: date | None
    known: Known | None
    erased: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be registered: a row, for an arrival, with the receipt that its recorder will get."""

    arrival: Arrival
    row: Recording
    receipt: Receipt


class BeingErased(Unavailable):
    """The call was erased in the moment since it was looked for."""

    code = "erasing"


class DayForgotten(Unavailable):
    """The day to whose callers the call belongs went with its last recording since the row was made."""

    code = "day_forgotten"


class InDoubt(Unavailable):
    """The database went away while a row was committed: whether it is there, only the database can tell."""

    code = "database"


_one = select(literal(1).label("one")).subquery("one")
_line, _row, _stone = (cast(Table, model.__table__) for model in (Line, Recording, Tombstone))
# Built once, and in one statement: building three anew took more time than asking them.
_LOOK = (
    select(
        _line.c.kind,
        _line.c.welcome_text_since,
        _line.c.kind_since,
        _row.c.id,
        _row.c.state,
        _row.c.receipt,
        _row.c.content_digest,
        _stone.c.recording_id,
    )
    .select_from(_one)
    .outerjoin(_line, _line.c.code == bindparam("line"))
    .outerjoin(_row, and_(_row.c.recorder == bindparam("recorder"), _row.c.call_id == bindparam("call_id")))
    .outerjoin(_stone, _stone.c.call_digest.in_([bindparam("keyed"), bindparam("bare")]))
)

_FORMER = select(LineChange.at, LineChange.kind_before).where(
    LineChange.line == bindparam("line"), LineChange.kind_before.is_not(None)
)

_ERASED = select(_stone.c.recording_id).where(_stone.c.call_digest.in_(bindparam("digests", expanding=True)))


def look_up(session: Session, recorder: str, call: CallMetadata, secret: bytes) -> LookedUp:
    """What is known of a call and its line, all at one moment: a row that is being buried is not missed.

    `secret` is the key to all tombstones (marks).
    """
    keyed, bare = marks.both(secret, recorder, call.call_id)
    found = session.execute(
        _LOOK,
        {
            "line": call.line,
            "recorder": recorder,
            "call_id": call.call_id,
            "keyed": keyed,
            "bare": bare,
        },
    ).all()[0]
    kind, since, changed, id_, state, receipt, content_digest, stone = found
    known = None if id_ is None else Known(id_, RecordingState(state), receipt, content_digest)
    kinds = set() if kind is None else {LineKind(kind)}
    if changed is not None and changed > call.start:
        # Compared here: no database takes every start that a recorder may write.
        former = session.execute(_FORMER, {"line": call.line}).all()
        kinds |= {LineKind(word) for at, word in former if word and at > call.start}
    return LookedUp(frozenset(kinds), since, known, stone is not None)


def row_of(
    arrival: Arrival, limits: Limits, state: RecordingState, reason: str | None, owner: str | None
) -> Recording:
    """The row of an arriving call, all but what its sound says."""
    call = arrival.call
    due = rules.due_at(call.start, limits.recording_days)
    if state is RecordingState.QUARANTINED:
        due = rules.quarantine_due_at(call.start, arrival.at, limits.recording_days, limits.quarantine_days)
    return Recording(
        id=new_id(),
        receipt=new_id(),
        recorder=arrival.recorder,
        call_id=call.call_id,
        state=state.value,
        reason=reason,
        started_at=call.start,
        received_at=arrival.at,
        direction=call.direction,
        scope=call.scope,
        nature=call.nature,
        line=call.line,
        agent_id=call.agent_id,
        employee_id=owner,
        employee_channel=call.employee_channel,
        due_at=due,
        due_rule=rules.TERM,
        sample_barred=False,
    )


def register_all(database: Database, entries: Sequence[Entry]) -> list[Known | BaseException | None]:
    """Rows and audit lines in one transaction; for each entry None or, if another was first, its row.

    An entry that cannot be registered is answered by its exception and harms no other: InDoubt when nobody
    can tell whether its row is there, Unavailable or IntegrityError when it is not.
    """
    try:
        with database.write() as session:
            _insert(session, entries)
    except (IntegrityError, BeingErased) as fault:
        if len(entries) > 1:
            return [register_all(database, [entry])[0] for entry in entries]
        return [_first(database, entries[0]) or _forgotten(database, entries[0]) or fault]
    except Unavailable as fault:
        return [_doubtful(fault)] * len(entries)
    return [None] * len(entries)


def _insert(session: Session, entries: Sequence[Entry]) -> None:
    session.execute(insert(_row), [_values(entry.row) for entry in entries])
    digests = [
        digest
        for entry in entries
        for digest in marks.both(entry.arrival.secret, entry.row.recorder, entry.row.call_id)
    ]
    if session.scalar(_ERASED, {"digests": digests}):
        raise BeingErased(N_("This call is being erased. Try again in a moment."))
    record.acts(session, [(entry.arrival.permit, _told(entry)) for entry in entries])


def _values(row: Recording) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in _row.columns}


def _told(entry: Entry) -> dict[str, str]:
    return {"answer": entry.receipt.answer, "code": entry.receipt.code, "recording": entry.row.id}


def _first(database: Database, entry: Entry) -> Known | None:
    """The row that was there before this one."""
    with database.read() as session:
        arrival = entry.arrival
        return look_up(session, arrival.recorder, arrival.call, arrival.secret).known


def _forgotten(database: Database, entry: Entry) -> DayForgotten | None:
    """Why the database refused a row whose day has gone meanwhile."""
    if entry.row.caller_day_id is None:
        return None
    with database.read() as session:
        there = session.get(CallerDay, entry.row.caller_day_id)
    return None if there else DayForgotten(N_("This call is being registered. Try again in a moment."))


def _doubtful(fault: Unavailable) -> Unavailable:
    if isinstance(fault.__cause__, DBAPIError) and fault.__cause__.connection_invalidated:
        doubt = InDoubt(fault.message)
        doubt.__cause__ = fault
        return doubt
    return fault


def refuse(database: Database, arrival: Arrival, verdict: Verdict) -> Receipt:
    """Refuse and count; of a private call nothing but the count remains (PUR-4)."""
    private = verdict.fate is Fate.DESTROY
    line = rules.UNKNOWN_LINE if verdict.code == "line_unknown" else arrival.call.line
    with database.write() as session:
        count(session, arrival.at, verdict.code, line)
        if not private:
            record.act(session, arrival.permit, answer=Answer.REFUSED, code=verdict.code, rule=verdict.rule)
    return Receipt(Answer.REFUSED, verdict.code, rule=verdict.rule, destroy_source=private)


def count(session: Session, at: datetime, code: str, line: str = rules.UNKNOWN_LINE) -> None:
    """Count a refusal by day, line and code, for the status page."""
    db.count_up(session, IntakeCount, {"day": clock.local_day(at), "line": line, "code": code})
