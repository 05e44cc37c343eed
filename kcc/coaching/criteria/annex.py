"""The form of the protocol's annex, which is version 1 and stays in every later one (REP-7); stored versions
live in the database.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from kcc.coaching.criteria.shape import Form, Item, Norm, NotApplicable, Phase, Wording, build

VERSION = 1


@cache
def annex() -> Form:
    """Version 1, as form_v1.toml says it; a migration has put the same into every database."""
    raw = tomllib.loads(files("kcc.coaching").joinpath("form_v1.toml").read_text(encoding="utf-8"))
    norm = raw["norm"]
    return build(
        VERSION,
        tuple(_phase(phase) for phase in raw["phase"]),
        Norm(tuple(norm["deciding"]), tuple(norm["required"]), norm["percent"], NotApplicable(norm["na"])),
    )


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
