"""One page and one JSON shape (RFC 9457) for every "no"; refusals are written to the audit here."""

from contextlib import suppress
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from kcc.audit import record
from kcc.errors import N_, AccessDenied, Invalid, KccError
from kcc.web import pages
from kcc.web.i18n import sentence
from kcc.web.identity import optional_actor, stores

log = structlog.get_logger(__name__)

SCIM = "/scim/v2"
SCIM_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

SENTENCES = {
    400: N_("The request could not be understood."),
    401: N_("Sign in first."),
    404: N_("This page does not exist, or is not for you."),
    405: N_("That cannot be done here."),
    413: N_("That is more than kcc accepts at once."),
    416: N_("There is no such part of this recording."),
    429: N_("That was too often. Wait a moment and try again."),
    500: N_("Something went wrong on our side. It has been noted; try again later."),
}

TITLES = {
    400: N_("That did not arrive well"),
    401: N_("Sign in"),
    403: N_("Not from here"),
    404: N_("Not found"),
    405: N_("That cannot be done here"),
    409: N_("That is not possible"),
    410: N_("That has ended"),
    413: N_("Too much at once"),
    422: N_("Something is not right yet"),
    429: N_("Too often"),
    500: N_("Something went wrong"),
    503: N_("Not available just now"),
}

WAITS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""After these the sender may come again, and is told when."""


def install(app: Flask) -> None:
    """Answer every error in one shape."""
    app.register_error_handler(KccError, _known)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _known(error: KccError) -> ResponseReturnValue:
    if isinstance(error, AccessDenied):
        with stores().database.write() as session:
            record.refusal(session, error.refusal, error.rule or "ACC-1")
        return answer(error.status, error.code, sentence(error))
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("unavailable", code=error.code, error=str(error), cause=repr(error.__cause__))
    field = error.field if isinstance(error, Invalid) else None
    # What an identity provider is told stands in its log, for whoever runs it: in one language.
    said = str(error) if to_scim() else sentence(error)
    response = answer(error.status, error.code, said, rule=error.rule, field=field)
    if error.status in WAITS and "seconds" in error.params:
        response.headers["Retry-After"] = str(error.params["seconds"])
    return response


def _csrf(_: CSRFError) -> ResponseReturnValue:
    with suppress(KccError):  # this comes before the door: find out whose menu and language it is
        optional_actor()
    message = N_("This page was open too long or came from elsewhere. Go back, reload it and try again.")
    return answer(400, "csrf", sentence(KccError(message)))


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or 300 <= status < 400:  # a redirect that werkzeug raised
        return error.get_response()
    message = SENTENCES.get(status, SENTENCES[_kind(status)])
    response = answer(status, HTTPStatus(status).name.lower(), sentence(KccError(message)))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _unknown(error: Exception) -> ResponseReturnValue:
    log.exception("unexpected", endpoint=request.endpoint, error=type(error).__name__)
    return answer(500, "error", sentence(KccError(SENTENCES[500])))


def to_scim() -> bool:
    """Whether this request came to the door of identity providers, who have an error shape of their own."""
    return request.path == SCIM or request.path.startswith(f"{SCIM}/")


def wants_json() -> bool:
    """Whether this request comes from a program."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def answer(
    status: int, code: str, detail: str, *, rule: str | None = None, field: str | None = None
) -> Response:
    """The answer to a request that cannot be granted, as page or as problem details."""
    if to_scim():
        said = f"{detail} ({rule})" if rule and rule not in detail else detail
        response = jsonify({"schemas": [SCIM_ERROR], "status": str(status), "detail": said})
        response.content_type = "application/scim+json"
    elif wants_json():
        more = {name: value for name, value in (("rule", rule), ("field", field)) if value}
        response = problem(status, code, detail, **more)
    else:
        g.kcc_in_error = True
        title = TITLES.get(status, TITLES[_kind(status)])
        shown = {"title": gettext(title), "detail": detail, "rule": rule}
        response = Response(pages.render("error.html", error=shown))
    response.status_code = status
    if status == HTTPStatus.UNAUTHORIZED and (to_scim() or request.path.startswith("/api/")):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """Problem details for a program (RFC 9457), with more that it may need."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    response = jsonify(told | {"code": code, "detail": detail} | more)
    response.content_type = "application/problem+json"
    response.status_code = status
    return response


def _kind(status: int) -> int:
    return 400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500
