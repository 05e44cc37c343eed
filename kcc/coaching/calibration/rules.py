"""What a calibration session may be, and how it is called where nobody is named; pure."""

from collections.abc import Collection, Mapping
from datetime import date

from kcc.errors import N_, Invalid

FEWEST, MOST = 2, 12
"""Coaches who score one call: agreement takes two, and a discussion has its limits."""


def several(scorer_ids: Collection[str]) -> None:
    """Refuse a session of too few or too many."""
    if len(scorer_ids) < FEWEST:
        raise Invalid("scorers", N_("Choose at least two coaches: one alone agrees with everything."))
    if len(scorer_ids) > MOST:
        raise Invalid("scorers", N_("Choose at most %(most)s coaches."), most=MOST)


def until(ends: date | None, today: date, last: date) -> date:
    """The last day of a session, as it was asked for, or Invalid."""
    if ends is None:
        raise Invalid("ends", N_("Fill in until which day the coaches can score and discuss."))
    if ends < today:
        raise Invalid("ends", N_("This day is past."))
    if ends > last:
        raise Invalid(
            "ends", N_("The recording is erased before that. The last possible day is %(day)s."), day=last
        )
    return ends


def label(id_: str) -> str:
    """How a call is called where its employee is not named: by a part of a random id, which tells nothing."""
    return id_[:4].upper()


def all_done(finished: Mapping[str, bool], still_coaches: Collection[str]) -> bool:
    """Whether the sheets can be laid open: all who are still coaches have finished, and two at all."""
    waited_for = [done for coach_id, done in finished.items() if coach_id in still_coaches]
    return all(waited_for) and sum(finished.values()) >= FEWEST
