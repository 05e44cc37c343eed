"""The counts of threats and measures a quarter, for who may see no threat: below 5 nothing (AGG-4)."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from kcc.access.actions import Action
from kcc.threat import tallying
from kcc.threat.rules import KINDS, LEAST, MEASURES
from kcc.wall.rights import Role
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("threat_counts", __name__)


@bp.get("/threats/counts")
@needs(Action.THREATS_COUNT)
def show() -> ResponseReturnValue:
    """Closed quarters, the newest first."""
    with stores().acting(Role.JOBS).database.write() as session:
        permit, quarters = tallying.read(session, actor())
    measures = {kind.value: words for kind, words in MEASURES.items()}
    return render(
        "threat/counts.html", permit.reason, quarters=quarters, kinds=KINDS, measures=measures, least=LEAST
    )
