"""What the pages of draws say: words for codes, and the rows of a draw's own page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import format_date, gettext

from kcc.coaching.draws.overview import Verdict
from kcc.coaching.draws.proofs import Proof
from kcc.errors import N_, Invalid

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.FAIR: (N_("fair"), "success"),
    Verdict.UNFAIR: (N_("not fair"), "error"),
    Verdict.WAITING: (N_("not drawn yet"), "default"),
    Verdict.GONE: (N_("proof gone after 13 months"), "default"),
}
"""How a verdict reads, and the shape beside it."""
IN = N_("in the sample")
LEFT: Mapping[str, str] = {
    "not_representative": N_("left the sample: not a business call"),
    "threat": N_("left the sample: reported as a threat"),
    "erased": N_("left the sample: erased before it was scored"),
    "function": N_("left the sample: your function ended"),
}
PASSED: Mapping[str, str] = {
    "erased": N_("passed over: it had been erased"),
    "due": N_("passed over: its time was up"),
    "threat": N_("passed over: reported as a threat"),
    "not_live": N_("passed over: it was being erased"),
    "sampled": N_("passed over: it stood in a sample already"),
}


@dataclass(frozen=True, slots=True)
class Lot:
    """A ticket that was drawn or passed over, lowest first; `place` is its rank in the whole pool."""

    place: int
    ticket: str
    call_id: str
    started_at: datetime | None
    became: str
    stands: bool


def month_name(month: Any) -> str:
    """A month as people say it: november 2026."""
    return str(format_date(month, "LLLL yyyy"))


def verdict(code: Verdict) -> tuple[str, str]:
    """The word of a verdict in the language of this request, and its shape."""
    word, shape = VERDICTS[code]
    return str(gettext(word)), shape


def lots(proof: Proof, tickets: list[tuple[str, str]], started: Mapping[str, datetime]) -> list[Lot]:
    """What became of each ticket that came up, in the order of the tickets."""
    stands = {one["ticket"]: one for one in proof["drawn"]}
    passed = {one["ticket"]: one["why"] for step in proof["steps"] for one in step["skipped"]}
    found = []
    for place, (ticket, call_id) in enumerate(tickets, 1):
        if (one := stands.get(ticket)) is not None:
            left = one["left"]
            word = LEFT[left["why"]] if left else IN
            found.append(Lot(place, ticket, call_id, started.get(call_id), gettext(word), stands=not left))
        elif ticket in passed:
            word = PASSED[passed[ticket]]
            found.append(Lot(place, ticket, call_id, started.get(call_id), gettext(word), stands=False))
    return found


def before() -> int | None:
    """The draw's number before which this page begins; Invalid for a mangled one."""
    text = request.args.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid("before", N_("This link is not complete. Start again at the first page."))
    return int(text)
