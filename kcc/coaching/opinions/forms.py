"""What the pages of second opinions send and say: words for states, ends and differences."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, ngettext

from kcc.access.facts import OpinionState
from kcc.coaching import draft as drafts
from kcc.coaching import forms
from kcc.coaching.draft import Draft
from kcc.coaching.forms import Errors
from kcc.coaching.opinions import rules
from kcc.coaching.opinions.concluding import Compared
from kcc.coaching.opinions.rules import Difference, Ended
from kcc.coaching.opinions.scoring import OpinionSheet
from kcc.errors import N_

ENDS = {
    Ended.WITHDRAWN: N_("The question was withdrawn."),
    Ended.LAPSED: N_("It was not scored within 14 days."),
    Ended.ERASED: N_("The recording reached its erasure date before another coach had begun to score it."),
    Ended.THREAT: N_("The call was reported as a threat."),
    Ended.FUNCTION: N_("Somebody's function ended."),
    Ended.SUCCEEDED: N_("The coach who was to give it has become the employee's own coach."),
    Ended.REPORT: N_("The report is being erased."),
}
STATES = {
    OpinionState.WAITING: N_("It waits for another coach to take it."),
    OpinionState.SCORING: N_("Another coach is scoring the call."),
    OpinionState.SCORED: N_(
        "Both coaches' scores stand side by side. The conclusion is still to be written."
    ),
    OpinionState.CONCLUDED: N_("It is concluded."),
    OpinionState.ENDED: N_("It has ended."),
}
DIFFERENCES = {
    Difference.SAME: (N_("same"), "success"),
    Difference.OTHER: (N_("different"), "warning"),
    Difference.SCOPE: (N_("one says it does not apply"), "info"),
}
"""How a difference reads, and the shape beside the word."""


def scoring(
    sheet: OpinionSheet, draft: Draft, errors: Errors, elsewhere: Mapping[str, str]
) -> dict[str, Any]:
    """What the second coach's form shows: what was typed, and what another window kept instead."""
    whole = len(sheet.form.observable)
    return {
        "sheet": sheet,
        "draft": draft,
        "errors": errors,
        "fields_wrong": dict(errors),
        "elsewhere": elsewhere,
        "whole": whole,
        "done": whole - len(drafts.missing(sheet.form, draft)),
        **forms.words(),
    }


def finishing(sheet: OpinionSheet, fault: str | None) -> dict[str, Any]:
    """What the page before finishing shows."""
    return {
        "sheet": sheet,
        "missing": drafts.missing(sheet.form, sheet.draft),
        "errors": [(None, fault)] if fault else None,
        **forms.words(),
    }


def comparing(
    found: Compared, typed: str | None, errors: Errors, elsewhere: str | None = None
) -> dict[str, Any]:
    """What the page shows on which both scores stand side by side."""
    counted = Counter(pair.difference for pair in found.pairs.values())
    return {
        "found": found,
        "opinion": found.opinion,
        "differing": len(found.pairs) - counted[Difference.SAME],
        "answer_words": {code: gettext(said) for code, said in forms.ANSWERS.items()},
        "difference_words": {kind: (gettext(word), shape) for kind, (word, shape) in DIFFERENCES.items()},
        "summary": summary(len(found.pairs), counted[Difference.SAME]),
        "typed": found.conclusion if typed is None else typed,
        "elsewhere": elsewhere,
        "errors": errors,
        "fields_wrong": dict(errors),
        "longest_conclusion": rules.LONGEST_CONCLUSION,
        **forms.words(),
    }


def summary(whole: int, same: int) -> str:
    """On how many items both coaches answered alike."""
    if same == whole:
        return str(gettext("Both coaches answered all %(whole)d items alike.", whole=whole))
    said = ngettext(
        "Both coaches answered %(same)d of %(whole)d items alike; %(num)d differs.",
        "Both coaches answered %(same)d of %(whole)d items alike; %(num)d differ.",
        whole - same,
        same=same,
        whole=whole,
    )
    return str(said)
