"""The QM form by version, as the quality plan fixes it (REP-2, REP-7); answers to it live in draft."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from kcc.errors import NotFound

CURRENT = 1
"""The version on which new reports are written."""


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
class Form:
    """One version of the form; never changed once in use (REP-2)."""

    version: int
    phases: tuple[Phase, ...]
    items: Mapping[int, Item]

    @property
    def observable(self) -> tuple[int, ...]:
        """The numbers of the items that can be answered about a recorded call (REP-7)."""
        return tuple(number for number, item in self.items.items() if item.observable)


@cache
def form(version: int = CURRENT) -> Form:
    """The form of a version; NotFound when there is none."""
    source = files("kcc.coaching").joinpath(f"form_v{version}.toml")
    if not source.is_file():
        raise NotFound
    raw = tomllib.loads(source.read_text(encoding="utf-8"))
    if raw["version"] != version:
        raise ValueError(f"form_v{version}.toml calls itself version {raw['version']}")
    phases = tuple(_phase(phase) for phase in raw["phase"])
    items = {item.number: item for phase in phases for item in phase.items}
    return Form(version, phases, MappingProxyType(items))


def _phase(raw: dict[str, Any]) -> Phase:
    return Phase(raw["code"], Wording(raw["nl"], raw["en"]), tuple(_item(item) for item in raw["item"]))


def _item(raw: dict[str, Any]) -> Item:
    return Item(
        number=raw["number"],
        name=Wording(raw["nl_name"], raw["en_name"]),
        question=Wording(raw["nl"], raw["en"]),
        meaning=Wording(raw["nl_meaning"], raw["en_meaning"]),
        knowledge=raw.get("knowledge", False),
        observable=raw.get("observable", True),
    )
