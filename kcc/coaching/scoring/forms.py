"""What the pages of scoring show: the sheet, what was typed, what is wrong with it, what is missing."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from kcc.coaching import draft as drafts
from kcc.coaching import notes
from kcc.coaching.draft import Draft
from kcc.coaching.forms import Errors, wording, words
from kcc.coaching.quality_plan import Form
from kcc.coaching.rules import NotRepresentative
from kcc.coaching.sheets import Sheet
from kcc.errors import N_

REASONS = {
    NotRepresentative.PRIVATE: N_("A private call"),
    NotRepresentative.INTERNAL: N_("An internal call"),
    NotRepresentative.NETWORK: N_("A call with a network relation"),
    NotRepresentative.NO_CONVERSATION: N_("Nobody speaks, or the connection breaks off at once"),
    NotRepresentative.TEST_CALL: N_("A test call"),
    NotRepresentative.OTHER_EMPLOYEE: N_("Another employee speaks"),
}


def scoring(sheet: Sheet, draft: Draft, errors: Errors, elsewhere: Mapping[str, str]) -> dict[str, Any]:
    """What the scoring page shows: what was typed, and what another window kept instead."""
    whole = len(sheet.form.observable)
    remarks = notes.in_order(draft)
    return {
        "sheet": sheet,
        "draft": draft,
        "remarks": remarks,
        "new_remark": new_remark(remarks),
        "errors": errors,
        "fields_wrong": dict(errors),
        "elsewhere": elsewhere,
        "whole": whole,
        "done": whole - len(drafts.missing(sheet.form, draft)),
        **words(),
    }


def new_remark(remarks: Sequence[str]) -> str:
    """A name for a remark that is not there yet: how many came before, so that they sort, and chance."""
    return f"{len(remarks):03}{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark in the call as a reader sees it; without moment and link when they cannot hear the call."""

    text: str
    item: str | None
    moment: str | None
    url: str | None


def remarks(draft: Draft, form: Form, call_url: str | None) -> list[Remark]:
    """The remarks of a report in time order. The place travels behind a #, so that no server ever logs it."""
    return [_remark(id_, draft, form, call_url) for id_ in notes.in_order(draft)]


def _remark(id_: str, draft: Draft, form: Form, call_url: str | None) -> Remark:
    about, moment = draft.get(f"about-{id_}"), draft.get(f"at-{id_}")
    item = wording(form.items[int(about)].name) if about else None
    url = f"{call_url}#t={notes.seconds(moment)}" if call_url and moment else None
    return Remark(draft[f"note-{id_}"], item, moment, url)


def finishing(sheet: Sheet, fault: str | None) -> dict[str, Any]:
    """What the page before finishing shows: what is missing, if anything is."""
    return {
        "sheet": sheet,
        "missing": drafts.missing(sheet.form, sheet.draft),
        "nothing_said": not drafts.says_something(sheet.draft),
        "errors": [(None, fault)] if fault else None,
        **words(),
    }


def rejecting(sheet: Sheet, fault: str | None) -> dict[str, Any]:
    """What the page for leaving a call out shows."""
    return {
        "sheet": sheet,
        "reasons": [(code.value, gettext(said)) for code, said in REASONS.items()],
        "fault": fault,
        "errors": [("reason", fault)] if fault else None,
    }
