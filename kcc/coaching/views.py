"""The pages of coaching: the board, the reports, and what is coming for an employee; scoring has its own."""

from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.coaching import boards, forms, planning, queries, reports
from kcc.people import queries as people
from kcc.web.identity import actor, optional_actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("coaching", __name__)


bp.add_app_template_filter(clock.local_day, "local_day")


# --- the coach's board ---


@bp.get("/samples")
@needs(Action.SAMPLE_LIST)
def board() -> ResponseReturnValue:
    """What waits for the coach, and where each employee's month stands."""
    with stores().database.write() as session:
        found = boards.read(session, actor(), stores().settings.limits.calls_per_month)
    return render(
        "coaching/board.html",
        found.permit.reason,
        board=found,
        slot_words=forms.slot_words,
        slot_summary=forms.slot_summary,
    )


# --- reports ---


@bp.get("/reports", endpoint="reports")
@needs(Action.REPORT_LIST)
def list_reports() -> ResponseReturnValue:
    """The reports about the actor, and those the actor wrote as coach."""
    me = actor()
    permit = policy.permit(me, Action.REPORT_LIST, reports.SUBJECT)
    with stores().database.write() as session:
        own = reports.own(session, permit) if Function.EMPLOYEE in me.functions else None
        written, older = None, None
        if Function.COACH in me.functions:
            written, older = reports.written(session, permit, forms.page_key())
        named = [row.coach_id for row in own or [] if row.coach_id]
        names = people.names(session, [*named, *(row.employee_id for row in written or [])])
        days = planning.announcements(session, me, clock.today()) if own is not None else []
    older_url = url_for("coaching.reports", before=forms.stamp(older)) if older else None
    return render(
        "coaching/reports.html",
        permit.reason,
        own=own,
        written=written,
        names=names,
        days=days,
        older_url=older_url,
    )


@bp.get("/reports/<report_id>")
@needs(Action.REPORT_READ)
def report(report_id: str) -> ResponseReturnValue:
    """A report as a letter; a draft goes on to where it is written."""
    with stores().database.write() as session:
        found = reports.read(session, stores().keys, actor(), report_id)
        if found.finished_at is None:
            return redirect(url_for("scoring.sample", sample_id=found.sample_id), 303)
        people_ids = [found.employee_id, *([found.coach_id] if found.coach_id else [])]
        names = people.names(session, people_ids)
    return render("coaching/report.html", found.permit.reason, report=found, names=names, **forms.words())


# --- what is coming, on the employee's start page ---


@bp.app_context_processor
def start_page() -> dict[str, Any]:
    """Let every page ask for `start_notices()`."""
    return {"start_notices": start_notices}


def start_notices() -> list[forms.Notice]:
    """What coaching has to tell an employee: the days of their selections (ANN-1), and unread reports."""
    me = optional_actor()
    if me is None or Function.EMPLOYEE not in me.functions:
        return []
    with stores().database.read() as session:
        days = planning.announcements(session, me, clock.today())
        unread = queries.unread_reports(session, me.person_id)
    most = stores().settings.limits.calls_per_month
    return forms.notices(days, most, unread, url_for("coaching.reports"))
