"""Recorders' tokens: shown once, found by digest, revoked at once."""

import pytest
from sqlalchemy import select

from kcc.access.actor import Actor, Function, Post, system
from kcc.errors import AccessDenied, Invalid, NotFound
from kcc.people import tokens
from kcc.people.model import ServiceToken
from kcc.stores import Stores

HOST = system("token create")


def create(stores: Stores, recorder: str = "exchange-1") -> str:
    """A fresh token."""
    with stores.database.write() as session:
        return tokens.create(session, HOST, recorder)


def find(stores: Stores, text: str) -> str | None:
    """The recorder a token stands for."""
    with stores.database.read() as session:
        found = tokens.find(session, text)
        return found.recorder if found else None


def test_a_token_stands_for_its_recorder_and_is_kept_as_a_digest(stores: Stores) -> None:
    """Two tokens of one recorder both work; nothing of the text is in the database."""
    one, two = create(stores), create(stores)
    assert one.startswith("kcc_")
    assert len(one) == 47
    assert one != two
    assert find(stores, one) == find(stores, two) == "exchange-1"
    with stores.database.read() as session:
        assert all(one.encode() not in row.digest for row in session.scalars(select(ServiceToken)))


@pytest.mark.parametrize("text", ["", "kcc_", "kcc_" + "A" * 43, "Bearer x", "kcc_\x00", "é" * 5000])
def test_anything_else_is_no_token(stores: Stores, text: str) -> None:
    """Unknown, empty, nonsense: nobody."""
    create(stores)
    assert find(stores, text) is None


def test_a_revoked_token_stops_at_once_and_only_that_one(stores: Stores) -> None:
    """The recorder's other token goes on; revoking twice changes nothing."""
    one, two = create(stores), create(stores)
    with stores.database.write() as session:
        row = tokens.find(session, one)
        assert row is not None
        tokens.revoke(session, HOST, row.id)
        when = row.revoked_at
        tokens.revoke(session, HOST, row.id)
        assert row.revoked_at == when
    assert find(stores, one) is None
    assert find(stores, two) == "exchange-1"


def test_revoking_what_is_not_there_is_not_found(stores: Stores) -> None:
    """No such token."""
    with pytest.raises(NotFound), stores.database.write() as session:
        tokens.revoke(session, HOST, "0" * 32)


@pytest.mark.parametrize("name", ["", "a/b", "x" * 65, "-x", "a\x00", "a b"])
def test_a_recorder_has_a_plain_name(stores: Stores, name: str) -> None:
    """Its name becomes part of every call's identity."""
    with pytest.raises(Invalid) as raised:
        create(stores, name)
    assert raised.value.field == "recorder"


@pytest.mark.rule("ACC-1")
@pytest.mark.parametrize("function", sorted(set(Function) - {Function.SYSTEM}))
def test_only_the_host_makes_tokens(stores: Stores, function: Function) -> None:
    """No person and no recorder makes or revokes one."""
    who = Actor("x", "X", frozenset({Post(function, "t", "d")}))
    with pytest.raises(AccessDenied), stores.database.write() as session:
        tokens.create(session, who, "exchange-1")
    with pytest.raises(AccessDenied), stores.database.write() as session:
        tokens.revoke(session, who, "0" * 32)
