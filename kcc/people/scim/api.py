"""The door of identity providers, SCIM 2.0 at /scim/v2: a token, limits, one transaction a request."""

from functools import cache

from flask import Blueprint, Response, json, request
from flask.typing import ResponseReturnValue
from scim2_models import InvalidFilterException, SCIMException, UniquenessException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService
from sqlalchemy.exc import IntegrityError

from kcc.access.actions import Action
from kcc.people.scim import filters, resources
from kcc.people.scim.storage import Storage
from kcc.wall.rights import Role
from kcc.web.bearer import identity_provider, note_delivery
from kcc.web.errors import SCIM
from kcc.web.identity import stores
from kcc.web.routes import needs

bp = Blueprint("scim", __name__)

LARGEST = 2 * 1024 * 1024
"""Bytes of one request; a group of 10,000 members takes 1.2 MB."""


@bp.route(f"{SCIM}/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@needs(Action.PEOPLE_PROVISION)
def serve(rest: str) -> ResponseReturnValue:
    """Whatever SCIM asks of users, groups and the service itself."""
    provider = identity_provider()
    note_delivery(provider)
    request.max_content_length = LARGEST
    asked = ScimRequest(
        request.method,
        f"{stores().settings.server.public_url}{SCIM}",
        f"/{rest}",
        request.args.to_dict(),
        list(request.headers.items()),
        request.get_data(),
        provider,
    )
    try:
        return _answer(_handled(asked))
    except SCIMException as no:
        return _answer(_service().error_response(no))


def _handled(asked: ScimRequest) -> ScimResponse:
    """What the library says to it; a "no" undoes all that was done on the way."""
    if len(asked.query.get("filter", "")) > filters.LONGEST:
        raise InvalidFilterException(detail=f"A filter has at most {filters.LONGEST} characters")
    try:
        # In the role of kcc itself, where roles are split: nobody is signed in here, and people are written.
        with stores().acting(Role.JOBS).database.write() as session:
            changing = asked.method in ("PUT", "PATCH", "DELETE")
            storage = Storage(session, asked.subject, stores().settings.scim, changing=changing)
            return ScimHandler(_service(), storage).handle(asked)
    except IntegrityError as fault:  # somebody else took the name at the same moment
        raise UniquenessException from fault
    except RecursionError as fault:
        raise InvalidFilterException(detail="This is nested too deeply") from fault


@cache
def _service() -> ScimService:
    return ScimService(resources.provider())


def _answer(response: ScimResponse) -> Response:
    body = b"" if response.body is None else json.dumps(response.body)
    return Response(body, status=int(response.status), headers=response.headers)
