"""Which machine shows a bearer token: recorders, identity providers; people sign in elsewhere."""

from flask import g, request

from kcc.access.actor import Actor, provisioner, recorder
from kcc.errors import N_, KccError
from kcc.people import tokens
from kcc.people.model import ServiceToken
from kcc.people.tokens import Kind
from kcc.wall.rights import Role
from kcc.web import pace
from kcc.web.identity import stores
from kcc.web.pace import TooOften


class TokenNeeded(KccError):
    """No token, or none that is known; answered alike."""

    status = 401
    code = "token_needed"


def authenticate() -> None:
    """Find the recorder of this request, or raise TokenNeeded."""
    found = _token(Kind.RECORDER)
    if found is None:
        note_stranger()
        raise TokenNeeded(N_("Send the token of a recorder as 'Authorization: Bearer …'."))
    g.kcc_recorder = (recorder(found.id, found.recorder), found.recorder)


def authenticate_provisioner() -> None:
    """Find the identity provider of this request, or raise TokenNeeded."""
    found = _token(Kind.SCIM)
    if found is None:
        note_stranger()
        raise TokenNeeded(N_("Send the token of an identity provider as 'Authorization: Bearer …'."))
    g.kcc_provisioner = provisioner(found.id, found.recorder)


def _token(kind: Kind) -> ServiceToken | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    with stores().acting(Role.INTAKE).database.read() as session:
        return tokens.find(session, token.strip(), kind)


def note_stranger() -> None:
    """Count somebody who showed nothing that is known here; TooOften when their address did so too often.

    Asked only after they were found wanting: nobody with a good token waits because of a neighbour.
    """
    per_minute = stores().settings.server.strangers_per_minute
    _pay("stranger", request.remote_addr or "", per_minute)


def note_delivery(actor: Actor) -> None:
    """Count one delivery of a machine; TooOften when it delivers faster than the settings allow."""
    _pay("recorder", f"{actor.person_id} {actor.name}", stores().settings.server.calls_per_minute)


def _pay(kind: str, asker: str, per_minute: int) -> None:
    seconds = pace.wait(kind, asker, per_minute)
    if seconds:
        sentence = N_("That was too often. Nothing was taken in: send it again in %(seconds)s seconds.")
        raise TooOften(sentence, seconds=seconds)


def service() -> tuple[Actor, str]:
    """The recorder as actor, and the name under which its calls are known."""
    return g.kcc_recorder  # type: ignore[no-any-return]


def identity_provider() -> Actor:
    """The identity provider of this request."""
    return g.kcc_provisioner  # type: ignore[no-any-return]
