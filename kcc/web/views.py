"""Where browsers tell what they refused to do on our pages; the pages themselves are the packages'."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kcc.access.actions import Action
from kcc.wall.rights import Role
from kcc.web import reports
from kcc.web.identity import stores
from kcc.web.routes import needs
from kcc.web.security import REPORTS

bp = Blueprint("browser_reports", __name__)

TYPES = frozenset({"application/csp-report", "application/reports+json"})


@bp.post(REPORTS)
@needs(Action.PUBLIC_VISIT)
def take() -> ResponseReturnValue:
    """Count a browser's reports; it is never told what became of them."""
    request.max_content_length = reports.LARGEST
    body = request.get_data(cache=False)
    if request.mimetype in TYPES and (found := reports.directives(body)):
        with stores().acting(Role.GATE).database.write() as session:
            reports.count(session, found)
    return "", 204
