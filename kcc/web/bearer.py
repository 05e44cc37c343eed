"""Who delivers with a bearer token: recorders on the API; people sign in elsewhere."""

from flask import g, request

from kcc.access.actor import Actor, recorder
from kcc.errors import N_, KccError
from kcc.people import tokens
from kcc.web.identity import stores


class TokenNeeded(KccError):
    """No token, or none that is known; answered alike."""

    status = 401
    code = "token_needed"


def authenticate() -> None:
    """Find the recorder of this request, or raise TokenNeeded."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer" and token:
        with stores().database.read() as session:
            found = tokens.find(session, token.strip())
    if found is None:
        raise TokenNeeded(N_("Send the token of a recorder as 'Authorization: Bearer …'."))
    g.kcc_recorder = (recorder(found.id, found.recorder), found.recorder)


def service() -> tuple[Actor, str]:
    """The recorder as actor, and the name under which its calls are known."""
    return g.kcc_recorder  # type: ignore[no-any-return]
