"""The register of lines and queues: reading it in from a file, and finding a line's rules; what they mean
is in rules.
"""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject, permit
from kcc.audit import record
from kcc.errors import N_, Invalid
from kcc.recordings.model import Line
from kcc.recordings.rules import LineKind


class LineRow(BaseModel):
    """One line as the file describes it."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]{1,64}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: LineKind
    welcome_text_since: date | None = None


class LinesFile(BaseModel):
    """The whole file: an array of tables named `lines`."""

    model_config = ConfigDict(extra="forbid")

    lines: list[LineRow]


def import_file(session: Session, actor: Actor, path: Path) -> dict[str, int]:
    """Bring the register in line with a TOML file: {"created": n, "changed": n, "unchanged": n}.

    Lines that the file leaves out stay as they are: what was promised about them in the past still counts.
    Raises Invalid naming the row and key; then nothing has changed.
    """
    rows = _read(path)
    done = permit(actor, Action.LINES_IMPORT, Subject("line"))
    summary = {"created": 0, "changed": 0, "unchanged": 0}
    changes: list[dict[str, str]] = []
    for row in rows:
        outcome = _apply(session, row)
        summary[outcome] += 1
        if outcome != "unchanged":
            changes.append(
                {"line": row.code, "kind": row.kind, "welcome_text_since": str(row.welcome_text_since)}
            )
    record.act(session, done, changes=changes)
    return summary


def _apply(session: Session, row: LineRow) -> str:
    values = row.model_dump(mode="python") | {"kind": row.kind.value}
    line = session.get(Line, row.code)
    if line is None:
        session.add(Line(**values))
        return "created"
    if all(getattr(line, name) == value for name, value in values.items()):
        return "unchanged"
    for name, value in values.items():
        setattr(line, name, value)
    return "changed"


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


def rules_of(session: Session, code: str) -> tuple[LineKind | None, date | None]:
    """A line's kind and the day since which its welcome text tells callers; (None, None) for an unknown
    line.
    """
    line = session.get(Line, code)
    return (LineKind(line.kind), line.welcome_text_since) if line else (None, None)
