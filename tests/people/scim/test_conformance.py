"""The whole check of scim2-tester, through HTTP: every endpoint, attribute and operation of the standard."""

from typing import Any, ClassVar

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from kcc.access.actor import system
from kcc.people import tokens
from kcc.people.tokens import Kind
from kcc.stores import Stores


class TidyClient(WSGISCIMClient):
    """A client that does not ask again to delete what it deleted: the tester tidies up after every check."""

    deleted: ClassVar[set[str]] = set()

    def delete(self, target: Any = None, id: Any = None, *more: Any, **options: Any) -> Any:  # noqa: A002
        """Delete, once."""
        if id in self.deleted:
            return None
        answer = super().delete(target, id, *more, **options)
        self.deleted.add(id)
        return answer


@pytest.mark.rule("SEC-1")
def test_all_that_the_standard_asks_for_is_green(app: Flask, stores: Stores) -> None:
    """No error, and nothing was skipped."""
    with stores.database.write() as session:
        token = tokens.create(session, system("test"), "idp", Kind.SCIM)
    address = f"{stores.settings.server.public_url}/scim/v2"
    client = TidyClient(app, address, headers={"Authorization": f"Bearer {token}"})
    results = check_server(client)
    wrong = [result for result in results if result.status is not Status.SUCCESS]
    assert [(r.title, r.status, r.reason) for r in wrong] == []
    assert len(results) > 60
