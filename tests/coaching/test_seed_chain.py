"""Chains of secrets."""

import json

import pytest
from sqlalchemy import select

from kcc.audit.model import AuditLine
from kcc.coaching import rules, seed_chain
from kcc.coaching.model import SeedChain
from kcc.stores import Stores


@pytest.mark.rule("SAM-3")
def test_a_new_chain_is_public_before_it_is_used(stores: Stores) -> None:
    """Its end stands in the audit log; its root only in the key store."""
    seed_chain.prepare(stores, 1)
    with stores.database.read() as session:
        chain = session.scalars(select(SeedChain)).one()
        [body] = session.scalars(select(AuditLine.body)).all()
    assert json.loads(body)["detail"]["published_end"] == chain.published_end.hex()
    root = stores.keys.get(chain.id)
    assert rules.chain_end(root, seed_chain.LENGTH) == chain.published_end
    assert root.hex() not in body


def test_preparing_again_opens_no_second_chain(stores: Stores) -> None:
    """As long as the first has enough."""
    seed_chain.prepare(stores, 50)
    seed_chain.prepare(stores, 50)
    with stores.database.read() as session:
        assert len(session.scalars(select(SeedChain)).all()) == 1


def test_secrets_are_given_out_once_and_in_order(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain that runs out is followed by the next."""
    monkeypatch.setattr(seed_chain, "LENGTH", 5)
    places = []
    for count in (3, 4, 2):
        seed_chain.prepare(stores, count)
        with stores.database.write() as session:
            places += seed_chain.take(session, count)
    assert len(places) == len(set(places)) == 9
    assert [number for _, number in places] == [1, 2, 3, 4, 5, 1, 2, 3, 4]
    with stores.database.read() as session:
        secrets = seed_chain.reveal(session, stores.keys, places)
        ends = {chain.id: chain.published_end for chain in session.scalars(select(SeedChain))}
    for chain, number in places:
        before = secrets[chain, number - 1] if number > 1 else ends[chain]
        assert rules.step(secrets[chain, number]) == before
