"""What the pages of covered copies send: spans as they were typed, how they are covered, which file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kcc.access.purposes import Purpose
from kcc.errors import N_, Invalid
from kcc.recordings.redaction import spans
from kcc.recordings.redaction.spans import Form, Manner, Marks, Span

EMPTY_ROWS = 3
"""Rows to fill in below those that are there; saving gives as many again."""
PURPOSES = {
    Purpose.CALLER_REQUEST: N_("A caller asks for a copy of their call"),
    Purpose.DISCLOSURE: N_("Disclosure under the open-government act"),
}
MANNERS = {Manner.BLEEP: N_("A bleep"), Manner.SILENCE: N_("Silence")}
FORMS = {Form.WAV: N_("WAV: plays everywhere"), Form.OPUS: N_("Opus: a small file")}
_BOTH = ""
_ID = re.compile(r"[0-9a-f]{32}")
_ROW = re.compile(r"(?:begins|ends)-(0|[1-9]\d{0,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """One row as it was typed."""

    begins: str = ""
    ends: str = ""
    side: str = _BOTH

    @property
    def empty(self) -> bool:
        """Whether nothing was typed: such a row covers nothing."""
        return not self.begins.strip() and not self.ends.strip()


def rows_of(marks: Marks) -> list[Typed]:
    """The rows that say what is covered now."""
    return [
        Typed(
            spans.said(one.begins), spans.said(one.ends), _BOTH if one.channel is None else str(one.channel)
        )
        for one in marks.spans
    ]


def rows_in(posted: Mapping[str, str]) -> list[Typed]:
    """The rows of a sent form, those that are empty left out."""
    numbers = sorted({int(found[1]) for name in posted if (found := _ROW.fullmatch(name))})
    rows = [
        Typed(*(posted.get(f"{what}-{number}", "") for what in ("begins", "ends", "side")))
        for number in numbers
    ]
    return [row for row in rows if not row.empty]


def marks_in(rows: list[Typed], manner: str) -> Marks:
    """What a sent form says, or Invalid with the field of the row."""
    found = []
    for number, row in enumerate(rows):
        begins, ends = spans.moment(row.begins), spans.moment(row.ends)
        for what, value in (("begins", begins), ("ends", ends)):
            if value is None:
                raise Invalid(
                    f"{what}-{number}",
                    N_("Write a moment as minutes and seconds, for example 2:05 or 2:05.3."),
                )
        side = int(row.side) if row.side in ("0", "1") else None
        found.append(Span(int(begins or 0), int(ends or 0), side))
    if manner not in set(Manner):
        raise Invalid("manner", N_("Choose what is heard instead."))
    return Marks(tuple(found), Manner(manner))


def call_in(typed: str) -> str:
    """The id of a call as it was typed, or Invalid; whether there is such a call the verb finds out."""
    if not _ID.fullmatch(typed):
        raise Invalid("call", N_("Write the call's id: 32 letters and digits."))
    return typed


def form_in(posted: Mapping[str, str]) -> Form:
    """Which file was asked for, or Invalid."""
    asked = posted.get("form", "")
    if asked not in set(Form):
        raise Invalid("form", N_("Choose a kind of file."))
    return Form(asked)


def revision_in(posted: Mapping[str, str]) -> int:
    """Which state of the spans the page showed; none that there is, where it does not say."""
    told = posted.get("revision", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else -1
