"""Several requests of an identity provider at the same moment: nothing is lost, nothing stands twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.people.scim.conftest import GROUP, USER, Provider

HOW_MANY = 4


def at_once(asked: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    """All of these, begun together, each in a thread of its own."""
    barrier = Barrier(len(asked))

    def one(ask: Callable[[], TestResponse]) -> TestResponse:
        barrier.wait()
        return ask()

    with ThreadPoolExecutor(len(asked)) as threads:
        return list(threads.map(one, asked))


@pytest.fixture
def others(idp: Provider) -> list[Provider]:
    """As many connections of the same provider."""
    return [idp.again() for _ in range(HOW_MANY)]


def test_members_that_come_at_once_are_all_in(idp: Provider, others: list[Provider]) -> None:
    """None works out its new state from what another has changed meanwhile."""
    people = [idp.user(str(1010 + n)) for n in range(HOW_MANY)]
    group = idp.group("Team Blue")
    answers = at_once([lambda o=o, p=p: o.add(group, p) for o, p in zip(others, people, strict=True)])  # type: ignore[misc]
    assert [answer.status_code for answer in answers] == [204] * HOW_MANY
    shown: Any = idp.ask("GET", f"/Groups/{group}").json
    assert {member["value"] for member in shown["members"]} == set(people)
    assert [len(idp.held(person)) for person in people] == [1] * HOW_MANY


@pytest.mark.rule("ACC-1")
def test_nobody_comes_into_two_teams_at_once(idp: Provider, others: list[Provider]) -> None:
    person = idp.user("1010")
    groups = [idp.group("Team Red"), idp.group("Team Blue")]
    answers = at_once([lambda o=o, g=g: o.add(g, person) for o, g in zip(others, groups, strict=False)])  # type: ignore[misc]
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert len(idp.held(person)) == 1


def test_one_number_and_one_name_are_given_once(others: list[Provider]) -> None:
    for kind, body in (
        ("Users", {"schemas": [USER], "userName": "1010"}),
        ("Groups", {"schemas": [GROUP], "displayName": "Team Red"}),
    ):
        answers = at_once([lambda o=o, k=kind, b=body: o.ask("POST", f"/{k}", b) for o in others])  # type: ignore[misc]
        assert sorted(answer.status_code for answer in answers) == [201, *[409] * (HOW_MANY - 1)]
