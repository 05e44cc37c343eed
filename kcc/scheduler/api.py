"""The figures for a monitoring system, on the loopback or with its token; pages are views."""

from flask import Blueprint, Response

from kcc import status
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.scheduler import metrics
from kcc.wall.rights import Role
from kcc.web.identity import stores
from kcc.web.routes import needs

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
@needs(Action.METRICS_READ)
def show() -> Response:
    """Counts about nobody; read every minute by a machine, it leaves no line."""
    policy.permit(system("metrics"), Action.METRICS_READ, policy.Subject("status"))
    return Response(
        metrics.text(status.gather(stores().acting(Role.FIGURES))), content_type=metrics.CONTENT_TYPE
    )
