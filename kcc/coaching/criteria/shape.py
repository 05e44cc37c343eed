"""What a version of the QM form is made of, and how it is written down; keeping versions lives beside it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class NotApplicable(StrEnum):
    """What an answer "n/a" does to the norm; chosen explicitly in every version."""

    LEFT_OUT = "left_out"
    MET = "met"
    NOT_MET = "not_met"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in each language of the product."""

    nl: str
    en: str

    def read(self, language: str) -> str:
        """The text in a language; in Dutch where there is none."""
        return self.en if language == "en" else self.nl


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the form: what it means, whether it is about knowledge, and can be heard at all."""

    number: int
    name: Wording
    question: Wording
    meaning: Wording
    knowledge: bool
    observable: bool


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the call with its items."""

    code: str
    name: Wording
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Norm:
    """When a call meets the norm: `percent` of the deciding items are met, and each required one.

    Without deciding items there is no norm. What an answer "n/a" counts as, `na` says.
    """

    deciding: tuple[int, ...] = ()
    required: tuple[int, ...] = ()
    percent: int = 100
    na: NotApplicable = NotApplicable.LEFT_OUT


@dataclass(frozen=True, slots=True)
class Form:
    """One version of the form; never changed once in use (REP-2)."""

    version: int
    phases: tuple[Phase, ...]
    items: Mapping[int, Item]
    norm: Norm = field(default=Norm())

    @property
    def observable(self) -> tuple[int, ...]:
        """The numbers of the items that can be answered about a recorded call (REP-7)."""
        return tuple(number for number, item in self.items.items() if item.observable)


def build(version: int, phases: tuple[Phase, ...], norm: Norm) -> Form:
    """A form of these phases, its items by number in the order of the form."""
    items = {item.number: item for phase in phases for item in phase.items}
    return Form(version, phases, MappingProxyType(items), norm)


def dump(form: Form) -> str:
    """The form as text, to be stored; equal forms give equal texts."""
    said = {"phases": [asdict(phase) for phase in form.phases], "norm": asdict(form.norm)}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def load(version: int, text: str) -> Form:
    """The form in a text that `dump` made."""
    said = json.loads(text)
    norm = said["norm"]
    return build(
        version,
        tuple(_phase(phase) for phase in said["phases"]),
        Norm(tuple(norm["deciding"]), tuple(norm["required"]), norm["percent"], NotApplicable(norm["na"])),
    )


def _phase(said: dict[str, Any]) -> Phase:
    return Phase(said["code"], Wording(**said["name"]), tuple(_item(item) for item in said["items"]))


def _item(said: dict[str, Any]) -> Item:
    texts = {name: Wording(**said[name]) for name in ("name", "question", "meaning")}
    return Item(said["number"], **texts, knowledge=said["knowledge"], observable=said["observable"])
