"""What the addresses and forms about the audit ask for: filters and a place in the list, read strictly."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext

from kcc import clock
from kcc.access import deeds
from kcc.audit.searching import Key
from kcc.errors import N_, Invalid
from kcc.insight.own import REFUSED, WHO, Asked
from kcc.insight.search import ROLES, Query
from kcc.web.days import read_span

Faults = list[tuple[str, str]]
"""(field, sentence) of whatever could not be understood, in the language of the request."""
FILTERS = ("who", "kind", "since", "until")
SEARCHED = ("person", "role", "kind", "since", "until", "call")
ID = re.compile(r"[0-9a-f]{32}")
TEXT_LONGEST = 200
ROLE_WORDS = {
    "either": N_("did it, or it is about them"),
    "about": N_("it is about them"),
    "by": N_("did it"),
}
WHO_WORDS = {
    "all": N_("Everybody, with your data"),
    "others": N_("Others, with your data"),
    "me": N_("You, with anybody's data"),
}
_PLACE = re.compile(r"([0-9]{1,17})~([0-9a-f]{64})")


def asked_of(args: Mapping[str, str], faults: Faults) -> Asked:
    """What somebody asks to see of their own; each value that is no answer is added to the faults."""
    who, kind = args.get("who") or "all", args.get("kind") or ""
    if who not in WHO:
        faults.append(("who", gettext("Choose from the list whose acts you want to see.")))
    since, until = period_of(args, faults)
    return Asked(who, kind_of(kind, faults), since, until)


def query_of(args: Mapping[str, str], faults: Faults) -> Query:
    """What the officer searches, people and calls by their ids; each value that is no answer is a fault."""
    role = args.get("role") or "either"
    if role not in ROLES:
        faults.append(("role", gettext("Choose from the list what the person has to do with it.")))
    named = {name: args.get(name) or None for name in ("person", "call")}
    for name, value in named.items():
        if value and not ID.fullmatch(value):
            raise Invalid(name, N_("This link is not complete. Start again at the first page."))
    since, until = period_of(args, faults)
    kind = kind_of(args.get("kind") or "", faults)
    return Query(named["person"], role, kind, since, until, named["call"])


def typed(form: Mapping[str, str], name: str) -> str:
    """A line of text as somebody typed it, without what cannot stand in one."""
    return " ".join(form.get(name, "").replace("\0", " ").split())[:TEXT_LONGEST]


def kind_of(kind: str, faults: Faults) -> str:
    """A kind of acts, empty for all."""
    if kind and kind not in kinds():
        faults.append(("kind", gettext("Choose from the list what you want to see.")))
    return kind


def kinds() -> dict[str, str]:
    """The kinds that can be chosen, in words of this language."""
    named = {kind: gettext(words) for kind, (words, _) in deeds.KINDS.items()}
    return {**named, "other": gettext(deeds.OTHER), REFUSED: gettext(N_("Refused attempts"))}


def period_of(args: Mapping[str, str], faults: Faults) -> tuple[datetime | None, datetime | None]:
    """The instants between two days of the centre, both of them included."""
    since, until = read_span(args, faults)
    return (
        clock.start_of_day(since) if since else None,
        clock.start_of_day(until + timedelta(days=1)) if until else None,
    )


def key_of(args: Mapping[str, str], name: str) -> Key | None:
    """A place in the list, as our own links carry it; a mangled one is Invalid."""
    text = args.get(name)
    if not text:
        return None
    found = _PLACE.fullmatch(text)
    try:
        at = datetime.fromtimestamp(int(found[1]) / 1_000_000, UTC) if found else None
    except (ValueError, OverflowError, OSError):
        at = None
    if found is None or at is None:
        raise Invalid(name, N_("This link is not complete. Start again at the first page."))
    return at, bytes.fromhex(found[2])


def address_of(args: Mapping[str, str], kept: tuple[str, ...], name: str, key: Key | None) -> dict[str, Any]:
    """The query of the page that begins at a place, filters kept; empty where there is no such page."""
    if key is None:
        return {}
    whole = int(key[0].replace(microsecond=0).timestamp()) * 1_000_000 + key[0].microsecond
    return {filter_: args[filter_] for filter_ in kept if args.get(filter_)} | {
        name: f"{whole}~{key[1].hex()}"
    }
