"""What a version of the form may be, and how one becomes another; pure. Keeping versions lives in editing.

The annex is the report's fixed format (REP-7): its items keep number, name, phase, order, and what is said of
knowledge and of hearing them. What they ask and mean may be put better, items and phases of one's own may be
added anywhere, and the norm may be chosen.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

from kcc.coaching.criteria.annex import annex
from kcc.coaching.criteria.shape import Form, Item, Norm, Phase, Wording, build
from kcc.errors import N_, Invalid, Refused

LONGEST = MappingProxyType({"name": 80, "question": 300, "meaning": 2000})
"""Characters that a text may have, in each language."""
MISSING = MappingProxyType(
    {
        "name_nl": N_("Fill in the name in Dutch."),
        "name_en": N_("Fill in the name in English."),
        "question_nl": N_("Fill in the question in Dutch."),
        "question_en": N_("Fill in the question in English."),
        "meaning_nl": N_("Fill in the interpretation in Dutch."),
        "meaning_en": N_("Fill in the interpretation in English."),
    }
)
"""Everybody reads the criteria in their own language: no text may be missing in one."""
MOST_ITEMS, MOST_PHASES = 40, 12
FARTHEST = timedelta(days=366)
"""How far ahead a version may begin."""


@dataclass(frozen=True, slots=True)
class ItemValues:
    """What can be written about an item; of one of the annex only what it asks and means."""

    name: Wording
    question: Wording
    meaning: Wording
    knowledge: bool = False
    observable: bool = True


def stamp(part: Item | Phase | Norm) -> str:
    """What a part says, in few signs: by it an editor sees that somebody else changed the part meanwhile."""
    said = asdict(replace(part, items=())) if isinstance(part, Phase) else asdict(part)
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def fixed_item(number: int) -> bool:
    """Whether an item is one of the annex (REP-7)."""
    return number in annex().items


def fixed_phase(code: str) -> bool:
    """Whether a phase is one of the annex."""
    return any(phase.code == code for phase in annex().phases)


def phase_of(form: Form, number: int) -> Phase | None:
    """The phase in which an item stands; None when it is gone."""
    standing = (phase for phase in form.phases if any(item.number == number for item in phase.items))
    return next(standing, None)


# --- what is wrong with what was written ---


def item_faults(values: ItemValues, *, fixed: bool) -> list[Invalid]:
    """Everything that is wrong with an item's texts, field by field."""
    texts = {"question": values.question, "meaning": values.meaning}
    return _faults(texts if fixed else {"name": values.name, **texts})


def phase_faults(name: Wording) -> list[Invalid]:
    """Everything that is wrong with a phase's name."""
    return _faults({"name": name})


def norm_faults(form: Form, norm: Norm) -> list[Invalid]:
    """Everything that is wrong with a norm for a form."""
    faults = []
    if not norm.deciding:
        faults.append(Invalid("deciding", N_("Choose at least one item that decides.")))
    if not {*norm.deciding, *norm.required} <= set(form.observable):
        faults.append(Invalid("deciding", N_("Only items of this form that can be heard can decide.")))
    if not set(norm.required) <= set(norm.deciding):
        faults.append(Invalid("required", N_("An item that must be met has to be one that decides.")))
    if not 1 <= norm.percent <= 100:
        faults.append(Invalid("percent", N_("Give a whole number from 1 to 100.")))
    return faults


def _faults(texts: dict[str, Wording]) -> list[Invalid]:
    found = []
    for name, text in texts.items():
        for language, said in (("nl", text.nl), ("en", text.en)):
            fault = _fault(f"{name}_{language}", said, LONGEST[name])
            found += [fault] if fault else []
    return found


def _fault(field: str, said: str, longest: int) -> Invalid | None:
    if not said:
        return Invalid(field, MISSING[field])
    if len(said) > longest:
        return Invalid(field, N_("Use at most %(most)s characters here."), most=longest)
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in said):
        return Invalid(field, N_("This text holds characters that cannot be stored."))
    return None


def start_fault(day: date, today: date, days: int, after: date) -> Invalid | None:
    """What is wrong with the first day of a version: employees read it `days` beforehand (REP-2), and it does
    not begin before the version it follows.
    """
    earliest = max(today + timedelta(days=days), after)
    if day < earliest:
        message = N_("The first day can be %(day)s at the earliest: employees read the criteria beforehand.")
        return Invalid("starts_on", message, day=earliest)
    if day > today + FARTHEST:
        return Invalid("starts_on", N_("Choose a day within a year."))
    return None


# --- how a form changes ---


def with_item(form: Form, number: int, values: ItemValues) -> Form:
    """The form with an item's texts changed; of one of the annex only what it asks and means (REP-7)."""
    said = {"question": values.question, "meaning": values.meaning}
    own = {"name": values.name, "knowledge": values.knowledge, "observable": values.observable}

    def changed(item: Item) -> Item:
        if item.number != number:
            return item
        return replace(item, **said) if fixed_item(number) else replace(item, **said, **own)  # type: ignore[arg-type]

    phases = [replace(phase, items=tuple(map(changed, phase.items))) for phase in form.phases]
    return _tidied(form, phases)


def with_new_item(form: Form, code: str, number: int, values: ItemValues) -> Form:
    """The form with an item of one's own at the end of a phase."""
    if len(form.items) >= MOST_ITEMS:
        raise Refused(N_("A form has at most %(most)s items."), rule="REP-7", most=MOST_ITEMS)
    new = Item(number, values.name, values.question, values.meaning, values.knowledge, values.observable)
    phases = [
        replace(phase, items=(*phase.items, new)) if phase.code == code else phase for phase in form.phases
    ]
    return _tidied(form, phases)


def with_phase(form: Form, code: str, name: Wording) -> Form:
    """The form with a phase of one's own called otherwise, or added at the end."""
    if any(phase.code == code for phase in form.phases):
        phases = [replace(phase, name=name) if phase.code == code else phase for phase in form.phases]
        return _tidied(form, phases)
    if len(form.phases) >= MOST_PHASES:
        raise Refused(N_("A form has at most %(most)s phases."), rule="REP-7", most=MOST_PHASES)
    return _tidied(form, [*form.phases, Phase(code, name, ())])


def with_norm(form: Form, norm: Norm) -> Form:
    """The form with another norm, its items in the order of the form."""
    deciding = tuple(number for number in form.items if number in norm.deciding)
    required = tuple(number for number in form.items if number in norm.required)
    return replace(form, norm=replace(norm, deciding=deciding, required=required))


def without_item(form: Form, number: int) -> Form:
    """The form without an item of one's own, also in the norm."""
    phases = [
        replace(phase, items=tuple(i for i in phase.items if i.number != number)) for phase in form.phases
    ]
    return _tidied(form, phases)


def without_phase(form: Form, code: str) -> Form:
    """The form without a phase of one's own; Refused while items stand in it."""
    if any(phase.items for phase in form.phases if phase.code == code):
        raise Refused(N_("Move or remove the items of this phase first."), rule="REP-7")
    return _tidied(form, [phase for phase in form.phases if phase.code != code])


def moved_item(form: Form, number: int, by: int) -> Form:
    """The form with an item one place up (-1) or down (1), at its phase's end into the next phase."""
    phases = [list(phase.items) for phase in form.phases]
    at = next(i for i, items in enumerate(phases) if any(item.number == number for item in items))
    place = next(i for i, item in enumerate(phases[at]) if item.number == number)
    item = phases[at].pop(place)
    if 0 <= place + by <= len(phases[at]):
        phases[at].insert(place + by, item)
    elif 0 <= at + by < len(phases):
        phases[at + by].insert(0 if by > 0 else len(phases[at + by]), item)
    else:
        return form
    return _tidied(
        form,
        [replace(phase, items=tuple(items)) for phase, items in zip(form.phases, phases, strict=True)],
    )


def moved_phase(form: Form, code: str, by: int) -> Form:
    """The form with a phase one place up (-1) or down (1)."""
    phases = list(form.phases)
    at = next(i for i, phase in enumerate(phases) if phase.code == code)
    if not 0 <= at + by < len(phases):
        return form
    phases.insert(at + by, phases.pop(at))
    return _tidied(form, phases)


def next_number(forms: Iterable[Form]) -> int:
    """The number of a new item: none that any version ever had, so that a number always means one item."""
    return 1 + max(number for form in forms for number in form.items)


def next_code(forms: Iterable[Form]) -> str:
    """The code of a new phase, likewise."""
    own = [phase.code for form in forms for phase in form.phases if not fixed_phase(phase.code)]
    return f"own-{1 + max((int(code.removeprefix('own-')) for code in own), default=0)}"


def _tidied(form: Form, phases: Iterable[Phase]) -> Form:
    """A form of these phases, its norm without items that are gone or cannot be heard."""
    new = build(form.version, tuple(phases), form.norm)
    heard = set(new.observable)
    deciding = tuple(number for number in form.norm.deciding if number in heard)
    required = tuple(number for number in form.norm.required if number in heard)
    return with_norm(new, replace(form.norm, deciding=deciding, required=required))


def keeps_the_annex(form: Form) -> bool:
    """Whether a form has the whole annex in its order, whatever else it has (REP-7)."""
    ours = [
        (phase.code, phase.name, tuple(_said(item) for item in phase.items if fixed_item(item.number)))
        for phase in form.phases
        if fixed_phase(phase.code)
    ]
    return ours == [
        (phase.code, phase.name, tuple(map(_said, phase.items))) for phase in annex().phases
    ] and not any(
        fixed_item(item.number)
        for phase in form.phases
        if not fixed_phase(phase.code)
        for item in phase.items
    )


def _said(item: Item) -> tuple[object, ...]:
    return item.number, item.name, item.knowledge, item.observable
