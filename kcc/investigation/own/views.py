"""The page on which an employee sees the cases about themselves that they were told of: that there is one,
who decided it, what for, until when, and how it ended (WGT-2).
"""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.investigation import forms, queries
from kcc.investigation.own import seeing
from kcc.investigation.views import itself
from kcc.web.identity import actor
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("case_own", __name__)


@bp.get("/my-cases")
@needs(Action.CASE_OWN)
def show() -> ResponseReturnValue:
    """The cases about the actor that they were told of; the page reads the same where there is none yet."""
    me = actor()
    permit = policy.permit(me, Action.CASE_OWN, Subject("case"))
    with itself().database.write() as session:
        record.act(session, permit)
        found = [seeing.seen(itself(), session, one) for one in queries.told_to(session, me.person_id)]
    return render(
        "investigation/own.html",
        permit.reason,
        cases=found,
        states=forms.STATES,
        grounds=forms.GROUNDS,
        seats=forms.SEATS,
        hows=forms.HOWS,
    )
