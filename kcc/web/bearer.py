"""Who delivers with a bearer token: recorders on the API; people sign in elsewhere."""

from flask import current_app, g, request

from kcc.access.actor import Actor, recorder
from kcc.errors import N_, KccError
from kcc.people import tokens
from kcc.wall.rights import Role
from kcc.web.identity import stores
from kcc.web.pace import TooOften

PACE = "kcc.pace"


class TokenNeeded(KccError):
    """No token, or none that is known; answered alike."""

    status = 401
    code = "token_needed"


def authenticate() -> None:
    """Find the recorder of this request, or raise TokenNeeded."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer" and token:
        with stores().acting(Role.INTAKE).database.read() as session:
            found = tokens.find(session, token.strip())
    if found is None:
        note_stranger()
        raise TokenNeeded(N_("Send the token of a recorder as 'Authorization: Bearer …'."))
    g.kcc_recorder = (recorder(found.id, found.recorder), found.recorder)


def note_stranger() -> None:
    """Count somebody who showed nothing that is known here; TooOften when their address did so too often.

    Asked only after they were found wanting: nobody with a good token waits because of a neighbour.
    """
    per_minute = stores().settings.server.strangers_per_minute
    _pay("stranger", request.remote_addr or "", per_minute)


def note_delivery(actor: Actor) -> None:
    """Count one delivery of a recorder; TooOften when it delivers faster than the settings allow."""
    _pay("recorder", f"{actor.person_id} {actor.name}", stores().settings.server.calls_per_minute)


def _pay(kind: str, asker: str, per_minute: int) -> None:
    seconds = current_app.extensions[PACE].wait(kind, asker, per_minute)
    if seconds:
        sentence = N_("That was too often. Nothing was taken in: send it again in %(seconds)s seconds.")
        raise TooOften(sentence, seconds=seconds)


def service() -> tuple[Actor, str]:
    """The recorder as actor, and the name under which its calls are known."""
    return g.kcc_recorder  # type: ignore[no-any-return]
