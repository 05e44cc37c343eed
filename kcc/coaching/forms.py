"""What the pages of coaching send and say: words for codes, and the fields of a posted form."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import request
from flask_babel import get_locale, gettext, ngettext

from kcc import clock
from kcc.coaching import draft as drafts
from kcc.coaching.draft import Draft
from kcc.coaching.quality_plan import Wording
from kcc.coaching.slots import Slot
from kcc.errors import N_, Invalid
from kcc.web.i18n import long_day

Errors = Sequence[tuple[str | None, str]]
"""The field (None: the whole) and the sentence of each error."""
ANSWERS = {"yes": N_("Yes"), "no": N_("No"), "na": N_("n/a")}
FINDINGS = {
    "well": N_("What went well"),
    "compliment": N_("What deserves a compliment"),
    "less": N_("What went less well"),
    "knowledge": N_("Knowledge, by area, system or process"),
}
SLOTS = {
    "open": N_("free"),
    "drawn": N_("drawn"),
    "scored": N_("scored"),
    "skipped": N_("left the sample"),
}
_FIELD = re.compile(r"(answer|remark|finding|point|note|about|at)-\w{1,12}")


def wording(text: Wording) -> str:
    """A text of the form in the language of this request."""
    return text.read(str(get_locale()))


def changes(posted: Mapping[str, str]) -> dict[str, str]:
    """The report's fields in a posted form; all else in it is not ours."""
    return {name: text for name, text in posted.items() if _FIELD.fullmatch(name)}


def revision(posted: Mapping[str, object]) -> int:
    """The revision on which a form was filled in."""
    try:
        return int(str(posted.get("revision", "")))
    except ValueError:
        raise Invalid("revision", N_("This page is not complete. Reload it and try again.")) from None


def differing(mine: Mapping[str, str], kept: Draft) -> dict[str, str]:
    """The fields in which a posted form differs from what is kept, with what is kept there."""
    tidy = {name: text.replace("\r\n", "\n").strip() for name, text in mine.items()}
    return {name: kept.get(name, "") for name, text in tidy.items() if text != kept.get(name, "")}


def slot_words(slots: Sequence[Slot]) -> list[tuple[str, str]]:
    """Each slot of a month as the page draws and reads it."""
    return [(slot.state, gettext(SLOTS[slot.state])) for slot in slots]


def slot_summary(slots: Sequence[Slot]) -> str:
    """A month's slots in a few words: 2 drawn, 1 scored; or that nothing is drawn yet."""
    counted = Counter(slot.state for slot in slots)
    said = [f"{counted[state]} {gettext(words)}" for state, words in SLOTS.items() if state != "open"]
    return ", ".join(words for words in said if not words.startswith("0 ")) or str(gettext("not drawn yet"))


def time_of_day(instant: datetime) -> str:
    """An instant to the second on the centre's clock, for the save state."""
    return instant.astimezone(clock.LOCAL).strftime("%H:%M:%S")


def words() -> dict[str, Any]:
    """What every page about a report needs to speak of it."""
    return {
        "wording": wording,
        "answers": [(code, gettext(said)) for code, said in ANSWERS.items()],
        "findings": [(code, gettext(said)) for code, said in FINDINGS.items()],
        "points": drafts.POINTS,
        "longest": drafts.LONGEST,
        "time_of_day": time_of_day,
    }


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is coming or waiting, on a start page."""

    text: str
    url: str | None = None
    link: str | None = None


def notices(days: Sequence[date], most: int, unread: int, reports_url: str) -> list[Notice]:
    """What an employee is told at the start: the announced days, and that there are reports to read."""
    one = N_("On %(day)s the system draws at random at most %(num)d of your calls for your coach.")
    told = [Notice(str(gettext(one, day=long_day(day), num=most))) for day in days]
    if unread:
        text = ngettext(
            "There is %(num)d new report for you.", "There are %(num)d new reports for you.", unread
        )
        told.append(Notice(text, reports_url, gettext("To your reports")))
    return told


def stamp(key: tuple[datetime, str]) -> str:
    """A place in a list, as our own links carry it."""
    return f"{key[0].isoformat()}~{key[1]}"


def page_key() -> tuple[datetime, str] | None:
    """The place in a list that this request asks for; Invalid for a mangled one."""
    text = request.args.get("before")
    if not text:
        return None
    moment, _, id_ = text.partition("~")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), id_
    except ValueError:
        raise Invalid("before", N_("This link is not complete. Start again at the first page.")) from None
