"""What may stand in a notice's places, and how that is written down; pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import date

from kcc.access.actor import Function

Param = str | int | date | Function
"""What may stand in a sentence: a name, a number, a day, a function; the page says the last two in words."""


def load(params: str) -> dict[str, Param]:
    """What stands in a notice's places, as it was told."""
    return dict(_loaded(json.loads(params).items()))


def dump(params: Mapping[str, Param]) -> str:
    """What stands in a notice's places, to be kept."""
    return json.dumps({name: _plain(value) for name, value in params.items()}, ensure_ascii=False)


def _plain(value: Param) -> object:
    if isinstance(value, Function):
        return {"function": value.value}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _loaded(items: Iterable[tuple[str, object]]) -> Iterable[tuple[str, Param]]:
    for name, value in items:
        if isinstance(value, dict):
            yield (
                name,
                Function(value["function"]) if "function" in value else date.fromisoformat(value["day"]),
            )
        elif isinstance(value, str | int):
            yield name, value
