"""People of the demo as actors: signed in, by their personnel number; what they do is told elsewhere."""

from collections.abc import Iterable

from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Actor
from kcc.coaching.model import SampledCall
from kcc.people import queries as people
from kcc.people import sessions
from kcc.stores import Stores


def signed_in(stores: Stores, number: str) -> Actor:
    """The person, signed in, and signed out again as far as any browser knows: the secret is thrown away."""
    limits = stores.settings.signin
    with stores.database.write() as session:
        secret = sessions.begin(session, people.by_number(session, number).id)
    with stores.database.read() as session:
        found = sessions.look_up(session, secret, limits)
    if found is None:
        raise LookupError(number)
    return found.actor


def id_of(stores: Stores, number: str) -> str:
    """The id of whoever has a personnel number."""
    with stores.database.read() as session:
        return people.by_number(session, number).id


def drawn(stores: Stores, numbers: Iterable[str]) -> dict[str, list[str]]:
    """This month's drawn calls of some employees by slot, as far as they stand in the sample."""
    month, found = clock.today().replace(day=1), {}
    for number in numbers:
        mine = (SampledCall.employee_id == id_of(stores, number), SampledCall.month == month)
        query = select(SampledCall.id).where(*mine, SampledCall.left_at.is_(None)).order_by(SampledCall.slot)
        with stores.database.read() as session:
            found[number] = list(session.scalars(query))
    return found
