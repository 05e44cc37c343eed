"""What the pages of scoring show: the sheet, what was typed, what is wrong with it, what is missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext

from kcc.coaching import draft as drafts
from kcc.coaching.draft import Draft
from kcc.coaching.forms import words
from kcc.coaching.rules import NotRepresentative
from kcc.coaching.sheets import Sheet
from kcc.errors import N_

Errors = Sequence[tuple[str | None, str]]
"""The field (None: the whole) and the sentence of each error."""
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
    return {
        "sheet": sheet,
        "draft": draft,
        "errors": errors,
        "fields_wrong": dict(errors),
        "elsewhere": elsewhere,
        "whole": whole,
        "done": whole - len(drafts.missing(sheet.form, draft)),
        **words(),
    }


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
