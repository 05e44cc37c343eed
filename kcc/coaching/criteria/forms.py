"""The words in which the pages of the criteria tell norm, changes and faults; forms are read in drafting."""

from typing import Any

from flask_babel import format_date, get_locale, gettext, ngettext

from kcc.coaching.criteria.difference import Kind, Piece, between
from kcc.coaching.criteria.shape import Form, NotApplicable, Wording
from kcc.coaching.norm import deciding
from kcc.errors import N_, Invalid
from kcc.web.i18n import sentence

Errors = list[tuple[str | None, str]]
"""The field (None: the whole) and the sentence of each error."""

NOT_APPLICABLE = {
    NotApplicable.LEFT_OUT: N_("An item that does not apply is left out: it counts neither way."),
    NotApplicable.MET: N_("An item that does not apply counts as met."),
    NotApplicable.NOT_MET: N_("An item that does not apply counts as not met."),
}
KINDS = {
    Kind.ADDED: N_("New"),
    Kind.REMOVED: N_("No longer asked"),
    Kind.CHANGED: N_("Changed"),
    Kind.MOVED: N_("Stands in another place"),
}
TEXTS = {"name": N_("Name"), "question": N_("Question"), "meaning": N_("Interpretation")}
FLAGS = {
    ("knowledge", True): N_("Is about knowledge (K) now."),
    ("knowledge", False): N_("Is no longer about knowledge (K)."),
    ("observable", True): N_("Can be heard in a recorded call now."),
    ("observable", False): N_("Can no longer be heard in a recorded call."),
}


def wording(text: Wording) -> str:
    """A text of the form in the language of this request."""
    return text.read(language())


def language() -> str:
    """The language of this request."""
    return str(get_locale())


def told(faults: list[Invalid]) -> Errors:
    """Faults as a page tells them."""
    return [(fault.field, sentence(fault)) for fault in faults]


# --- words ---


def norm_words(form: Form) -> list[str]:
    """The norm in sentences: which items decide, from when a call meets it, what "n/a" does."""
    chosen = deciding(form)
    if not chosen:
        return [gettext("This version has no norm.")]
    if set(chosen) == set(form.observable):
        which = gettext("Every item that can be heard in a recorded call decides.")
    else:
        which = ngettext(
            "%(num)d item decides: %(numbers)s.",
            "%(num)d items decide: %(numbers)s.",
            len(chosen),
            numbers=", ".join(map(str, chosen)),
        )
    when = gettext(
        "A call meets the norm when at least %(percent)d %% of the deciding items that count is met.",
        percent=form.norm.percent,
    )
    must = [
        ngettext(
            "This item has to be met in any case: %(numbers)s.",
            "These items have to be met in any case: %(numbers)s.",
            len(form.norm.required),
            numbers=", ".join(map(str, form.norm.required)),
        )
    ]
    return [which, when, *(must if form.norm.required else []), gettext(NOT_APPLICABLE[form.norm.na])]


def differences(old: Form, new: Form) -> dict[str, Any]:
    """What a page needs to tell what changed between two versions."""
    return {
        "difference": between(old, new, language()),
        "kinds": {kind.value: gettext(said) for kind, said in KINDS.items()},
        "texts": {name: gettext(said) for name, said in TEXTS.items()},
        "flag_words": lambda item, flag: gettext(FLAGS[flag, getattr(item, flag)]),
        "pieces": Piece,
        "norm_before": norm_words(old),
        "norm_after": norm_words(new),
    }


def long_date(day: Any) -> str:
    """A day with its year, as people say it."""
    return str(format_date(day, "EEEE d MMMM y"))
