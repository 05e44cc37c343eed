"""Remarks at a moment of the call: their fields in a draft, and what may stand there; pure.

A remark has three: "note-x" is its text, "about-x" the item it is about, "at-x" its moment ("2:05"); x is its
own. Without a text there is no remark. Where a moment is kept, and for how long, is moments' to say.
"""

import re
from collections.abc import Collection, Mapping

from kcc.errors import N_, Invalid

LONGEST = 2000
"""Characters that a remark may have."""
MOST = 200
"""Remarks that one report may have: nobody needs more, and a page must stay readable."""

_FIELD = re.compile(r"(note|about|at)-([0-9a-z]{1,12})")
_MOMENT = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)")

Fields = Mapping[str, str]


def is_field(field: str) -> bool:
    """Whether a field belongs to a remark at a moment."""
    return _FIELD.fullmatch(field) is not None


def checked(field: str, text: str, items: Collection[str]) -> str:
    """The item or the moment of a remark, however it was typed; Invalid for what is none."""
    if not text:
        return ""
    return _moment(field, text) if field.startswith("at-") else _item(field, text, items)


def clock(seconds: int) -> str:
    """125 is "2:05"; an hour is sixty minutes, as the player shows it."""
    return f"{seconds // 60}:{seconds % 60:02}"


def seconds(moment: str) -> int:
    """The other way round, of a moment that `checked` gave."""
    minutes, _, rest = moment.partition(":")
    return int(minutes) * 60 + int(rest)


def tidied(fields: Fields) -> Fields:
    """The fields without the moment and item of remarks that have no text; Invalid if there are too many."""
    said = {name.partition("-")[2] for name, text in fields.items() if name.startswith("note-") and text}
    if len(said) > MOST:
        raise Invalid("note", N_("A report has at most %(most)s remarks."), most=MOST)
    return {
        name: text for name, text in fields.items() if not is_field(name) or name.partition("-")[2] in said
    }


def within(fields: Fields, length_ms: int) -> None:
    """Refuse a moment after the end of the call."""
    end = length_ms // 1000
    for name, moment in of_moments(fields).items():
        if seconds(moment) > end:
            raise Invalid(name, N_("The call ends at %(end)s."), end=clock(end))


def of_moments(fields: Fields) -> dict[str, str]:
    """Only the moments."""
    return {name: text for name, text in fields.items() if name.startswith("at-")}


def without_moments(fields: Fields) -> dict[str, str]:
    """All but the moments: what stays when the sound is gone (RET-8)."""
    return {name: text for name, text in fields.items() if not name.startswith("at-")}


def in_order(fields: Fields) -> list[str]:
    """The remarks of a draft, each by its own part of the name: by moment, then as they were begun."""
    ids = {name.partition("-")[2] for name, text in fields.items() if is_field(name) and text}
    written = [id_ for id_ in ids if fields.get(f"note-{id_}") or fields.get(f"at-{id_}")]
    return sorted(written, key=lambda id_: (_when(fields.get(f"at-{id_}", "")), id_))


def _when(moment: str) -> float:
    """What is no moment, or not a right one yet, comes last."""
    found = _MOMENT.fullmatch(moment)
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3]) if found else float("inf")


def _item(field: str, text: str, items: Collection[str]) -> str:
    if not text.isdecimal() or text not in items:
        raise Invalid(field, N_("Choose an item of the form."))
    return text


def _moment(field: str, text: str) -> str:
    if _MOMENT.fullmatch(text) is None:
        raise Invalid(field, N_("Write the moment as minutes and seconds, for example 2:05."))
    return clock(int(_when(text)))
