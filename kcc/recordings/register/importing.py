"""Bringing the register of lines in line with a TOML file, whole or not at all; each change is changing's."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject, permit
from kcc.audit import record
from kcc.errors import N_, Invalid
from kcc.recordings.model import Line
from kcc.recordings.register import changing
from kcc.recordings.register.changing import LineValues
from kcc.recordings.rules import LineKind


class LineRow(BaseModel):
    """One line as the file describes it."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]{1,64}$")]
    name: Annotated[str, Field(min_length=1, max_length=changing.LONGEST_NAME)]
    kind: LineKind
    welcome_text_since: date | None = None

    @property
    def values(self) -> LineValues:
        """What the register is to say."""
        return LineValues(self.name.strip(), self.kind, self.welcome_text_since)


class LinesFile(BaseModel):
    """The whole file: an array of tables named `lines`."""

    model_config = ConfigDict(extra="forbid")

    lines: list[LineRow]


def import_file(session: Session, actor: Actor, path: Path, reason: str | None = None) -> dict[str, int]:
    """Bring the register in line with a TOML file: {"created": n, "changed": n, "unchanged": n}.

    Lines that the file leaves out stay as they are: what was promised about them in the past still counts.
    A line that is there already changes only for a reason; a new one's is the file's name if none is given.
    Raises Invalid naming the row and key; then nothing has changed.
    """
    rows = sorted(_read(path), key=lambda row: row.code)  # two imports at once lock in the same order
    codes = [row.code for row in rows]
    query = select(Line).where(Line.code.in_(codes)).order_by(Line.code).with_for_update()
    there = {line.code: line for line in session.scalars(query)}
    new = [row for row in rows if row.code not in there]
    other = [row for row in rows if row.code in there and LineValues.of(there[row.code]) != row.values]
    if other and not (reason or "").strip():
        named = ", ".join(row.code for row in other)
        raise Invalid("reason", N_("These lines change: %(lines)s. Say why, with --reason."), lines=named)
    for row in [*new, *other]:
        changing.check_code(row.code)
        done = permit(actor, Action.LINES_IMPORT, Subject("line", row.code))
        line = there.get(row.code) or Line(code=row.code, revision=0)
        changing.write(session, done, line, row.values, reason or path.name)
    summary = {"created": len(new), "changed": len(other), "unchanged": len(rows) - len(new) - len(other)}
    if not new and not other:
        record.act(session, permit(actor, Action.LINES_IMPORT, Subject("line")), **summary)
    return summary


def _read(path: Path) -> list[LineRow]:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        rows = LinesFile.model_validate(raw).lines
    except OSError as fault:
        raise Invalid("file", N_("The file %(name)s cannot be read."), name=path.name) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Invalid(
            "file", N_("The file %(name)s is not TOML: %(fault)s"), name=path.name, fault=fault
        ) from fault
    except ValidationError as fault:
        raise _invalid(fault.errors()[0]) from None
    twice = [code for code, times in Counter(row.code for row in rows).items() if times > 1]
    if twice:
        raise Invalid("code", N_("The line %(line)s stands in the file twice."), line=twice[0])
    return rows


def _invalid(fault: Any) -> Invalid:
    place = ".".join(str(part) for part in fault["loc"]) or "lines"
    return Invalid(place, N_("%(place)s: %(fault)s"), place=place, fault=fault["msg"])
