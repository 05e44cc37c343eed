"""The employee's page of selection days: what is coming and why so many, the calendar's file, and asking not
to have dates announced; the coach's pages are planned's.
"""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.coaching import exceptions, planning, unannounced
from kcc.coaching.planned import queries, telling, texts
from kcc.coaching.planned.forms import Errors, reason_words
from kcc.coaching.planned.rules import Ended
from kcc.coaching.planned.views import done
from kcc.notices import calendars
from kcc.people import queries as people
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("own_days", __name__)


@bp.get("/selection-days")
@needs(Action.ANNOUNCEMENT_READ)
def show() -> ResponseReturnValue:
    """The coming days, the number of calls a month, and whether days are announced."""
    return _page()


@bp.get("/selection-days/<selection_id>.ics")
@needs(Action.ANNOUNCEMENT_READ)
def calendar(selection_id: str) -> ResponseReturnValue:
    """The entry of a day for one's own calendar; a day that moved or went replaces the entry of before."""
    with stores().database.read() as session:
        found = planning.announcement(session, actor(), selection_id, stores().settings)
    body = calendars.entry(
        telling.uid(found.id),
        gettext("Selection of calls"),
        found.day,
        sequence=found.sequence,
        cancelled=found.withdrawn,
        description=gettext(
            "The system draws at random at most %(count)d of your calls for your coach.", count=found.most
        ),
        url=url_for("own_days.show", _external=True),
    )
    name = f"kcc-{found.day.isoformat()}.ics"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=calendars.CONTENT_TYPE, headers=headers)


@bp.post("/selection-days/unannounced")
@needs(Action.UNANNOUNCED_ASK)
def ask() -> ResponseReturnValue:
    """Ask that one's own days are not announced (ANN-2)."""
    errors: Errors = []
    if not done(errors, lambda session: unannounced.ask(session, actor())):
        return _page(errors), 409
    flash(gettext("Your coach is asked. Until there is an answer your days are announced."))
    return redirect(url_for("own_days.show"), 303)


@bp.post("/selection-days/announced")
@needs(Action.UNANNOUNCED_ASK)
def revoke() -> ResponseReturnValue:
    """Take that back, at once (ANN-2)."""
    errors: Errors = []
    if not done(errors, lambda session: unannounced.revoke(session, actor(), stores().settings)):
        return _page(errors), 409
    flash(gettext("From now on your selection days are announced."))
    return redirect(url_for("own_days.show"), 303)


def _page(errors: Errors | None = None) -> str:
    me, today, settings = actor(), clock.today(), stores().settings
    permit = policy.permit(me, Action.ANNOUNCEMENT_READ, policy.Subject("selection"))
    with stores().database.read() as session:
        days = planning.announcements(session, me, today, settings)
        held = queries.exceptions_of(session, me.person_id, today)
        latest = queries.latest_agreement(session, me.person_id)
        stands = latest is not None and queries.stands(session, latest, today)
        coaches = people.coaches_of(session, me.person_id, today) - {me.person_id}
        named = {one.coach_id for one in held} | ({latest.coach_id} if latest else set())
        names = people.names(session, [one for one in named if one])
        limit = queries.limit(session, me.person_id, settings.limits)
    refused = latest is not None and latest.ended_why == Ended.REFUSED.value
    keys = stores().keys
    return render(
        "coaching/planned/own_days.html",
        permit.reason,
        days=[one for one in days if not one.withdrawn],
        withdrawn=[one for one in days if one.withdrawn],
        exceptions=held,
        explained=exceptions.explanations(keys, held),
        reasons=reason_words(),
        usual=settings.limits.calls_per_month,
        limit=limit,
        today=today,
        agreement=latest,
        stands=stands,
        waits=latest is not None and latest.answered_at is None and latest.ended_at is None,
        because=texts.read(keys, texts.REFUSAL, latest.id, latest.reason) if latest and refused else None,
        refused=refused,
        has_coach=bool(coaches),
        names=names,
        errors=errors,
    )
