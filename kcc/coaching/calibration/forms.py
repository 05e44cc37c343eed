"""How calibration reads: words for states, for how far coaches agree, and for what was agreed."""

from typing import Any

from flask_babel import get_locale, gettext

from kcc.coaching import draft as drafts
from kcc.coaching import forms as coaching_forms
from kcc.coaching.calibration.model import ItemInterpretation
from kcc.coaching.calibration.reading import Seen
from kcc.errors import N_

STATES = {
    "asked": N_("waits for the employee's answer"),
    "refused": N_("the employee said no"),
    "scoring": N_("score it"),
    "finished": N_("you have finished; others have not"),
    "compared": N_("discuss it"),
}
VERDICTS = {
    "none": N_("There are no two finished forms to compare."),
    "alike": N_(
        "All coaches gave one and the same answer to every item. There is no difference to measure, so alpha"
        " has no value."
    ),
    "good": N_(
        "The coaches judge alike: the same call gets nearly the same answers, whoever of them scores it."
    ),
    "fair": N_(
        "The coaches judge alike in part. Discuss the items on which they differ before you rely on scores."
    ),
    "poor": N_(
        "The coaches judge differently: which answers a call gets depends on who scores it. Agree first how"
        " the items are meant."
    ),
}
"""What the agreement over the whole form means."""


def said(one: ItemInterpretation) -> str:
    """What was agreed, in the language of this request, or in the other where there is none."""
    return (one.en or one.nl) if str(get_locale()) == "en" else (one.nl or one.en)


def words(seen: Seen) -> dict[str, Any]:
    """What the page of a session needs beside the session."""
    whole = len(seen.form.observable)
    return {
        **coaching_forms.words(),
        "whole": whole,
        "done": whole - len(drafts.missing(seen.form, seen.draft)),
        "verdict": gettext(VERDICTS[seen.compared.agreement.verdict]) if seen.compared else None,
        "said": said,
        "decimal": decimal,
    }


def decimal(value: float | None) -> str:
    """A number with two decimals, as this language writes it; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:.2f}".replace("-", "−")
    return text if str(get_locale()) == "en" else text.replace(".", ",")
