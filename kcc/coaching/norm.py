"""Whether a call meets the norm of its form, and the counting behind it, which anybody can redo (GOV-4);
pure. What the norm is stands in the quality plan.
"""

from dataclasses import dataclass

from kcc.coaching.draft import Draft
from kcc.coaching.quality_plan import Form, NotApplicable


@dataclass(frozen=True, slots=True)
class Tally:
    """How a call stands to the norm: `met` of the `counted` deciding items, of which `needed` are enough.

    `failed` are required items that were not met, `open` deciding items without an answer.
    """

    met: int
    counted: int
    needed: int
    failed: tuple[int, ...]
    open: tuple[int, ...]


def tally(form: Form, draft: Draft) -> Tally:
    """Count the deciding items of a form as they are answered in a draft."""
    answers = {number: _counts(form, draft.get(f"answer-{number}")) for number in deciding(form)}
    judged = {number: met for number, met in answers.items() if met is not None}
    unanswered = tuple(number for number in answers if f"answer-{number}" not in draft)
    needed = -(-len(judged) * form.norm.percent // 100)
    failed = tuple(number for number in form.norm.required if judged.get(number) is False)
    return Tally(sum(judged.values()), len(judged), needed, failed, unanswered)


def meets(form: Form, draft: Draft) -> bool | None:
    """Whether the call meets the norm; None while a deciding item has no answer, or where none applies."""
    counted = tally(form, draft)
    if counted.open or not counted.counted:
        return None
    return not counted.failed and counted.met >= counted.needed


def deciding(form: Form) -> tuple[int, ...]:
    """The numbers of the items that decide, in the form's order; one that cannot be heard never does."""
    chosen = {*form.norm.deciding, *form.norm.required}
    return tuple(number for number in form.observable if number in chosen)


def _counts(form: Form, answer: str | None) -> bool | None:
    """Whether an answer counts as met or as not met; None where it does not count."""
    if answer == "na":
        return {NotApplicable.MET: True, NotApplicable.NOT_MET: False}.get(form.norm.na)
    return None if answer is None else answer == "yes"
