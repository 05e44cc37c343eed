"""What the coaches typed about an item, a phase or the norm, and what is wrong with it; no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext

from kcc.coaching.criteria import rules
from kcc.coaching.criteria.forms import Errors, told
from kcc.coaching.criteria.rules import ItemValues
from kcc.coaching.criteria.shape import Form, Item, Norm, NotApplicable, Phase, Wording
from kcc.errors import N_

CHOICES = {
    NotApplicable.LEFT_OUT: N_("It is left out, and counts neither way"),
    NotApplicable.MET: N_("It counts as met"),
    NotApplicable.NOT_MET: N_("It counts as not met"),
}


def _typed(form: Mapping[str, str], name: str) -> Wording:
    nl, en = (form.get(f"{name}_{one}", "").replace("\r\n", "\n").strip() for one in ("nl", "en"))
    return Wording(nl, en) if name == "meaning" else Wording(" ".join(nl.split()), " ".join(en.split()))


@dataclass(slots=True)
class ItemForm:
    """An item as typed; `was` is the stamp of what it said when it was opened."""

    values: ItemValues
    was: str = ""
    errors: Errors = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "ItemForm":
        """What was typed."""
        name, question, meaning = (_typed(form, one) for one in ("name", "question", "meaning"))
        heard = form.get("unheard") is None
        return cls(ItemValues(name, question, meaning, "knowledge" in form, heard), form.get("was", ""))

    @classmethod
    def of(cls, item: Item) -> "ItemForm":
        """What an item says."""
        said = ItemValues(item.name, item.question, item.meaning, item.knowledge, item.observable)
        return cls(said, rules.stamp(item))

    @classmethod
    def empty(cls) -> "ItemForm":
        """Nothing yet."""
        nothing = Wording("", "")
        return cls(ItemValues(nothing, nothing, nothing))

    def judged(self, *, fixed: bool) -> bool:
        """Whether it can be saved; else its errors say why not."""
        self.errors += told(rules.item_faults(self.values, fixed=fixed))
        return not self.errors


@dataclass(slots=True)
class PhaseForm:
    """A phase's name as typed."""

    name: Wording = field(default_factory=lambda: Wording("", ""))
    was: str = ""
    errors: Errors = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "PhaseForm":
        """What was typed."""
        return cls(_typed(form, "name"), form.get("was", ""))

    @classmethod
    def of(cls, phase: Phase) -> "PhaseForm":
        """What a phase is called."""
        return cls(phase.name, rules.stamp(phase))

    def judged(self) -> bool:
        """Whether it can be saved; else its errors say why not."""
        self.errors += told(rules.phase_faults(self.name))
        return not self.errors


@dataclass(slots=True)
class NormForm:
    """A norm as chosen; `percent` as typed."""

    deciding: tuple[int, ...] = ()
    required: tuple[int, ...] = ()
    percent: str = ""
    na: str = ""
    was: str = ""
    errors: Errors = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "NormForm":
        """What was chosen, from a posted form."""
        weights = {int(name[7:]): said for name, said in form.items() if _names_an_item(name)}
        required = tuple(number for number, said in weights.items() if said == "required")
        also = tuple(number for number, said in weights.items() if said in ("required", "decides"))
        return cls(also, required, form.get("percent", "").strip(), form.get("na", ""), form.get("was", ""))

    @classmethod
    def of(cls, norm: Norm) -> "NormForm":
        """What a norm says."""
        return cls(norm.deciding, norm.required, str(norm.percent), norm.na.value, rules.stamp(norm))

    def norm(self, form: Form) -> Norm | None:
        """What it says, or None with the errors told."""
        percent = int(self.percent) if self.percent.isdecimal() and len(self.percent) < 4 else 0
        if self.na not in set(NotApplicable):
            self.errors.append(("na", gettext("Choose what an item that does not apply does.")))
            na = NotApplicable.LEFT_OUT
        else:
            na = NotApplicable(self.na)
        found = Norm(self.deciding, self.required, percent, na)
        self.errors += told(rules.norm_faults(form, found))
        return None if self.errors else found


def _names_an_item(name: str) -> bool:
    return name.startswith("weight-") and name[7:].isdecimal() and len(name) < 12
