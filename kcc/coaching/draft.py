"""What a report says, field by field, and what may be written there; pure. Keeping it lives in assessment.

A draft maps fields to texts: "answer-3" (yes, no, na), "remark-3", "finding-well", "point-1". The monitoring
part is the answers and remarks, the coaching part the findings and points (REP-1). Remarks at a moment of the
call have fields of their own (notes). No field is empty.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType

from kcc.coaching import notes
from kcc.coaching.quality_plan import Form
from kcc.errors import N_, Invalid

ANSWERS = ("yes", "no", "na")
FINDINGS = ("well", "compliment", "less", "knowledge")
POINTS = ("1", "2", "3")
LONGEST = MappingProxyType({"remark": 2000, "finding": 4000, "point": 1000, "note": notes.LONGEST})
"""Characters that a text may have."""

Draft = Mapping[str, str]


class Incomplete(Invalid):
    """The report cannot be finished yet; `items` are the numbers without an answer."""

    def __init__(self, field: str, message: str, items: tuple[int, ...] = (), **params: object) -> None:
        super().__init__(field, message, code="incomplete", **params)
        self.items = items


def fields(form: Form) -> tuple[str, ...]:
    """All fields of a report on a form, in its order; items that no recording shows have none (REP-7)."""
    items = [f"{kind}-{number}" for number in form.observable for kind in ("answer", "remark")]
    return (*items, *(f"finding-{word}" for word in FINDINGS), *(f"point-{number}" for number in POINTS))


def changed(form: Form, draft: Draft, changes: Mapping[str, str]) -> Draft:
    """The draft with some fields changed; an empty text empties its field. Invalid names a wrong field."""
    known = set(fields(form))
    new = dict(draft)
    for field, text in changes.items():
        new[field] = _checked(field, text, known | {field} if notes.is_field(field) else known)
    return notes.tidied({field: text for field, text in new.items() if text})


def missing(form: Form, draft: Draft) -> tuple[int, ...]:
    """The numbers of the items that have no answer yet."""
    return tuple(number for number in form.observable if f"answer-{number}" not in draft)


def says_something(draft: Draft) -> bool:
    """Whether there is a finding or a point for the conversation (REP-1)."""
    return any(field.startswith(("finding-", "point-")) for field in draft)


def require_complete(form: Form, draft: Draft) -> None:
    """Refuse to finish a report with unanswered items, or without anything for the conversation (REP-1)."""
    if unanswered := missing(form, draft):
        numbers = ", ".join(str(number) for number in unanswered)
        message = N_("Answer these items first: %(numbers)s.")
        raise Incomplete(f"answer-{unanswered[0]}", message, unanswered, numbers=numbers)
    if not says_something(draft):
        message = N_("Write at least one finding or one point for improvement.")
        raise Incomplete("finding-well", message)


def dump(draft: Draft) -> str:
    """The draft as text, to be sealed."""
    return json.dumps({"v": 1, "fields": dict(draft)}, ensure_ascii=False, sort_keys=True)


def load(text: str) -> Draft:
    """The draft in a text that `dump` made."""
    found: dict[str, str] = json.loads(text)["fields"]
    return found


def _checked(field: str, text: object, known: set[str]) -> str:
    if field not in known:
        if field in ("answer-1", "answer-2"):
            raise Invalid(field, N_("This item cannot be observed in a recorded call."))
        raise Invalid(field, N_("The form has no such field."))
    if not isinstance(text, str):
        raise Invalid(field, N_("This must be a text."))
    text = text.replace("\r\n", "\n").strip()
    kind = field.partition("-")[0]
    if kind in ("about", "at"):
        return notes.checked(field, text, {name[7:] for name in known if name.startswith("answer-")})
    if kind == "answer":
        if text not in ("", *ANSWERS):
            raise Invalid(field, N_("Answer yes, no or not applicable."))
        return text
    return _written(field, text, LONGEST[kind])


def _written(field: str, text: str, most: int) -> str:
    if len(text) > most:
        raise Invalid(field, N_("Use at most %(most)s characters here."), most=most)
    if not storable(text):
        raise Invalid(field, N_("This text holds characters that cannot be stored."))
    return text


def storable(text: str) -> bool:
    """Whether every database and page can hold this text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return all(sign in "\n\t" or sign.isprintable() or not sign.isascii() for sign in text)
