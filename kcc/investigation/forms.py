"""What the pages of cases send and say: days, named calls, and the words for states and functions."""

from collections.abc import Mapping
from datetime import date

from werkzeug.datastructures import MultiDict

from kcc.access.facts import CaseState
from kcc.errors import N_, Invalid
from kcc.investigation import rules
from kcc.investigation.decisions import More, Plan
from kcc.investigation.rules import How, Kind, Seat

STATES = {
    CaseState.PROPOSED: N_("waits for the second signature"),
    CaseState.OPEN: N_("open"),
    CaseState.SUSPENDED: N_("suspended"),
    CaseState.ENDED: N_("ended"),
}
KINDS = {
    Kind.OPEN: N_("The case"),
    Kind.EXTEND: N_("More time"),
    Kind.POSTPONE: N_("Telling the employee later"),
}
SEATS = {Seat.LEAD: N_("as team lead"), Seat.MANAGER: N_("as department manager")}
HOWS = {
    How.CLOSED: N_("closed"),
    How.REVOKED: N_("a signature was revoked"),
    How.OVER: N_("its last day passed"),
    How.LAPSED: N_("it never had two signatures"),
}
GROUNDS = rules.GROUNDS
COUNTED = {
    Kind.OPEN.value: N_("Opened"),
    Kind.EXTEND.value: N_("Extended"),
    Kind.POSTPONE.value: N_("Told later"),
    "suspended": N_("Suspended"),
    How.REVOKED.value: N_("Revoked"),
    How.CLOSED.value: N_("Closed"),
}


def plan_of(posted: MultiDict[str, str]) -> Plan:
    """What the form to put a case forward sends; Invalid where a day is none."""
    return Plan(
        employee_id=posted.get("employee", ""),
        ground=posted.get("ground", ""),
        ground_words=posted.get("ground_words", ""),
        indications=_lines(posted, "indications"),
        calls=tuple(
            dict.fromkeys(line.strip() for line in _lines(posted, "calls").splitlines() if line.strip())
        ),
        since=day(posted, "since"),
        until=day(posted, "until"),
        listener_id=posted.get("listener", ""),
        last_day=day(posted, "last_day"),
        tell_on=day(posted, "tell_on"),
        why_not_yet=_lines(posted, "why_not_yet"),
    )


def more_of(posted: MultiDict[str, str]) -> More:
    """What the form to ask for more sends."""
    if posted.get("kind") not in (Kind.EXTEND, Kind.POSTPONE):
        raise Invalid("kind", N_("Choose what you ask."))
    return More(
        kind=Kind(posted["kind"]),
        why=_lines(posted, "why"),
        last_day=day(posted, "last_day"),
        listener_id=posted.get("listener", ""),
        tell_on=day(posted, "tell_on"),
    )


def day(posted: Mapping[str, str], field: str) -> date | None:
    """A day as a form sends it; None where it is empty, Invalid where it is none."""
    text = posted.get(field, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(field, N_("Write a day like this: 2026-11-03.")) from None


def _lines(posted: Mapping[str, str], field: str) -> str:
    # Browsers send every line's end as two characters; the limit is on what was typed.
    return posted.get(field, "").replace("\r\n", "\n")
