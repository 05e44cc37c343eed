"""The employee's page to report a call as a threat, and what a team lead learns of it: that it happened,
not what was said.
"""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.audit import record
from kcc.errors import Invalid
from kcc.people import queries as people
from kcc.recordings import holds
from kcc.recordings import queries as recordings
from kcc.recordings.model import Recording
from kcc.recordings.rules import threat_due_at
from kcc.stores import Stores
from kcc.threat import callers, incidents
from kcc.threat import queries as threat
from kcc.threat.rules import KINDS, MOST_CALLS
from kcc.wall.rights import Role
from kcc.web.i18n import long_day, sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("threat", __name__)


def acting() -> Stores:
    """The stores in kcc's own role: reporting moves deadlines and is counted, once the policy permits it."""
    return stores().acting(Role.JOBS)


@bp.get("/calls/<recording_id>/threat")
@needs(Action.THREAT_REPORT)
def report_form(recording_id: str) -> ResponseReturnValue:
    """What reporting means, and the form to do it."""
    return _page(recording_id)


@bp.post("/calls/<recording_id>/threat")
@needs(Action.THREAT_REPORT)
def report(recording_id: str) -> ResponseReturnValue:
    """Report one of the actor's own calls, and with it others of the same caller."""
    # Browsers send every line's end as two characters; the limit is on what was typed.
    kind, account = request.form.get("kind", ""), request.form.get("account", "").replace("\r\n", "\n")
    also = request.form.getlist("also")
    marks = {id_: request.form.get(f"marks-{id_}", "") for id_ in also}
    told = incidents.Told(
        also, marks | {recording_id: request.form.get("marks", "")}, "contact" in request.form
    )
    try:
        with acting().database.write() as session:
            incidents.report(acting(), session, actor(), recording_id, kind, account, told)
    except Invalid as fault:
        return _page(recording_id, fault), 422
    flash(gettext("You have reported this call. It is kept, and it is in nobody's sample."))
    return redirect(url_for("recordings.my_call", recording_id=recording_id), 303)


@bp.post("/calls/<recording_id>/threat/review")
@needs(Action.HOLD_REVIEW)
def review(recording_id: str) -> ResponseReturnValue:
    """The owner of what keeps the call says that it is still needed."""
    with acting().database.write() as session:
        following = incidents.review(session, actor(), recording_id)
    flash(gettext("Noted. Look at it again before %(day)s.", day=long_day(clock.local_day(following))))
    return redirect(url_for("threat.report_form", recording_id=recording_id), 303)


@bp.get("/team")
@needs(Action.TEAM_READ)
def team() -> ResponseReturnValue:
    """The teams the actor leads: who is in them, and that somebody reported a threat (THR-2); no calls, no
    forms.
    """
    me, today = actor(), clock.today()
    with stores().database.write() as session:
        permit = policy.permit(me, Action.TEAM_READ, policy.Subject("team"))
        record.act(session, permit)
        places = people.places(session)
        teams = []
        for team_id in sorted(me.teams_led, key=lambda id_: places.get(id_, "")):
            members = people.team_members(session, team_id, today)
            names = sorted(people.names(session, members).values())
            with acting().database.read() as seen:  # that it happened is told; the rows are not this role's
                reports = threat.reported_in(seen, team_id, clock.now())
            teams.append({"name": places.get(team_id, ""), "members": names, "reports": reports})
    return render("threat/team.html", permit.reason, teams=teams, kinds=KINDS)


def _page(recording_id: str, fault: Invalid | None = None) -> str:
    with acting().database.read() as session:
        facts = recordings.facts(session, recording_id, clock.now())
        subject = policy.Subject("recording", recording_id)
        permit = policy.permit(actor(), Action.THREAT_REPORT, subject, facts)
        call: Recording = recordings.by_id(session, recording_id)
        reported = threat.open_incident_for(session, recording_id)
        hold_id = threat.hold_of(session, recording_id)
        review = holds.review_of(session, hold_id) if hold_id else None
        moments = incidents.moments(stores(), session, reported.id, recording_id) if reported else []
        also = [] if reported else callers.also_of(stores(), session, call)[: MOST_CALLS - 1]
    limits = stores().settings.limits
    return render(
        "threat/report.html",
        permit.reason,
        call=call,
        also=also,
        kept_until=threat_due_at(call.started_at, limits.threat_months),
        months=limits.threat_months,
        term_days=limits.recording_days,
        reported=reported,
        moments=moments,
        review_at=review.review_at if review and review.owner_id == actor().person_id else None,
        review_late=review is not None and review.review_at <= clock.now(),
        kinds=KINDS,
        kind_choices=[(code, gettext(words)) for code, words in KINDS.items()],
        typed=request.form,
        chosen=request.form.getlist("also"),
        errors=[(fault.field, sentence(fault))] if fault else None,
        fault={fault.field: sentence(fault)} if fault else {},
    )
