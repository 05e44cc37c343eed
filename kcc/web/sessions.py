"""The cookies that carry a session's secret, whole or half; what it stands for is kept by kcc.people."""

from flask import Request, Response

NAME = "kcc"
HALF = "kcc_half"
"""Of a sign-in that waits for its second factor: another cookie, so that none is taken for the other."""


def name(*, secure: bool, of: str = NAME) -> str:
    """`__Host-kcc` where browsers come over TLS, so that no other host or path can set it; else `kcc`."""
    return f"__Host-{of}" if secure else of


def token(request: Request, *, secure: bool, of: str = NAME) -> str | None:
    """The secret that a request carries, or None."""
    return request.cookies.get(name(secure=secure, of=of)) or None


def put(response: Response, secret: str, *, secure: bool, of: str = NAME) -> None:
    """Give the browser a secret, until it is closed; scripts and other sites' requests do not get at it."""
    response.set_cookie(
        name(secure=secure, of=of), secret, path="/", secure=secure, httponly=True, samesite="Lax"
    )


def drop(response: Response, *, secure: bool, of: str = NAME) -> None:
    """Take the secret back from the browser."""
    response.delete_cookie(name(secure=secure, of=of), path="/", secure=secure, httponly=True, samesite="Lax")
