"""When a recording must go, and what a line's rules say of a call; pure: dates and words in, answers out."""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kcc import clock

TERM = "RET-1"
THREAT_TERM = "RET-2"
QUARANTINE_TERM = "RET-1"
FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a recorder's clock may run ahead of ours."""

UNKNOWN_LINE = "?"
"""Under which refusals are counted whose line nobody knows: what a stranger wrote is not kept."""

PATIENCE = 3
"""How often a failing erasure is tried at every run before it has to wait."""
LONGEST_WAIT = timedelta(hours=24)


def erasure_wait(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: not at all, then 2 hours, doubled up to a day."""
    if attempts < PATIENCE:
        return timedelta(0)
    return min(timedelta(hours=2 ** min(attempts - PATIENCE + 1, 5)), LONGEST_WAIT)


class LineKind(StrEnum):
    """What the protocol says of a line's calls."""

    RECORDED = "recorded"
    NETWORK = "network"
    """Recorded, and never in a sample (SAM-4)."""
    DIRECT = "direct"
    """Outside the recorded exchange: sealed (PUR-3)."""
    INTERNAL = "internal"
    """Between colleagues only: sealed (PUR-3). On any other line a call that is internal is sealed too."""
    PRIVATE = "private"
    """Never recorded: refused and destroyed at the source (PUR-4)."""
    EXCLUDED = "excluded"
    """Not recorded by decision: refused."""


class Fate(StrEnum):
    """What happens to an arriving call, from the mildest to the strictest."""

    STORE = "store"
    SEAL = "seal"
    REFUSE = "refuse"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate of a call, with the code and the rule that say why."""

    fate: Fate
    code: str
    rule: str | None = None


def due_at(started_at: datetime, days: int) -> datetime:
    """When a recording must be gone: `days` × 24 h after it started (RET-1)."""
    return started_at + timedelta(days=days)


def threat_due_at(started_at: datetime, months: int) -> datetime:
    """When a threat recording must be gone: calendar months after its recording date, on the centre's
    clock (RET-2).

    Day and wall-clock time stay; a day that the month lacks becomes its last one.
    """
    local = started_at.astimezone(clock.LOCAL)
    years, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month + 1
    day = min(local.day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(started_at.tzinfo)


def quarantine_due_at(started_at: datetime, received_at: datetime, term_days: int, days: int) -> datetime:
    """A call that nobody can be found for goes after `days`, and never later than its ordinary term."""
    return min(due_at(started_at, term_days), received_at + timedelta(days=days))


REVIEW_MONTHS = 3
"""Within how many calendar months a hold is looked at again."""


def review_at(placed_at: datetime, until: datetime, wanted: datetime | None = None) -> datetime | None:
    """When a hold is looked at again: as wanted, else as late as may be; None when that is too late or past.

    Never later than 3 calendar months after it was placed (or last looked at), nor than its end.
    """
    latest = min(until, threat_due_at(placed_at, REVIEW_MONTHS))
    if wanted is None:
        return latest
    return wanted if placed_at < wanted <= latest else None


def judge_line(
    kind: LineKind | None, welcome_text_since: date | None, started_on: date, scope: str
) -> Verdict:
    """What a line's rules say of a call that started on a day (PUR-3, PUR-4, PUR-5); no kind = an unknown
    line.
    """
    if kind is None:
        return Verdict(Fate.REFUSE, "line_unknown", "PUR-5")
    if kind is LineKind.PRIVATE:
        return Verdict(Fate.DESTROY, "private_line", "PUR-4")
    if kind is LineKind.EXCLUDED:
        return Verdict(Fate.REFUSE, "line_excluded", "PUR-3")
    if kind is LineKind.DIRECT:
        return Verdict(Fate.SEAL, "direct_line", "PUR-3")
    if kind is LineKind.INTERNAL or scope == "internal":
        return Verdict(Fate.SEAL, "internal_call", "PUR-3")
    if welcome_text_since is None or started_on < welcome_text_since:
        return Verdict(Fate.REFUSE, "no_welcome_text", "PUR-5")
    return Verdict(Fate.STORE, "stored")


_SAYS_WHY_FIRST = (
    LineKind.PRIVATE,
    LineKind.EXCLUDED,
    LineKind.DIRECT,
    LineKind.INTERNAL,
    LineKind.NETWORK,
    LineKind.RECORDED,
)


def judge_register(
    kinds: Collection[LineKind], welcome_text_since: date | None, started_on: date, scope: str
) -> Verdict:
    """The strictest of what a line's rules say by every kind that it had from the call's start until now.

    So what was once refused, destroyed or registered without sound stays so when the kind is changed, however
    late or often the call comes. No kinds = an unknown line. The welcome text's day is a fact about the past:
    the latest statement of it counts (PUR-5).
    """
    ranked = sorted(kinds, key=_SAYS_WHY_FIRST.index)  # two may be equally strict
    verdicts = [judge_line(kind, welcome_text_since, started_on, scope) for kind in ranked or (None,)]
    return max(verdicts, key=lambda verdict: list(Fate).index(verdict.fate))


def judge_time(started_at: datetime, now: datetime, term_days: int) -> Verdict | None:
    """Refuse a start in the future, or one whose term is over (RET-1); None when the time is good."""
    if started_at > now + FUTURE_TOLERANCE:
        return Verdict(Fate.REFUSE, "start_in_future")
    if now >= due_at(started_at, term_days):
        return Verdict(Fate.REFUSE, "past_term", "RET-1")
    return None
