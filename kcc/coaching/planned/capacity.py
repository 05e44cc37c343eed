"""How many employees fit in a coach's day, as the coach says, and the month's proposal that follows."""

from dataclasses import dataclass
from datetime import date
from random import Random
from secrets import SystemRandom

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.model import SelectionDate
from kcc.coaching.planned import queries, rules
from kcc.coaching.planned.model import CoachCapacity
from kcc.config import Settings
from kcc.db import put
from kcc.errors import N_, Invalid
from kcc.people import queries as people

SUBJECT = Subject("planning")
MOST = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """A coach's month: who has dates, and who has none with the days proposed (None: no day is free)."""

    permit: Permit
    month: date
    capacity: int
    names: dict[str, str]
    dates: dict[str, list[SelectionDate]]
    proposed: dict[str, list[date | None]]


def set_capacity(session: Session, actor: Actor, number: int) -> None:
    """Say how many employees fit in a day of one's own; proposals keep to it."""
    permit = policy.permit(actor, Action.COACHING_PLAN, SUBJECT)
    if not 1 <= number <= MOST:
        raise Invalid("capacity", N_("Choose a number from 1 to %(most)d."), most=MOST)
    record.act(session, permit, step="capacity", number=number)
    key = {"coach_id": actor.person_id}
    put(session, CoachCapacity, key, employees_a_day=number, set_at=clock.now())


def propose(
    session: Session, actor: Actor, settings: Settings, month: date, parts: int, lot: Random | None = None
) -> Plan:
    """A coach's month with a proposal for who has no date in it: `parts` days each; sets nothing.

    Who comes on which day is decided by lot: from the others' days nobody can tell an own day that is not
    announced (ANN-2).
    """
    permit = policy.permit(actor, Action.COACHING_PLAN, SUBJECT)
    record.act(session, permit, month=str(month))
    today = clock.today()
    coached = people.employees_of(session, actor.person_id, today) - {actor.person_id}
    monitored = people.speaking(session, coached, today)
    names = dict(sorted(people.names(session, monitored).items(), key=lambda one: one[1].casefold()))
    dates = queries.dates_of(session, names.keys(), month, month)
    capacity = queries.capacity(session, actor.person_id) or settings.sampling.employees_a_day
    without = [employee_id for employee_id in names if not dates[employee_id]]
    (lot or SystemRandom()).shuffle(without)
    days = rules.working_days(month, rules.earliest(today, settings.sampling), settings.sampling)
    spread = rules.spread_parts(len(without), parts, days, queries.load(dates), capacity)
    drawn = dict(zip(without, spread, strict=True))
    proposed = {employee_id: drawn[employee_id] for employee_id in names if employee_id in drawn}
    return Plan(permit, month, capacity, names, dates, proposed)
