"""What the audit log says of a draw, found for its proof and cited in it line by line (SAM-3, SAM-5)."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.access.actions import Action
from kcc.audit import inclusion
from kcc.audit.model import AuditLine
from kcc.coaching.model import Draw, SampledCall
from kcc.coaching.rules import Left, Skipped
from kcc.errors import Refused

_STEPS = (Action.DRAW_RUN, Action.SAMPLE_REJECT)
_GROUNDS = {
    Skipped.THREAT.value: Action.THREAT_REPORT,
    Skipped.ERASED.value: Action.RECORDING_ERASE,
    Skipped.DUE.value: Action.RECORDING_ERASE,
    Skipped.NOT_LIVE.value: Action.RECORDING_ERASE,
}
"""The acts on a call that say why its ticket was passed over, or why it left."""
_SAME = {Left.THREAT: Skipped.THREAT, Left.ERASED: Skipped.ERASED}
MANY = 500
"""Subjects asked for in one question."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log that can still be read: what was committed to, and what it says."""

    id: int
    commitment: bytes
    salt: bytes
    body: str
    action: str
    detail: Mapping[str, Any]


Said = Mapping[str, Sequence[Line]]
"""The lines by what they are about, in the order in which they were written."""


def read(session: Session, draws: Sequence[Draw], left: Sequence[SampledCall]) -> Said:
    """The lines about these draws, their chains, and the calls that left or were passed over."""
    subjects = [f"draw:{draw.number}" for draw in draws] + [f"sample:{one.id}" for one in left]
    subjects += sorted({f"chain:{draw.chain_id}" for draw in draws})
    said = _lines(session, subjects, _STEPS)
    passed = any(line.detail.get("skipped") for of_one in said.values() for line in of_one)
    gone = {f"recording:{one.recording_id}" for one in left if one.left_reason in _SAME}
    if passed:  # which of the pool it was is known by its ticket alone: what was said of any of them is read
        gone |= {f"recording:{id_}" for draw in draws for id_ in (draw.pool or "").split()}
    return said | _lines(session, sorted(gone), tuple(set(_GROUNDS.values())))


def _lines(session: Session, subjects: Sequence[str], actions: Sequence[Action]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for first in range(0, len(subjects), MANY):
        query = select(AuditLine).where(
            AuditLine.subject.in_(subjects[first : first + MANY]),
            AuditLine.action.in_(actions),
            AuditLine.allowed,
            AuditLine.body.is_not(None),
        )
        for row in session.scalars(query.order_by(AuditLine.id)):
            said = json.loads(row.body or "{}")
            line = Line(row.id, row.commitment, row.salt or b"", row.body or "", row.action, said["detail"])
            found[str(row.subject)].append(line)
    return found


@dataclass
class Cited:
    """The lines that one proof cites, each once; what cites one names its place among them."""

    said: Said
    lines: list[Line] = field(default_factory=list)

    def opened(self, draw: Draw) -> int | None:
        """Where the chain's end was published; None once that line's term is over."""
        return self._of(f"chain:{draw.chain_id}", "chain opened")

    def committed(self, draw: Draw) -> int | None:
        """Where the pool was fixed."""
        return self._of(f"draw:{draw.number}", "committed")

    def steps(self, draw: Draw, calls: Mapping[str, str]) -> list[dict[str, Any]]:
        """The draw itself and every replacement, as the log tells them; `calls` by ticket, for grounds."""
        told = []
        for line in self.said.get(f"draw:{draw.number}", ()):
            detail = line.detail
            if detail.get("step") in ("revealed", "replaced"):
                step = {"step": detail["step"], "taken": detail["tickets"], "line": self._place(line)}
                step["skipped"] = [self._passed(one, calls) for one in detail["skipped"]]
                named = ("slots",) if detail["step"] == "revealed" else ("for", "left")
                told.append(step | {name: detail.get(name) for name in named})
        return told

    def drawn(self, sample: SampledCall) -> dict[str, Any]:
        """A call as it stands in the sample, or how it left."""
        left: dict[str, Any] | None = None
        if sample.left_reason is not None:
            lines = self.said.get(f"sample:{sample.id}", ())
            line = next((self._place(line) for line in lines if "left" in line.detail), None)
            ground = _SAME.get(Left(sample.left_reason))
            because = self._grounds(sample.recording_id, ground.value if ground else "")
            left = {
                "why": sample.left_reason,
                "freed": sample.freed_ordinal,
                "line": line,
                "because": because,
            }
        told = {"ticket": sample.ticket.hex(), "id": sample.recording_id, "slot": sample.slot}
        return told | {"sample": sample.id, "left": left}

    def _passed(self, said: str, calls: Mapping[str, str]) -> dict[str, Any]:
        ticket, _, why = said.partition(" ")
        return {"ticket": ticket, "why": why, "because": self._grounds(calls.get(ticket, ""), why)}

    def _grounds(self, recording_id: str, why: str) -> list[int]:
        lines = self.said.get(f"recording:{recording_id}", ())
        return [self._place(line) for line in lines if line.action == _GROUNDS.get(why)]

    def _of(self, subject: str, step: str) -> int | None:
        lines = [line for line in self.said.get(subject, ()) if line.detail.get("step") == step]
        return self._place(lines[0]) if len(lines) == 1 else None

    def _place(self, line: Line) -> int:
        if line not in self.lines:
            self.lines.append(line)
        return self.lines.index(line)


def shown(session: Session, line: Line, *, proven: bool) -> dict[str, Any]:
    """A line as a proof holds it: with its place in the tree, once a checkpoint was signed over it."""
    if proven:
        try:
            return inclusion.prove(session, line.id)
        except Refused:
            pass  # not signed yet: it stands there all the same
    return {"salt": line.salt.hex(), "body": line.body}


def without_reasons(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step with its tickets alone."""
    kept = {name: step[name] for name in ("step", "taken", "slots", "for") if name in step}
    return kept | {"skipped": [{"ticket": one["ticket"]} for one in step["skipped"]]}


def without_reason(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """A drawn call with its ticket, and whether it freed its slot."""
    left = drawn["left"]
    kept = {name: drawn[name] for name in ("ticket", "id", "slot")}
    return kept | {"left": {"freed": left["freed"]} if left else None}
