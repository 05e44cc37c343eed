"""The cookie that carries a session's secret; what the secret stands for is kept by kcc.people.sessions."""

from flask import Request, Response

NAME = "kcc"


def named(plain: str, *, secure: bool) -> str:
    """A cookie's name, with `__Host-` where browsers come over TLS: no other host or path can set it then."""
    return f"__Host-{plain}" if secure else plain


def name(*, secure: bool) -> str:
    """The name of the session's cookie."""
    return named(NAME, secure=secure)


def token(request: Request, *, secure: bool) -> str | None:
    """The secret that a request carries, or None."""
    return request.cookies.get(name(secure=secure)) or None


def put(response: Response, secret: str, *, secure: bool) -> None:
    """Give the browser a secret, until it is closed; scripts and other sites' requests do not get at it."""
    response.set_cookie(name(secure=secure), secret, path="/", secure=secure, httponly=True, samesite="Lax")


def drop(response: Response, *, secure: bool) -> None:
    """Take the secret back from the browser."""
    response.delete_cookie(name(secure=secure), path="/", secure=secure, httponly=True, samesite="Lax")
