"""The first words of a summary, from the scores of enough calls; pure, the same for everybody (GOV-4).

Words per phase, and items where many calls agree: no number, no date, nothing of a single call (REP-10).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kcc.coaching.progress.rules import Scored, met, observable, treatment
from kcc.coaching.quality_plan import Form, Wording
from kcc.errors import N_

MOSTLY, SELDOM = 0.8, 0.5
"""From when on something went well mostly, and below which it did not yet."""
WORDS = {
    "well": N_("%(phase)s: this mostly goes well."),
    "mixed": N_("%(phase)s: this goes well in part."),
    "less": N_("%(phase)s: this needs attention."),
    "strong": N_("Strong: %(items)s."),
    "weak": N_("To be worked on: %(items)s."),
}
"""The sentences of a draft, each to be said in the coach's language."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A phase in a word, and the items of it that stand out."""

    phase: Wording
    word: str
    strong: tuple[Wording, ...]
    weak: tuple[Wording, ...]


def judge(form: Form, scored: Sequence[Scored], least: int) -> list[Judged]:
    """The phases that were judged in at least `least` calls; an item is named under the same condition."""
    found, na = [], treatment(form)
    for phase in form.phases:
        numbers = observable(form, [item.number for item in phase.items])
        means = {
            number: mean for number in numbers if (mean := _mean(scored, [number], least, na)) is not None
        }
        whole = _mean(scored, numbers, least, na)
        if whole is None:
            continue
        strong = tuple(form.items[n].name for n, mean in means.items() if mean >= MOSTLY)
        weak = tuple(form.items[n].name for n, mean in means.items() if mean < SELDOM)
        found.append(Judged(phase.name, _word(whole), strong, weak))
    return found


def words(judged: Sequence[Judged], language: str, say: Callable[..., str]) -> str:
    """The draft as text, a paragraph a phase; `say` translates a sentence of WORDS and fills its places."""
    return "\n\n".join(" ".join(_sentences(one, language, say)) for one in judged)


def _sentences(one: Judged, language: str, say: Callable[..., str]) -> list[str]:
    said = [say(WORDS[one.word], phase=one.phase.read(language))]
    for code, items in (("strong", one.strong), ("weak", one.weak)):
        if items:
            said.append(say(WORDS[code], items=", ".join(item.read(language) for item in items)))
    return said


def _mean(scored: Sequence[Scored], numbers: Sequence[int], least: int, na: bool | None) -> float | None:
    """The mean over all judged items; None where fewer than `least` calls had any of them."""
    calls = [
        found
        for report in scored
        if (found := [m for n in numbers if (m := met(report.draft, n, na)) is not None])
    ]
    if len(calls) < least:
        return None
    return sum(sum(call) / len(call) for call in calls) / len(calls)


def _word(mean: float) -> str:
    if mean >= MOSTLY:
        return "well"
    return "mixed" if mean >= SELDOM else "less"
