"""What the draw, its dates and its replacements come to; pure: bytes, dates and words in, answers out."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kcc.sections import Sampling

RULE_VERSION = "qm-draw-v1"
"""Names the arithmetic below; a draw made under it is recomputed under it, whatever comes later."""

LENGTH_BYTES = 4
FREED_A_MONTH = 4
"""How many slots an employee's month may free (SAM-1)."""

LOOK_AHEAD = timedelta(days=7)
"""How long before the latest permitted moment a date may already be announced."""


class SelectionState(StrEnum):
    """Where a selection date stands: known, its pool frozen, drawn; or never drawn: too late, lapsed, or
    withdrawn beforehand.
    """

    ANNOUNCED = "announced"
    COMMITTED = "committed"
    DRAWN = "drawn"
    MISSED = "missed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class Left(StrEnum):
    """Why a drawn call left the sample (SAM-5, SAM-6, REP-5)."""

    NOT_REPRESENTATIVE = "not_representative"
    THREAT = "threat"
    ERASED = "erased"
    FUNCTION = "function"


FREES = frozenset({Left.NOT_REPRESENTATIVE, Left.THREAT, Left.ERASED})
"""What frees a slot (SAM-1); the month of somebody who is monitored no more has nothing to fill."""


class NotRepresentative(StrEnum):
    """What a coach found instead of a business call (SAM-4, SAM-5)."""

    PRIVATE = "private"
    INTERNAL = "internal"
    NETWORK = "network"
    NO_CONVERSATION = "no_conversation"
    TEST_CALL = "test_call"
    OTHER_EMPLOYEE = "other_employee"


class Skipped(StrEnum):
    """Why a ticket of a frozen pool was passed over."""

    ERASED = "erased"
    DUE = "due"
    THREAT = "threat"
    NOT_LIVE = "not_live"
    SAMPLED = "sampled"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call as the draw looks at it."""

    employee_id: str | None
    line_kind: str | None
    state: str
    scope: str
    direction: str
    nature: str
    duration_ms: int
    started_at: datetime
    due_at: datetime
    barred: bool
    sampled: bool


def is_eligible(call: Candidate, employee_id: str, now: datetime, sampling: Sampling) -> bool:
    """Whether a call belongs in the pool of an employee's draw at this moment (SAM-1, SAM-4, SAM-6).

    queries.eligible says the same in SQL; a test holds the two together.
    """
    business = (
        call.line_kind == "recorded"
        and call.scope == "external"
        and call.direction in sampling.directions
        and call.nature in sampling.natures
        and sampling.min_seconds * 1000 <= call.duration_ms <= sampling.max_seconds * 1000
    )
    begin, end = window(now, sampling)
    in_time = call.started_at >= begin and call.due_at >= end
    free = call.state == "live" and not call.barred and not call.sampled
    return business and in_time and free and call.employee_id == employee_id


def window(now: datetime, sampling: Sampling) -> tuple[datetime, datetime]:
    """A pool's calls started at the first instant or later, and live at least until the second (SAM-1)."""
    return now - timedelta(days=sampling.window_days), now + timedelta(days=sampling.min_days_left)


def seed(secret: bytes, phrase: str, draw_id: str) -> bytes:
    """SHA-256 over secret, phrase and draw id, each after its length (4 bytes, big-endian)."""
    parts = (secret, phrase.encode(), draw_id.encode())
    return hashlib.sha256(b"".join(len(p).to_bytes(LENGTH_BYTES, "big") + p for p in parts)).digest()


def ticket(seed_: bytes, draw_id: str, recording_id: str) -> bytes:
    """The lot of one call in one draw: HMAC-SHA-256(seed, "qm-draw-v1" ‖ 0 ‖ draw ‖ 0 ‖ id)."""
    return hmac.digest(seed_, _prefix(draw_id) + recording_id.encode(), "sha256")


def order(seed_: bytes, draw_id: str, recording_ids: Iterable[str]) -> list[tuple[bytes, str]]:
    """(ticket, id) of all calls, lowest ticket first: the first k win, the next one replaces (SAM-5)."""
    prefix = _prefix(draw_id)
    return sorted((hmac.digest(seed_, prefix + i.encode(), "sha256"), i) for i in recording_ids)


def _prefix(draw_id: str) -> bytes:
    return b"%s\0%s\0" % (RULE_VERSION.encode(), draw_id.encode())


def step(secret: bytes) -> bytes:
    """The secret that was published before this one: its SHA-256."""
    return hashlib.sha256(secret).digest()


def chain_end(root: bytes, length: int) -> bytes:
    """What is published of a chain: its root after `length` steps."""
    return chain_secrets(root, length, 0, 1)[0]


def chain_secrets(root: bytes, length: int, first: int, count: int) -> list[bytes]:
    """The chain's secrets number `first`, `first` + 1, …: number i is the root after `length` - i steps.

    Each one's step is the secret before it, down to number 0, the published end; so a secret once shown
    proves itself, and tells nothing of the next.
    """
    last = first + count - 1
    if not 0 <= first <= last <= length:
        raise ValueError("the chain has no such secrets")
    secret = root
    for _ in range(length - last):
        secret = step(secret)
    secrets = [secret]
    while len(secrets) < count:
        secrets.append(step(secrets[-1]))
    return secrets[::-1]


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def proposed_day(month: date, today: date, sampling: Sampling) -> date | None:
    """The day on which a month's calls are drawn if it is announced today, or None when none is left in it.

    The set day of the month, moved on to a working day (back, where the month would end); never earlier than
    the announcement allows (ANN-1).
    """
    first = today + timedelta(days=sampling.announce_days)
    set_day = month.replace(day=sampling.day_of_month)
    working = [day for day in _month_from(month, first) if is_working(day, sampling)]
    later = (day for day in working if day >= set_day)
    return next(later, working[-1] if working else None)


def is_working(day: date, sampling: Sampling) -> bool:
    """Whether people work on a day: none of a weekend, and no holiday of the centre's."""
    return day.weekday() < 5 and day not in sampling.non_working_days


def _month_from(month: date, first: date) -> list[date]:
    begin = max(month, first)
    return [begin + timedelta(days=number) for number in range((next_month(month) - begin).days)]


def months_to_announce(today: date, sampling: Sampling) -> list[date]:
    """The months whose dates are announced now: this one, and the next when its day comes near."""
    this = month_of(today)
    following = next_month(this)
    latest = following.replace(day=sampling.day_of_month) - timedelta(days=sampling.announce_days)
    return [this, following] if today >= latest - LOOK_AHEAD else [this]


def free_slots(limit: int, occupied: Sequence[int]) -> list[int]:
    """The slots of a month in which calls may still be placed: never more live than the limit (SAM-1)."""
    free = [slot for slot in range(1, limit + 1) if slot not in occupied]
    return free[: max(0, limit - len(occupied))]
