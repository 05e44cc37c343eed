"""What the address of the call list asks for: filters and a place in the list, read strictly; no queries."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext

from kcc.errors import N_, Invalid
from kcc.recordings.queries import Filter
from kcc.web.days import read_span

Key = tuple[datetime, str]
Faults = list[tuple[str, str]]
"""(field, sentence) of whatever could not be understood, in the language of the request."""

FILTERS = ("since", "until", "direction")
DIRECTIONS = {"incoming": N_("incoming"), "outgoing": N_("outgoing")}
ID = re.compile(r"[0-9a-f]{32}")
"""Days of this century alone: years at the ends of the calendar have no instant in UTC."""


def filter_of(args: Mapping[str, str], faults: Faults) -> Filter:
    """What somebody asks to see; each value that is no answer is added to the faults."""
    since, until = read_span(args, faults)
    direction = args.get("direction") or None
    if direction and direction not in DIRECTIONS:
        faults.append(("direction", gettext("Choose a direction from the list.")))
    return Filter(since, until, direction)


def key_of(args: Mapping[str, str], name: str) -> Key | None:
    """A place in the list, as our own links carry it; a mangled one is Invalid."""
    text = args.get(name)
    if not text:
        return None
    stamp, _, id_ = text.partition("~")
    try:
        at = datetime.fromtimestamp(int(stamp) / 1_000_000, UTC)
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None or not ID.fullmatch(id_):
        raise Invalid(name, N_("This link is not complete. Start again at the first page."))
    return at, id_


def address_of(args: Mapping[str, str], name: str, key: Key | None) -> dict[str, Any] | None:
    """The query of the page that begins at a place, filters kept; None where there is no such page."""
    if key is None:
        return None
    kept = {filter_: args[filter_] for filter_ in FILTERS if args.get(filter_)}
    return kept | {name: f"{_microseconds(key[0])}~{key[1]}"}


def _microseconds(instant: datetime) -> int:
    whole = int(instant.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + instant.microsecond
