"""The administrator's status page: figures, the timetable and its runs; nothing about anybody (ACC-6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock, status
from kcc.access import policy
from kcc.access.actions import Action
from kcc.audit import record
from kcc.errors import Invalid
from kcc.scheduler import alarms, auditing, figures, words
from kcc.scheduler.timetable import timetable
from kcc.timekeeping import guard
from kcc.wall.rights import Role
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs
from kcc.web.streaming import attached

bp = Blueprint("status", __name__)


@bp.get("/status")
@needs(Action.STATUS_READ)
def show() -> ResponseReturnValue:
    """How kcc is doing."""
    with stores().database.write() as session:
        permit = policy.permit(actor(), Action.STATUS_READ, policy.Subject("status"))
        record.act(session, permit)
    return _page(permit.reason)


@bp.post("/status/clock")
@needs(Action.CLOCK_CONFIRM, step_up=True)
def confirm_clock() -> ResponseReturnValue:
    """The administrator vouches for the present time, so that what is due can go."""
    reason = request.form.get("reason", "")
    try:
        with stores().database.write() as session:
            guard.confirm(session, actor(), reason)
    except Invalid as fault:
        permit = policy.permit(actor(), Action.CLOCK_CONFIRM, policy.Subject("clock"))
        return _page(permit.reason, reason=reason, fault=sentence(fault)), 422
    flash(gettext("The clock is confirmed. What is due goes with the next run."))
    return redirect(url_for("status.show"), 303)


@bp.post("/audit/log")
@needs(Action.AUDIT_EXPORT, step_up=True)
def whole_log() -> ResponseReturnValue:
    """The whole audit log, as `kcc audit verify` checks it, to whoever oversees."""
    told = auditing.export_pieces(stores().acting(Role.JOBS), actor())  # it seals and signs first
    name = f"audit-{clock.today().isoformat()}.jsonl"
    return Response(told, mimetype="application/x-ndjson", headers=attached(name))


def _page(why: str, reason: str = "", fault: str | None = None) -> str:
    found, settings = status.gather(stores().acting(Role.FIGURES)), stores().settings
    doubt = found["clock"]["doubt"]
    jobs = figures.jobs(found["jobs"], timetable(settings.scheduler, dropping=bool(settings.drops)))
    return render(
        "status/show.html",
        why,
        clock_doubt=gettext(guard.SENTENCES[doubt]) if doubt else None,
        alarms=[_alarm(alarm) for alarm in found["alarms"] if alarm["name"] != "clock"],  # has its own place
        clock_confirmable=found["clock"]["confirmable"],
        clock_reason=reason,
        clock_fault=fault,
        errors=[("reason", fault)] if fault else None,
        at=clock.now(),
        top=figures.top(found, jobs),
        jobs=jobs,
        recordings=_counted(words.RECORDINGS, found["recordings"]),
        samples=_counted(words.DRAWS, found["draws"]) + _counted(words.REPORTS, found["reports"]),
        quarantine=_counted(words.QUARANTINE, found["quarantine"]),
        decoding=found["decoding"],
        refused=_counted(words.REFUSED, found["refused"]),
        drops=_counted(words.DROPS, found["drops"]),
        letters=_counted(words.LETTERS, found["letters"]),
        browser_reports=_counted({}, found["browser_reports"]),
    )


def _alarm(alarm: Mapping[str, Any]) -> tuple[str, datetime]:
    words = alarms.SENTENCES[alarm["name"]]
    return gettext(words, count=alarm["count"]), datetime.fromisoformat(alarm["since"])


def _counted(words_: Mapping[str, str], numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(gettext(sentence), number) for sentence, number in words.counted(words_, numbers)]
