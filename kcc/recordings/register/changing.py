"""Adding a line to the register and changing one: with a reason, dated, audited, and never over somebody
else's change.
"""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.recordings.model import Line, LineChange
from kcc.recordings.rules import LineKind

CODE = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_.+-]{1,64}")
LONGEST_NAME, LONGEST_REASON = 200, 400


@dataclass(frozen=True, slots=True)
class LineValues:
    """What the register says of a line, all but its code."""

    name: str
    kind: LineKind
    welcome_text_since: date | None = None

    @classmethod
    def of(cls, line: Line) -> "LineValues":
        """What it says now."""
        return cls(line.name, LineKind(line.kind), line.welcome_text_since)


class LineChanged(Refused):
    """Somebody else changed this line since it was looked at."""

    code = "line_changed"


def add(session: Session, actor: Actor, code: str, values: LineValues, reason: str) -> None:
    """Put a line into the register; Invalid when its code is there already or cannot be one."""
    check_code(code)
    done = permit(actor, Action.LINE_CHANGE, Subject("line", code))
    if session.get(Line, code) is not None:
        raise _taken(code)
    write(session, done, Line(code=code, revision=0), values, reason)


def change(session: Session, actor: Actor, code: str, revision: int, values: LineValues, reason: str) -> None:
    """Change a line as it was seen at `revision`; LineChanged when it is another one by now.

    From when a changed kind counts is rules.judge_register's; nothing that is kept already changes with it.
    """
    line = session.get(Line, code, with_for_update=True, populate_existing=True)
    if line is None:
        raise NotFound
    done = permit(actor, Action.LINE_CHANGE, Subject("line", code))
    if line.revision != revision:
        raise LineChanged(N_("Somebody else changed this line while you were at it."))
    if LineValues.of(line) == values:
        raise Invalid("name", N_("Nothing is different from what the register says already."))
    write(session, done, line, values, reason)


def write(session: Session, done: Permit, line: Line, values: LineValues, reason: str) -> None:
    """Give a line its new values, with the change that says so and its audit line; a new line has revision 0.

    Invalid for a name or reason that is missing or too long.
    """
    check_name(values.name)
    reason = checked_reason(reason)
    before, at = LineValues.of(line) if line.revision else None, clock.now()
    record.act(session, done, before=_plain(before), after=_plain(values), reason=reason)
    if before and before.kind is not values.kind:
        line.kind_since = at
    line.name, line.kind = values.name, values.kind.value
    line.welcome_text_since = values.welcome_text_since
    line.revision += 1
    session.add(line)
    try:
        session.flush()  # the line comes before what refers to it
    except IntegrityError as fault:  # somebody else added it at the same moment
        raise _taken(line.code) from fault
    session.add(
        LineChange(
            line=line.code,
            number=line.revision,
            at=at,
            by_id=done.actor.person_id,
            by_name=done.actor.name,
            function=str(done.function) if done.function else None,
            reason=reason,
            name_before=before.name if before else None,
            kind_before=before.kind.value if before else None,
            welcome_text_since_before=before.welcome_text_since if before else None,
            name=values.name,
            kind=values.kind.value,
            welcome_text_since=values.welcome_text_since,
        )
    )


def _taken(code: str) -> Invalid:
    return Invalid("code", N_("The line %(line)s is in the register already."), line=code)


def check_code(code: str) -> None:
    """Invalid unless a recorder can write it in a call's metadata, and a browser in an address."""
    if not CODE.fullmatch(code):
        raise Invalid("code", N_("Give the code: 1 to 64 letters, digits and the signs _ . + -."))


def check_name(name: str) -> None:
    """Invalid unless it is a name that can be shown."""
    if not name.strip() or not name.isprintable():
        raise Invalid("name", N_("Give the line a name."))
    if len(name) > LONGEST_NAME:
        raise Invalid("name", N_("Keep it under %(count)s characters."), count=LONGEST_NAME)


def checked_reason(reason: str) -> str:
    """The reason without the blanks around it; Invalid when none is left, or too much."""
    reason = reason.strip()
    if not reason or "\0" in reason:
        raise Invalid("reason", N_("Write why; it stands with the change for as long as the register does."))
    if len(reason) > LONGEST_REASON:
        raise Invalid("reason", N_("Keep it under %(count)s characters."), count=LONGEST_REASON)
    return reason


def _plain(values: LineValues | None) -> dict[str, str | None] | None:
    if values is None:
        return None
    since = values.welcome_text_since
    return {
        "name": values.name,
        "kind": values.kind.value,
        "welcome_text_since": since.isoformat() if since else None,
    }
