"""What stands in a conversation's texts, and the exact text that a signature is about; pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kcc.errors import N_, Invalid

LONGEST_VIEW, LONGEST_TEXT, LONGEST_POINT, LONGEST_LINE = 4000, 4000, 1000, 200
"""Characters of a view, of conclusions or agreements, of a point, and of a place or a reason."""
POINTS = ("1", "2", "3")
"""A report agrees at most three points (REP-7)."""
CLOSED, OPEN = "closed", "open"


@dataclass(frozen=True, slots=True)
class Together:
    """What both write: conclusions, agreements, new points by number, and which earlier points are closed."""

    conclusions: str = ""
    agreements: str = ""
    points: Mapping[str, str] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether nothing is written yet."""
        return not (self.conclusions or self.agreements or self.points or self.closed)


def checked(name: str, text: str, most: int) -> str:
    """A text as it is kept: trimmed; Invalid where it is too long or cannot be stored."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > most:
        raise Invalid(name, N_("Use at most %(most)s characters here."), most=most)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid(name, N_("This text holds characters that cannot be stored.")) from None
    if not all(sign in "\n\t" or sign.isprintable() or not sign.isascii() for sign in text):
        raise Invalid(name, N_("This text holds characters that cannot be stored."))
    return text


def together(said: Mapping[str, str], closed: frozenset[str]) -> Together:
    """What both write, as it came from a form; Invalid names the field that is wrong."""
    points = {
        number: checked(f"point-{number}", said.get(f"point-{number}", ""), LONGEST_POINT)
        for number in POINTS
    }
    return Together(
        checked("conclusions", said.get("conclusions", ""), LONGEST_TEXT),
        checked("agreements", said.get("agreements", ""), LONGEST_TEXT),
        {number: text for number, text in points.items() if text},
        closed,
    )


def dump(text: Together) -> str:
    """What both wrote, to be sealed."""
    return json.dumps(
        {
            "conclusions": text.conclusions,
            "agreements": text.agreements,
            "points": dict(text.points),
            "closed": sorted(text.closed),
        },
        ensure_ascii=False,
    )


def load(kept: str) -> Together:
    """What both wrote, once opened."""
    raw = json.loads(kept)
    return Together(raw["conclusions"], raw["agreements"], raw["points"], frozenset(raw["closed"]))


# --- the text that is signed ---


@dataclass(frozen=True, slots=True)
class Whole:
    """All that two signatures are about: the monitoring part, both views, what was written together, and why
    this version was made. An earlier point stands here by id and digest: its words go with its own report.
    """

    report_id: str
    version: int
    form_version: int
    monitoring: Mapping[str, str]
    employee_view: str
    coach_view: str
    text: Together
    reason: str
    earlier: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The same as JSON knows it."""
        return {
            "v": 1,
            "report": self.report_id,
            "version": self.version,
            "form": self.form_version,
            "monitoring": dict(self.monitoring),
            "employee_view": self.employee_view,
            "coach_view": self.coach_view,
            "together": json.loads(dump(self.text)),
            "reason": self.reason,
            "earlier": dict(self.earlier),
        }


def canonical(whole: Whole, salt: str) -> str:
    """The one way to write a text that is signed; the salt lets nobody guess it from its digest."""
    said = whole.plain() | {"salt": salt}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: str) -> bytes:
    """What a signature holds: SHA-256 of the canonical text in UTF-8."""
    return hashlib.sha256(content.encode()).digest()


def opened(content: str) -> tuple[Whole, str]:
    """A signed text, and its salt."""
    raw = json.loads(content)
    text = load(json.dumps(raw["together"]))
    return Whole(
        raw["report"],
        raw["version"],
        raw["form"],
        raw["monitoring"],
        raw["employee_view"],
        raw["coach_view"],
        text,
        raw["reason"],
        raw["earlier"],
    ), raw["salt"]


def missing(whole: Whole) -> Sequence[str]:
    """What must be there before anybody signs: both views, conclusions and agreements (REP-3)."""
    wanted = {
        "employee_view": whole.employee_view,
        "coach_view": whole.coach_view,
        "conclusions": whole.text.conclusions,
        "agreements": whole.text.agreements,
    }
    return [name for name, said in wanted.items() if not said]
