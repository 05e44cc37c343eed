"""The chains of secrets from which draws take their chance; what a draw does with one lives in drawing.

A chain's root lies in the key store under the chain's id; its end is published in the audit log before the
first draw that uses it, so that nobody can choose a secret after seeing a pool (SAM-3).
"""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching import rules
from kcc.coaching.model import SeedChain
from kcc.coaching.turns import alone
from kcc.db import new_id
from kcc.stores import Stores
from kcc.vault.keystore import KeyStore

LENGTH = 10_000
"""Secrets in one chain."""

Place = tuple[str, int]
"""Where a secret stands: the chain's id, and its number from 1."""


def prepare(stores: Stores, needed: int) -> None:
    """See to it that so many secrets can be given out, opening a new chain where none is left.

    Its own transactions: a chain is public before any draw can be committed to it. A chain whose root is lost
    gives out no more.
    """
    _retire_lost(stores)
    with stores.database.read() as session:
        left = session.scalar(select(func.sum(SeedChain.length - SeedChain.used))) or 0
    if left < needed:
        _open(stores)


def take(session: Session, count: int) -> list[Place]:
    """Give out the next secrets, a begun chain first, at most `count`: their places, not the secrets."""
    alone(session, SeedChain)
    places: list[Place] = []
    chains = select(SeedChain).where(SeedChain.used < SeedChain.length)
    for chain in session.scalars(chains.order_by(SeedChain.used.desc(), SeedChain.created_at)):
        taken = min(count - len(places), chain.length - chain.used)
        places += [(chain.id, chain.used + number) for number in range(1, taken + 1)]
        chain.used += taken
    session.flush()
    return places


def ends(session: Session, places: Iterable[Place]) -> dict[str, bytes]:
    """The published end of each chain of these places."""
    query = select(SeedChain.id, SeedChain.published_end).where(SeedChain.id.in_({id_ for id_, _ in places}))
    return {row[0]: row[1] for row in session.execute(query)}


def reveal(session: Session, keys: KeyStore, places: Iterable[Place]) -> dict[Place, bytes]:
    """The secrets at these places, each chain walked once; without those whose chain has lost its root."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for chain_id, number in places:
        wanted[chain_id].append(number)
    roots = keys.get_many(wanted)
    chains = session.execute(select(SeedChain.id, SeedChain.length).where(SeedChain.id.in_(roots)))
    found: dict[Place, bytes] = {}
    for chain_id, length in chains:
        first, last = min(wanted[chain_id]), max(wanted[chain_id])
        secrets = rules.chain_secrets(roots[chain_id], length, first, last - first + 1)
        found |= {(chain_id, number): secrets[number - first] for number in wanted[chain_id]}
    return found


def _open(stores: Stores) -> None:
    chain_id = new_id()
    end = rules.chain_end(stores.keys.create(chain_id), LENGTH)
    permit = policy.permit(system("draw"), Action.DRAW_RUN, Subject("chain", chain_id))
    with stores.database.write() as session:
        record.act(session, permit, step="chain opened", published_end=end.hex(), length=LENGTH)
        session.add(SeedChain(id=chain_id, published_end=end, length=LENGTH, created_at=clock.now()))


def _retire_lost(stores: Stores) -> None:
    usable = select(SeedChain.id).where(SeedChain.used < SeedChain.length)
    with stores.database.read() as session:
        chains = set(session.scalars(usable))
    lost = chains - stores.keys.holds(chains)
    if lost:
        with stores.database.write() as session:
            for chain_id in sorted(lost):
                permit = policy.permit(system("draw"), Action.DRAW_RUN, Subject("chain", chain_id))
                record.act(session, permit, step="chain retired", why="its root is lost")
            session.execute(update(SeedChain).where(SeedChain.id.in_(lost)).values(used=SeedChain.length))
