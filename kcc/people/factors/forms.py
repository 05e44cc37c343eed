"""Adding a second factor as pages do it, at the first sign-in and later: what is offered, what came back."""

from dataclasses import dataclass, field

import segno
from flask import Response, make_response
from flask_babel import gettext

from kcc.access.actor import Actor
from kcc.errors import N_, Invalid
from kcc.people import queries as people
from kcc.people.factors import apps, passkeys, queries, recovery
from kcc.people.factors.apps import Offer
from kcc.people.factors.passkeys import PasskeyRefused, Site
from kcc.stores import Stores
from kcc.web.i18n import sentence
from kcc.web.pages import render

Errors = list[tuple[str, str]]
PHONE, DEVICE = N_("My phone"), N_("This device")
"""What an app and a passkey are called unless their owner says otherwise."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR code as one path of an SVG: `size` squares wide, with the quiet border that scanners need."""

    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An offer as the page shows it."""

    offer: Offer
    picture: Picture


@dataclass(frozen=True, slots=True)
class Adding:
    """Who adds a factor; `bound_to` is their session, whole or half."""

    stores: Stores
    actor: Actor
    bound_to: str

    def offered(self, ticket: str) -> Shown:
        """The offer of the ticket, or a new one."""
        limits, person_id = self.stores.settings.signin, self.actor.person_id
        offer = apps.again(limits, person_id, ticket) or apps.offer(limits, person_id)
        with self.stores.database.read() as session:
            number = people.number_of(session, person_id)
        return Shown(offer, picture(offer.uri(number)))


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of adding: its word, recovery codes if it is the first, or what was wrong."""

    factor: str
    codes: list[str] = field(default_factory=list)
    errors: Errors = field(default_factory=list)


def taken_up(adding: Adding, name: str, code: str, ticket: str, credential: str) -> Taken:
    """Add the passkey that answered, or else the app that shows the code."""
    factor = "passkey" if credential else "totp"
    name = name.strip() or gettext(DEVICE if credential else PHONE)
    try:
        if credential:
            _add_passkey(adding, name, credential)
        else:
            _add_app(adding, name, code, ticket)
    except Invalid as fault:
        field_id = {"ticket": "code", "name": "passkey_name" if credential else "name"}
        return Taken(factor, errors=[(field_id.get(fault.field, fault.field), sentence(fault))])
    except PasskeyRefused as fault:
        return Taken(factor, errors=[("passkey_name", sentence(fault))])
    with adding.stores.database.write() as session:
        person_id = adding.actor.person_id
        first = len(queries.held(session, person_id)) == 1 and not queries.codes_left(session, person_id)
        codes = recovery.renew(session, adding.stores.settings.signin, adding.actor) if first else []
    return Taken(factor, codes)


def codes_page(codes: list[str], *, onward: str, response: Response | None = None) -> Response:
    """The page that shows recovery codes this once; `response` is one whose cookies go with it."""
    page = render("people/recovery_codes.html", codes=codes, onward=onward)
    if response is None:
        return make_response(page)
    response.set_data(page)
    response.status_code = 200
    del response.headers["Location"]
    return response


def picture(text: str) -> Picture:
    """The text as a QR code."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
    squares = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Picture(len(rows), "".join(squares))


def _add_app(adding: Adding, name: str, code: str, ticket: str) -> None:
    with adding.stores.database.write() as session:
        apps.add(session, adding.stores.settings.signin, adding.actor, ticket, name, code)


def _add_passkey(adding: Adding, name: str, credential: str) -> None:
    site = Site.of(adding.stores.settings.server.public_url)
    if site is None:
        raise passkeys.refused()
    passkeys.add(adding.stores, site, adding.actor, credential, name, adding.bound_to)
