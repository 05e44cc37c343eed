"""What a page may do in a browser, and how much a form may send; sign-in and rights live elsewhere."""

from http import HTTPStatus
from io import BytesIO
from typing import IO, Any

from flask import Flask, Response, request
from flask.wrappers import Request

LARGEST_FORM = 1024 * 1024
"""Bytes: ten times the largest form there is. Only recorders send more, on the API, as a stream."""


REPORTS = "/browser-reports"
"""Where browsers tell what they refused."""


class InMemory(Request):
    """A request whose files, which no form of ours has, lie in memory and never unencrypted on a disk, and
    whose JSON is bad input also when it is nested too deeply to be read.
    """

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """As Flask's."""
        try:
            return super().get_json(force=force, silent=silent, cache=cache)
        except RecursionError as fault:
            return None if silent else self.on_json_loading_failed(ValueError(str(fault)))

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - the form's limit has been checked
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return BytesIO()


def policy() -> str:
    """The Content-Security-Policy: everything from ourselves, no inline script, media from memory for the
    player; what a browser refuses by it is reported to us.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            f"report-uri {REPORTS}",
            "report-to kcc",
        )
    )


def headers(*, secure: bool) -> dict[str, str]:
    """What every answer says to the browser; `secure` when browsers come over TLS."""
    said = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Reporting-Endpoints": f'kcc="{REPORTS}"',
        "X-Permitted-Cross-Domain-Policies": "none",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    return said | ({"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if secure else {})


def install(app: Flask, *, secure: bool) -> None:
    """Limit every form and set the headers on every answer; `secure` when browsers come over TLS."""
    app.request_class = InMemory

    def limit() -> None:
        if not request.path.startswith("/api/"):
            request.max_content_length = LARGEST_FORM

    # First of all: the check of the form's token already reads the whole body, and anybody may send one.
    app.before_request_funcs.setdefault(None, []).insert(0, limit)

    always = headers(secure=secure)

    @app.after_request
    def say(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy())
        for name, value in always.items():
            response.headers[name] = value
        if request.endpoint != "assets" or response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers["Cache-Control"] = "no-store"
        return response
