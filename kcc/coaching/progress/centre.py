"""Where the centre as a whole stands, by item: counted once a quarter, read by those who may (AGG-1, AGG-4).

A quarter is counted after it has closed, from that quarter's calls alone, and never again: no later figure of
it exists that could be held against an earlier one, and two quarters share no call. What is kept are a number
of people and a fifth; whose, and which reports, is kept nowhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.progress import reading, rules
from kcc.coaching.progress.model import CentreFigure, CentreQuarter
from kcc.coaching.progress.rules import Figure, Scored
from kcc.coaching.quality_plan import Form
from kcc.db import inserting
from kcc.stores import Stores

SUBJECT = Subject("centre")
BACK = 4
"""How many closed quarters are counted if nobody did: a year."""
Item = tuple[int, int]
"""A version of the form, and the number of an item in it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was published: the quarters, newest first, and the figures of each form's items in them."""

    permit: Permit
    quarters: list[date]
    forms: list[Form]
    figures: dict[tuple[date, int, int], Figure]
    least: int


def count_closed(stores: Stores, actor: Actor, today: date) -> int:
    """Count every closed quarter of the last year that nobody counted; answers how many. Repeatable."""
    done, quarter = 0, rules.quarter_of(today)
    for _ in range(BACK):
        closed, quarter = quarter, rules.quarter_before(quarter)
        done += _count(stores, actor, quarter, closed)
    return done


def read(session: Session, actor: Actor, least: int) -> Standing:
    """The published figures of groups of at least `least` people, never fewer than five (AGG-1, GOV-2)."""
    permit = policy.permit(actor, Action.CENTRE_READ, SUBJECT)
    record.act(session, permit)
    least = max(least, rules.BANDS)
    recent = select(CentreQuarter.day).order_by(CentreQuarter.day.desc()).limit(BACK)
    quarters = list(session.scalars(recent))
    rows = session.scalars(
        select(CentreFigure).where(CentreFigure.quarter.in_(quarters), CentreFigure.people >= least)
    )
    figures = {(row.quarter, row.form_version, row.item): Figure(row.people, row.band) for row in rows}
    versions = sorted({version for _, version, _ in figures}, reverse=True)
    return Standing(
        permit, quarters, [reading.form(session, version) for version in versions], figures, least
    )


def figures_of(session: Session, scored: Iterable[Scored], least: int) -> dict[Item, Figure]:
    """What may be published of some reports, item by item of each version of the form."""
    sums: dict[Item, dict[str, tuple[float, int]]] = {}
    for report in scored:
        form = reading.form(session, report.version)
        for number in form.observable:
            found = rules.met(report.draft, number, rules.treatment(form))
            if found is not None:
                people = sums.setdefault((report.version, number), {})
                total, calls = people.get(report.employee_id, (0.0, 0))
                people[report.employee_id] = (total + found, calls + 1)
    made = ((item, rules.figure(people, least)) for item, people in sums.items())
    return {item: figure for item, figure in made if figure is not None}


def _count(stores: Stores, actor: Actor, quarter: date, closed: date) -> int:
    """Count one quarter, if nobody has: of two who try at once one comes too late, and leaves it."""
    permit = policy.permit(actor, Action.CENTRE_COMPUTE, Subject("centre", quarter.isoformat()))
    with stores.database.read() as session:
        if session.get(CentreQuarter, quarter) is not None:
            return 0
        which = reading.between(quarter, closed)
        figures = figures_of(
            session, reading.scored(session, stores.keys, *which), stores.settings.limits.least_in_group
        )
    with stores.database.write() as session:
        if not _first(session, quarter):
            return 0
        record.act(session, permit, items=len(figures))
        if figures:
            rows = [_row(quarter, item, figure) for item, figure in sorted(figures.items())]
            session.execute(insert(CentreFigure), rows)
    return 1


def _first(session: Session, quarter: date) -> bool:
    """Whether this quarter is ours to publish; the row is there either way."""
    row = inserting(session, CentreQuarter, day=quarter, computed_at=clock.now())
    made = session.execute(row.on_conflict_do_nothing().returning(CentreQuarter.day))
    return made.first() is not None


def _row(quarter: date, item: Item, figure: Figure) -> dict[str, object]:
    version, number = item
    return {
        "quarter": quarter,
        "form_version": version,
        "item": number,
        "people": figure.people,
        "band": figure.band,
    }
