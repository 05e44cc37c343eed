"""The team lead's page of a decided report to the police: making a copy of a call ready, taking it out."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc.access.actions import Action
from kcc.errors import Invalid
from kcc.stores import Stores
from kcc.threat.police_copy import delivering
from kcc.threat.police_copy.rules import LONGEST_WHY
from kcc.wall.rights import Role
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs
from kcc.web.streaming import attached

bp = Blueprint("police_copies", __name__)


def _acting() -> Stores:
    """The stores in kcc's own role: a team lead reaches no recording, only what the verb permits."""
    return stores().acting(Role.JOBS)


@bp.get("/measures/<measure_id>/police-copy")
@needs(Action.POLICE_COPY_MAKE)
def show(measure_id: str) -> ResponseReturnValue:
    """The calls of which a copy may be made for the police, and what became of each."""
    return _page(measure_id)


@bp.post("/measures/<measure_id>/police-copy")
@needs(Action.POLICE_COPY_MAKE)
def make(measure_id: str) -> ResponseReturnValue:
    """Make a copy of one call ready."""
    acting, posted = _acting(), request.form
    why = posted.get("why", "").replace("\r\n", "\n")
    try:
        with acting.database.write() as session:
            delivering.make(acting, session, actor(), measure_id, posted.get("call", ""), why)
    except Invalid as fault:
        return _page(measure_id, fault), 422
    flash(gettext("The copy is ready. It can be taken out once."))
    return redirect(url_for("police_copies.show", measure_id=measure_id), 303)


@bp.post("/police-copies/<copy_id>/take")
@needs(Action.POLICE_COPY_TAKE, step_up=True)
def take(copy_id: str) -> ResponseReturnValue:
    """Take a copy out, this once."""
    handed = delivering.take(_acting(), actor(), copy_id)
    package = handed.package
    answer = Response(package.pieces, mimetype="application/zip", headers=attached(handed.name))
    answer.content_length = package.size
    return answer


def _page(measure_id: str, fault: Invalid | None = None) -> str:
    acting = _acting()
    with acting.database.write() as session:
        page = delivering.page(acting, session, actor(), measure_id)
    return render(
        "threat/police_copy.html",
        page.permit.reason,
        page=page,
        measure_id=measure_id,
        days=stores().settings.limits.police_copy_days,
        longest=LONGEST_WHY,
        typed=request.form,
        errors=[(f"why-{request.form.get('call', '')}", sentence(fault))] if fault else None,
        wrong=sentence(fault) if fault else None,
    )
