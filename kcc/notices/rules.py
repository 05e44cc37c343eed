"""What may stand in a notice's places and how that is written down, and when letters go; pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from kcc import clock
from kcc.access.actor import Function

Param = str | int | date | Function
"""What may stand in a sentence: a name, a number, a day, a function; the page says the last two in words."""

URGENT = frozenset({"signin.reset", "signin.added"})
"""Words that wait for no digest: somebody may be entering in another's name."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=10), timedelta(hours=4)


class How(StrEnum):
    """When somebody is written to: as soon as there is something, or once a day."""

    AT_ONCE = "at_once"
    DIGEST = "digest"


def letter_wait(attempts: int) -> timedelta:
    """How long a letter waits after so many attempts: twice as long each time, up to four hours."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts - 1, 10)))


def last_digest(now: datetime, at: time) -> datetime:
    """The latest moment that has passed at which a day's letters go, by the centre's clock."""
    today = datetime.combine(clock.local_day(now), at, clock.LOCAL)
    return (
        today if today <= now else datetime.combine(clock.local_day(now) - timedelta(days=1), at, clock.LOCAL)
    )


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
