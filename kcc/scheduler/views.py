"""The administrator's status page: figures, the timetable and its runs; nothing about anybody (ACC-6)."""

from collections.abc import Mapping

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock, status
from kcc.access import policy
from kcc.access.actions import Action
from kcc.audit import record
from kcc.scheduler import figures, words
from kcc.scheduler.timetable import timetable
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("status", __name__)


@bp.get("/status")
@needs(Action.STATUS_READ)
def show() -> ResponseReturnValue:
    """How kcc is doing."""
    with stores().database.write() as session:
        permit = policy.permit(actor(), Action.STATUS_READ, policy.Subject("status"))
        record.act(session, permit)
    found = status.gather(stores())
    jobs = figures.jobs(found["jobs"], timetable(stores().settings.scheduler))
    return render(
        "status/show.html",
        permit.reason,
        at=clock.now(),
        top=figures.top(found, jobs),
        jobs=jobs,
        recordings=_counted(words.RECORDINGS, found["recordings"]),
        samples=_counted(words.DRAWS, found["draws"]) + _counted(words.REPORTS, found["reports"]),
        quarantine=_counted(words.QUARANTINE, found["quarantine"]),
        decoding=found["decoding"],
        refused=_counted(words.REFUSED, found["refused"]),
    )


def _counted(words_: Mapping[str, str], numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(gettext(sentence), number) for sentence, number in words.counted(words_, numbers)]
