"""The pages of development: one's own, that of somebody one coaches, and the centre as a whole."""

from datetime import date

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc.access.actions import Action
from kcc.coaching.forms import wording
from kcc.coaching.progress import centre as centres
from kcc.coaching.progress import own
from kcc.coaching.progress.charts import chart
from kcc.coaching.progress.rules import MONTHS, Change
from kcc.errors import N_
from kcc.people import queries as people
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("progress", __name__)
CHANGES = {
    Change.MORE: N_("In the last quarter this met the norm more often than in the one before."),
    Change.LESS: N_("In the last quarter this met the norm less often than in the one before."),
    Change.UNKNOWN: N_(
        "Whether anything changed since the quarter before cannot be said: the two intervals overlap."
    ),
}
BANDS = (
    N_("seldom (0 to 20%)"),
    N_("sometimes (20 to 40%)"),
    N_("about half the time (40 to 60%)"),
    N_("often (60 to 80%)"),
    N_("nearly always (80 to 100%)"),
)


@bp.get("/my-progress")
@needs(Action.PROGRESS_READ)
def mine() -> ResponseReturnValue:
    """One's own development over the finished reports about oneself."""
    return _page(actor().person_id, mine=True)


@bp.get("/progress/<employee_id>")
@needs(Action.PROGRESS_READ)
def of_employee(employee_id: str) -> ResponseReturnValue:
    """The development of somebody one coaches, over the reports that one holds."""
    return _page(employee_id, mine=False)


@bp.get("/centre")
@needs(Action.CENTRE_READ)
def centre() -> ResponseReturnValue:
    """Where the centre as a whole stands, item by item."""
    with stores().database.write() as session:
        found = centres.read(session, actor(), stores().settings.limits.least_in_group)
    return render(
        "coaching/progress/centre.html",
        found.permit.reason,
        standing=found,
        bands=[gettext(words) for words in BANDS],
        wording=wording,
        named=[(day, quarter(day)) for day in found.quarters],
        quarters=[quarter(day) for day in found.quarters],
    )


def _page(employee_id: str, *, mine: bool) -> str:
    with stores().database.write() as session:
        found = own.read(session, stores().keys, actor(), employee_id)
        names = people.names(session, [employee_id])
    return render(
        "coaching/progress/own.html",
        found.permit.reason,
        progress=found,
        name=names.get(employee_id, ""),
        mine=mine,
        changes={change: gettext(words) for change, words in CHANGES.items()},
        chart=chart,
        wording=wording,
        short_quarter=short_quarter,
    )


def quarter(day: date) -> str:
    """A quarter by its first day, in words."""
    return str(gettext("quarter %(number)d of %(year)d", number=_number(day), year=day.year))


def short_quarter(day: date) -> str:
    """A quarter as a chart's axis names it."""
    return str(gettext("Q%(number)d", number=_number(day)))


def _number(day: date) -> int:
    return (day.month - 1) // MONTHS + 1
