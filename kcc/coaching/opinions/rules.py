"""How long a second opinion stands, what ends it, and how two coaches' answers differ; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kcc.access.facts import OpinionState
from kcc.coaching.quality_plan import Form, Item

WINDOW = timedelta(days=14)
"""How long a request stands; within it the second coach hears and scores the call."""
AFTERWARDS = timedelta(days=28)
"""How long the second coach may look back at both scores, if it is not concluded before."""
LONGEST_WHY, LONGEST_CONCLUSION = 1000, 4000
"""Characters that a text may have."""


class Ended(StrEnum):
    """Why a second opinion is over without a conclusion; the last: its report is being erased."""

    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    ERASED = "erased"
    THREAT = "threat"
    FUNCTION = "function"
    SUCCEEDED = "succeeded"
    REPORT = "report"


def state(
    now: datetime, ends_at: datetime, *, taken: bool, finished: bool, concluded: bool, ended: bool
) -> OpinionState:
    """Where a second opinion stands at a moment; its window need not have been closed by a job (RET-7)."""
    if ended:
        return OpinionState.ENDED
    if finished:
        return OpinionState.CONCLUDED if concluded else OpinionState.SCORED
    if now >= ends_at:
        return OpinionState.ENDED
    return OpinionState.SCORING if taken else OpinionState.WAITING


def readable(now: datetime, finished_at: datetime | None) -> bool:
    """Whether the second coach may still look back."""
    return finished_at is not None and now < finished_at + AFTERWARDS


def over(
    now: datetime, ends_at: datetime, heard_until: datetime | None, *, begun: bool, threat: bool
) -> Ended | None:
    """What ends an unscored second opinion at a moment, if anything does.

    `heard_until` is None once the sound is gone: then nobody begins any more, and no request extends that
    (RET-6); whoever has begun to score may go on. A threat ends it at once (SAM-6).
    """
    if threat:
        return Ended.THREAT
    if now >= ends_at:
        return Ended.LAPSED
    if not begun and (heard_until is None or now >= heard_until):
        return Ended.ERASED
    return None


class Difference(StrEnum):
    """How two answers to one item relate; SCOPE: only one of the two thinks that it applies."""

    SAME = "same"
    OTHER = "other"
    SCOPE = "scope"


@dataclass(frozen=True, slots=True)
class Pair:
    """One item with both answers and remarks; a remark that was not written is empty."""

    item: Item
    first: str
    second: str
    first_remark: str
    second_remark: str
    difference: Difference


def pairs(form: Form, first: Mapping[str, str], second: Mapping[str, str]) -> Mapping[int, Pair]:
    """Both drafts on a form side by side, item by item, as far as the items can be heard (REP-7)."""
    return {number: _pair(form.items[number], first, second) for number in form.observable}


def _pair(item: Item, first: Mapping[str, str], second: Mapping[str, str]) -> Pair:
    answer, remark = f"answer-{item.number}", f"remark-{item.number}"
    one, other = first.get(answer, ""), second.get(answer, "")
    return Pair(item, one, other, first.get(remark, ""), second.get(remark, ""), difference(one, other))


def difference(one: str, other: str) -> Difference:
    """How two answers relate."""
    if one == other:
        return Difference.SAME
    return Difference.SCOPE if "na" in (one, other) else Difference.OTHER
