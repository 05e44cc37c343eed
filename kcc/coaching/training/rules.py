"""What a training may be; pure: words and days in, answers out."""

from datetime import date, timedelta
from enum import StrEnum

from kcc.errors import N_, Invalid

LONGEST_NAME = 120
MOST = 30
"""People in one training."""
LONGEST = timedelta(days=92)
"""From its first day to its last; no call is heard longer than 4 weeks in it (RET-4)."""


class Kind(StrEnum):
    """What trainings with recorded calls may be about (CAL-2)."""

    CUSTOMER_CONTACT = "customer_contact"
    COACHING = "coaching"


def named(name: str) -> str:
    """A training's name as it is kept, or Invalid."""
    name = " ".join(name.split())
    if not name:
        raise Invalid("name", N_("Give the training a name."))
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("name", N_("Use at most %(most)s ordinary characters here."), most=LONGEST_NAME)
    return name


def dated(begins: date, ends: date, today: date) -> None:
    """Refuse days that do not make a training that can still be held."""
    if begins < today:
        raise Invalid("begins", N_("A training begins today or later."))
    if ends < begins:
        raise Invalid("ends", N_("The last day comes after the first."))
    if ends - begins > LONGEST:
        raise Invalid("ends", N_("A training takes at most %(days)s days."), days=LONGEST.days)
