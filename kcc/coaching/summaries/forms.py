"""What the pages of summaries send and say: the days of a period, and why words are pointed at."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import get_locale, gettext

from kcc.coaching.summaries.traces import Trace, Why
from kcc.coaching.summaries.writing import Period
from kcc.errors import N_, Invalid

WHYS = {
    Why.DATE: N_("a day, month or year could tell which call it was"),
    Why.TIME: N_("a time could tell which call it was"),
    Why.NUMBER: N_("a number or code could lead to a call or a caller"),
    Why.TELEPHONE: N_("this looks like a telephone number"),
    Why.QUOTE: N_("these words stand in a report, or quote somebody"),
    Why.ONE_CALL: N_("this is about a single call; a summary is about all of them together"),
    Why.SCORE: N_("this is a score or a number of an item; say it in words"),
    Why.NAME: N_("this looks like the name of a caller"),
}
"""Why each kind of trace is stopped."""


def period(posted: Mapping[str, str]) -> Period:
    """The first and last day that were typed; Invalid names the wrong one."""
    return Period(_day(posted, "since"), _day(posted, "until"))


def revision(posted: Mapping[str, str]) -> int:
    """The revision that the page showed."""
    try:
        return int(posted.get("revision", ""))
    except ValueError:
        raise Invalid("revision", N_("This page is not complete. Reload it and try again.")) from None


def pointed_at(found: Sequence[Trace]) -> list[tuple[str, str]]:
    """The words that were found, each once, with the reason."""
    return list({trace.words: gettext(WHYS[trace.why]) for trace in found}.items())


def language() -> str:
    """The language of this request: that of a draft."""
    return str(get_locale())


def say(sentence: str, **places: str) -> str:
    """A sentence of a draft in the language of this request."""
    return str(gettext(sentence, **places))


def _day(posted: Mapping[str, str], field: str) -> date:
    try:
        return date.fromisoformat(posted.get(field, "").strip())
    except ValueError:
        raise Invalid(field, N_("Write a day as 2026-11-03.")) from None
